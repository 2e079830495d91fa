import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import type { FileFacts } from '../../detector.ts';
import { npmHiddenLockfile, npmPackages } from './detector.ts';
import { MAX_LOCKFILE_BYTES } from './hidden-lockfile.ts';
import { MAX_PACKAGE_JSON_BYTES } from './package-json.ts';

const PATH = 'srv/app/node_modules/a/package.json';

function read(content: unknown, path = PATH): FileFacts {
  return npmPackages.read(path, Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
}

function listed({ features = [] }: FileFacts): readonly string[] {
  return features.map(({ feature, path }) => `${feature.type} ${feature.name} ${feature.version} at ${path}`);
}

describe('an installed package', () => {
  it.each<[what: string, content: unknown, path: string, expected: string]>([
    ['has the name and version of its file', { name: 'a', version: '1.2.3' }, PATH, 'npm a 1.2.3'],
    [
      'has the name of its file under an alias',
      { name: 'lodash', version: '4.17.20' },
      'app/node_modules/alias-of-lodash/package.json',
      'npm lodash 4.17.20',
    ],
    ['keeps its scope', { name: '@a/b', version: '1.0.0' }, 'node_modules/@a/b/package.json', 'npm @a/b 1.0.0'],
    ['keeps the case of its name', { name: 'JSONStream', version: '1.3.5' }, PATH, 'npm JSONStream 1.3.5'],
    ['keeps its version as written', { name: 'a', version: 'v1.0' }, PATH, 'npm a v1.0'],
    ['may be private', { name: 'a', version: '1.0.0', private: true }, PATH, 'npm a 1.0.0'],
    [
      'may be a library for extensions, such as vscode-languageclient',
      { name: 'vscode-languageclient', version: '9.0.1', engines: { vscode: '^1.82.0' } },
      PATH,
      'npm vscode-languageclient 9.0.1',
    ],
    ['may have engines in the form of npm 0', { name: 'a', version: '1.0.0', engines: ['node'] }, PATH, 'npm a 1.0.0'],
    ['may have a byte order mark', '\ufeff{"name":"a","version":"1.0.0"}', PATH, 'npm a 1.0.0'],
  ])('%s', (_, content, path, expected) => {
    const facts = read(content, path);
    expect([listed(facts), facts.diagnostics]).toEqual([[`${expected} at ${path}`], []]);
  });

  it.each<[what: string, content: unknown, path?: string]>([
    ['without a version', { name: 'a' }],
    ['with an empty version', { name: 'a', version: '' }],
    ['without a name', { version: '1.0.0' }],
    ['of an entry point', { name: 'rxjs/ajax', version: '1.0.0' }, 'app/node_modules/rxjs/ajax/package.json'],
    [
      'in the tests of a package',
      { name: 'a', version: '1.0.0' },
      'node_modules/resolve/test/node_modules/a/package.json',
    ],
    ['that is invalid in the tests of a package', '{', 'node_modules/resolve/test/package.json'],
    ['that is empty in a project', '', 'srv/app/package.json'],
    ['of a project', { name: 'a', version: '1.0.0' }, 'srv/app/package.json'],
    ['of an extension of VS Code', { name: 'git', version: '1.0.0', engines: { vscode: '*' }, contributes: {} }],
    [
      'of an extension without contributions',
      { name: 'a', version: '1.0.0', engines: { vscode: '*' }, activationEvents: [] },
    ],
    ['of a Unity package', { name: 'com.unity.a', version: '1.0.0', unity: '2019.4' }],
  ])('is not a package.json %s', (_, content, path = PATH) => {
    expect(listed(read(content, path))).toEqual([]);
    expect(read(content, path).diagnostics).toEqual([]);
  });

  it.each<[what: string, content: string | Buffer, why: string]>([
    ['an empty file', '', 'it is empty'],
    ['half a file', '{"name":"a","ver', 'it is not JSON'],
    ['a list', '[]', 'it is not a JSON object'],
    ['a number as version', '{"name":"a","version":1}', 'it has a version that is not text'],
    ['a list as name', '{"name":["a"],"version":"1"}', 'it has a name that is not text'],
    ['a NUL in the name', '{"name":"a\\u0000","version":"1"}', 'it has a name with unprintable characters'],
    ['an escape sequence', '{"name":"a","version":"\\u001b[2J"}', 'it has a version with unprintable characters'],
    ['reversed text', '{"name":"a\\u202eb","version":"1"}', 'it has a name with unprintable characters'],
    ['a long name', `{"name":"${'a'.repeat(1025)}","version":"1"}`, 'it has a name of more than 1024 bytes'],
    [
      'a large file',
      Buffer.alloc(MAX_PACKAGE_JSON_BYTES + 1, 0x20),
      `it is larger than ${MAX_PACKAGE_JSON_BYTES} bytes`,
    ],
  ])('with %s is reported', (_, content, why) => {
    const message = `"${PATH}" is not a valid package.json: ${why}`;
    expect(npmPackages.read(PATH, Buffer.from(content))).toEqual({
      diagnostics: [{ code: 'library-unreadable', message, where: PATH }],
    });
  });
});

const LOCKFILE = 'srv/app/node_modules/.package-lock.json';

function marks(packages: Readonly<Record<string, object>>, path = LOCKFILE): readonly string[] {
  const facts = npmHiddenLockfile.read(path, Buffer.from(JSON.stringify({ lockfileVersion: 3, packages })));
  expect(facts.diagnostics).toEqual([]);
  return (facts.marks ?? []).map((mark) => `${mark.flags?.join(' ')} ${mark.path}`);
}

describe("npm's list of installed packages", () => {
  it('marks development packages', () => {
    expect(
      marks({
        'node_modules/a': { version: '1.0.0', dev: true },
        'node_modules/b': { version: '1.0.0' },
        'node_modules/a/node_modules/@c/d': { version: '1.0.0', dev: true, optional: true },
        'packages/web/node_modules/e': { version: '1.0.0', dev: true },
      }),
    ).toEqual([
      'dev srv/app/node_modules/a/package.json',
      'dev srv/app/node_modules/a/node_modules/@c/d/package.json',
      'dev srv/app/packages/web/node_modules/e/package.json',
    ]);
  });

  it('does not mark a package that is optional for the application and needed for development', () => {
    expect(marks({ 'node_modules/a': { version: '1.0.0', devOptional: true } })).toEqual([]);
  });

  it('does not mark links to packages of the project', () => {
    expect(
      marks({
        'node_modules/web': { resolved: 'packages/web', link: true, dev: true },
        'packages/web': { version: '1.0.0', dev: true },
        '../shared/node_modules/a': { version: '1.0.0', dev: true },
        'node_modules/./a': { version: '1.0.0', dev: true },
      }),
    ).toEqual([]);
  });

  it('marks packages that another package ships, but not packages that the project bundles when published', () => {
    expect(
      marks({
        'node_modules/npm': { version: '10.8.2', bundleDependencies: ['abbrev'] },
        'node_modules/npm/node_modules/abbrev': { version: '2.0.0', inBundle: true },
        'node_modules/npm/node_modules/a/node_modules/b': { version: '2.0.0', inBundle: true, dev: true },
        'node_modules/own': { version: '1.0.0', inBundle: true },
        'node_modules/own/node_modules/c': { version: '1.0.0', inBundle: true },
      }),
    ).toEqual([
      'bundled srv/app/node_modules/npm/node_modules/abbrev/package.json',
      'dev bundled srv/app/node_modules/npm/node_modules/a/node_modules/b/package.json',
    ]);
  });

  it('applies to a project in the root', () => {
    expect(marks({ 'node_modules/a': { dev: true } }, 'node_modules/.package-lock.json')).toEqual([
      'dev node_modules/a/package.json',
    ]);
  });

  it.each<[what: string, path: string]>([
    ['below the tests of a package', 'node_modules/a/test/node_modules/.package-lock.json'],
    ['in a project instead of its node_modules', 'srv/app/.package-lock.json'],
  ])('is not a file %s', (_, path) => {
    expect(npmHiddenLockfile.read(path, Buffer.from('{'))).toEqual({ diagnostics: [] });
  });

  it.each<[what: string, content: string | Buffer, why: string]>([
    ['invalid', '{"packages":', 'it is not JSON'],
    ['without packages', '{}', 'it has no object `packages`'],
    ['with a list', '{"packages":[]}', 'it has no object `packages`'],
    ['too large', Buffer.alloc(MAX_LOCKFILE_BYTES + 1, 0x20), `it is larger than ${MAX_LOCKFILE_BYTES} bytes`],
  ])('is reported when %s', (_, content, why) => {
    const message = `"${LOCKFILE}" is not a valid list of installed packages: ${why}`;
    expect(npmHiddenLockfile.read(LOCKFILE, Buffer.from(content))).toEqual({
      diagnostics: [{ code: 'package-flags-unreadable', message, where: LOCKFILE }],
    });
  });
});

describe('mutated files', () => {
  const SEEDS: readonly string[] = [
    '{"name":"@a/b","version":"1.0.0","engines":{"vscode":"*"},"unity":1,"contributes":null}',
    '{"packages":{"node_modules/a":{"version":"1.0.0","dev":true,"inBundle":true,"link":false}}}',
  ];
  const mutated = fc
    .tuple(fc.constantFrom(...SEEDS), fc.nat(), fc.nat(20), fc.uint8Array({ maxLength: 8 }))
    .map(([seed, at, removed, added]) => {
      const start = at % seed.length;
      return Buffer.concat([Buffer.from(seed.slice(0, start)), added, Buffer.from(seed.slice(start + removed))]);
    });

  it('yield packages, marks or diagnostics, never an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          mutated,
          fc.json().map((text) => Buffer.from(text)),
          fc.uint8Array(),
        ),
        (bytes) => {
          const manifest = npmPackages.read(PATH, bytes);
          const isJson = ((): boolean => {
            try {
              return typeof JSON.parse(Buffer.from(bytes).toString()) === 'object';
            } catch {
              return false;
            }
          })();
          expect((manifest.features ?? []).length + manifest.diagnostics.length).toBeLessThanOrEqual(1);
          expect(manifest.diagnostics.length).toBeGreaterThanOrEqual(isJson ? 0 : 1);
          const list = npmHiddenLockfile.read(LOCKFILE, bytes);
          expect(list.diagnostics.length).toBeGreaterThanOrEqual(isJson ? 0 : 1);
        },
      ),
      { numRuns: runCount(2000, 160) },
    );
  });
});
