import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import type { FileFacts } from '../../detector.ts';
import { composerPackages } from './detector.ts';
import { MAX_INSTALLED_BYTES } from './installed-json.ts';

const PATH = 'srv/app/vendor/composer/installed.json';

function read(content: unknown, path = PATH): FileFacts {
  return composerPackages.read(path, Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
}

function listed({ features = [] }: FileFacts): readonly string[] {
  return features.map(({ feature, path }) => {
    const flags = 'flags' in feature ? ` (${feature.flags?.join(' ')})` : '';
    return `${feature.type} ${feature.name} ${feature.version}${flags} at ${path}`;
  });
}

/** The fields that Composer 2.8 writes, in its order. */
const GENERATION_2 = `{
    "packages": [
        {
            "name": "monolog/monolog",
            "version": "3.6.0",
            "version_normalized": "3.6.0.0",
            "source": { "type": "git", "url": "https://github.com/Seldaek/monolog.git", "reference": "4b18b21a5527a3d5ffdac2fd35d3ab25a9597654" },
            "dist": { "type": "zip", "url": "https://api.github.com/repos/Seldaek/monolog/zipball/4b18b21a", "reference": "4b18b21a5527a3d5ffdac2fd35d3ab25a9597654", "shasum": "" },
            "require": { "php": ">=8.1", "psr/log": "^2.0 || ^3.0" },
            "provide": { "psr/log-implementation": "3.0.0" },
            "time": "2024-04-12T21:02:21+00:00",
            "type": "library",
            "extra": { "branch-alias": { "dev-main": "3.x-dev" } },
            "installation-source": "dist",
            "autoload": { "psr-4": { "Monolog\\\\": "src/Monolog" } },
            "license": ["MIT"],
            "install-path": "../monolog/monolog"
        },
        {
            "name": "Symfony/Console",
            "version": "v6.4.7",
            "version_normalized": "6.4.7.0",
            "type": "library",
            "install-path": "../symfony/console"
        },
        {
            "name": "acme/tools",
            "version": "dev-main",
            "version_normalized": "dev-main",
            "type": "library",
            "install-path": "../acme/tools"
        },
        {
            "name": "drupal/core-recommended",
            "version": "10.2.5",
            "version_normalized": "10.2.5.0",
            "type": "metapackage",
            "install-path": null
        }
    ],
    "dev": true,
    "dev-package-names": ["symfony/console"]
}`;

const GENERATION_1 = `[
    {
        "name": "psr/log",
        "version": "1.1.4",
        "version_normalized": "1.1.4.0",
        "time": "2021-05-03T11:20:27+00:00",
        "type": "library",
        "installation-source": "dist"
    },
    {
        "name": "pear-pear.php.net/Archive_Tar",
        "version": "1.4.14",
        "version_normalized": "1.4.14.0",
        "type": "pear-library"
    }
]`;

describe("Composer's list of installed packages", () => {
  it('of Composer 2 has versions as written, branches, and packages for development', () => {
    const facts = read(GENERATION_2);
    expect(listed(facts)).toEqual([
      `composer monolog/monolog 3.6.0 at ${PATH}`,
      `composer symfony/console v6.4.7 (dev) at ${PATH}`,
      `composer acme/tools dev-main at ${PATH}`,
      `composer drupal/core-recommended 10.2.5 at ${PATH}`,
    ]);
    expect(facts.diagnostics).toEqual([]);
  });

  it('of Composer 1 is a list without packages for development', () => {
    const facts = read(GENERATION_1);
    expect(listed(facts)).toEqual([
      `composer psr/log 1.1.4 at ${PATH}`,
      `composer pear-pear.php.net/archive_tar 1.4.14 at ${PATH}`,
    ]);
    expect(facts.diagnostics).toEqual([]);
  });

  it.each<[what: string, content: unknown, names: readonly string[]]>([
    ['an empty list', [], []],
    ['an empty object', {}, []],
    ['no packages', { packages: [], dev: false, 'dev-package-names': [] }, []],
    ['an object of packages', { 'a/a': { name: 'a/a', version: '1' } }, ['a/a']],
    ['packages by key', { packages: { 7: { name: 'a/a', version: '1' } } }, ['a/a']],
    [
      'development names in another case',
      { packages: [{ name: 'A/a', version: '1' }], 'dev-package-names': ['a/A'] },
      ['a/a'],
    ],
    [
      'a package twice',
      [
        { name: 'a/a', version: '1' },
        { name: 'A/A', version: '1' },
      ],
      ['a/a'],
    ],
  ])('may hold %s', (_, content, names) => {
    const facts = read(content);
    expect([facts.features?.map(({ feature }) => feature.name), facts.diagnostics]).toEqual([names, []]);
  });

  it('may mark a package in another case as for development', () => {
    expect(listed(read({ packages: [{ name: 'A/a', version: '1' }], 'dev-package-names': ['a/A'] }))).toEqual([
      `composer a/a 1 (dev) at ${PATH}`,
    ]);
  });

  it('keeps the valid entries beside invalid entries, which are reported', () => {
    const facts = read([
      { name: 'a/a', version: '1' },
      { name: 'b/b' },
      null,
      { name: 'c/c', version: 3 },
      { name: 'd/d\u0000', version: '1' },
    ]);
    expect(listed(facts)).toEqual([`composer a/a 1 at ${PATH}`]);
    expect(facts.diagnostics.map(({ message, where }) => `${where}: ${message}`)).toEqual([
      `${PATH}:2: 1 entry was skipped: an entry has no version`,
      `${PATH}:3: 1 entry was skipped: an entry has no name`,
      `${PATH}:4: 1 entry was skipped: an entry has a version that is not text`,
      `${PATH}:5: 1 entry was skipped: an entry has a name with unprintable characters`,
    ]);
    expect(new Set(facts.diagnostics.map(({ code }) => code))).toEqual(new Set(['package-entry-unreadable']));
  });

  it.each<[what: string, content: string | Buffer, why: string]>([
    ['empty', '', 'it is empty'],
    ['cut', '{"packages":[{"name":"a/a"', 'it is not JSON'],
    ['without a list', '{"packages":"a/a"}', 'its packages are neither an array nor an object'],
    ['null', 'null', 'its packages are neither an array nor an object'],
    ['too large', Buffer.alloc(MAX_INSTALLED_BYTES + 1, 0x20), `it is larger than ${MAX_INSTALLED_BYTES} bytes`],
  ])('is reported when %s', (_, content, why) => {
    const message = `"${PATH}" is not a valid list of Composer packages: ${why}`;
    expect(composerPackages.read(PATH, Buffer.from(content))).toEqual({
      diagnostics: [{ code: 'package-database-unreadable', message, where: PATH }],
    });
  });
});

describe('the path of the list', () => {
  const LIST = [{ name: 'a/a', version: '1' }];

  it.each<[what: string, path: string, flags: string]>([
    ['in the root', 'vendor/composer/installed.json', ''],
    ['of a global project', 'root/.config/composer/vendor/composer/installed.json', ''],
    ['of a project in a directory vendor', 'srv/vendor/app/vendor/composer/installed.json', ''],
    ['shipped in a package', 'app/vendor/acme/phar/vendor/composer/installed.json', ' (bundled)'],
    ['shipped deeper in a package', 'app/vendor/acme/phar/build/vendor/composer/installed.json', ' (bundled)'],
  ])('counts %s', (_, path, flags) => {
    expect(listed(read(LIST, path))).toEqual([`composer a/a 1${flags} at ${path}`]);
  });

  it.each<[what: string, path: string, flags: string]>([
    ['3rdparty, as in Nextcloud', 'var/www/html/3rdparty/composer/installed.json', ''],
    ['lib/composer, as in ownCloud', 'owncloud/lib/composer/composer/installed.json', ''],
    ['that is the root', 'composer/installed.json', ''],
    ['in a package', 'app/vendor/acme/phar/deps/composer/installed.json', ' (bundled)'],
  ])('can be in another vendor-dir: %s', (_, path, flags) => {
    const written = [{ name: 'a/a', version: '1', version_normalized: '1.0.0.0' }];
    expect(listed(read(written, path))).toEqual([`composer a/a 1${flags} at ${path}`]);
    expect(read([...written, ...LIST], path)).toEqual({ diagnostics: [] });
    expect(read('{', path)).toEqual({ diagnostics: [] });
  });

  it.each<[what: string, path: string]>([
    ['elsewhere', 'app/installed.json'],
    ['in a directory composer without vendor', 'app/composer/installed.json'],
    ['in a directory whose name ends in vendor', 'app/my-vendor/composer/installed.json'],
    ["in Composer's tests", 'app/vendor/composer/composer/tests/Fixtures/a/vendor/composer/installed.json'],
    ['in the fixtures of a package', 'app/vendor/a/b/Fixtures/vendor/composer/installed.json'],
  ])('does not count %s', (_, path) => {
    expect(read(LIST, path)).toEqual({ diagnostics: [] });
    expect(read('{', path)).toEqual({ diagnostics: [] });
  });
});

it('yields packages or diagnostics for mutated files, never an exception', () => {
  const mutated = fc
    .tuple(fc.constantFrom(GENERATION_1, GENERATION_2), fc.nat(), fc.nat(40), fc.uint8Array({ maxLength: 8 }))
    .map(([seed, at, removed, added]) => {
      const start = at % seed.length;
      return Buffer.concat([Buffer.from(seed.slice(0, start)), added, Buffer.from(seed.slice(start + removed))]);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ minLength: 3 })), (bytes) => {
      const { features = [], diagnostics } = composerPackages.read(PATH, bytes);
      // Without features and diagnostics, the mutated file would have to be valid JSON without packages, and no
      // mutation of 40 bytes produces such a file.
      expect(features.length + diagnostics.length).toBeGreaterThan(0);
    }),
    { numRuns: runCount(2000, 160) },
  );
});
