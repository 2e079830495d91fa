/** Tests names, versions and paths of an image that are too long for an index of a database. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inChunks, type Member, pax, tarOf } from '../bytes/testing/tar-builder.ts';
import type { Store } from '../database/contracts/store.ts';
import { openStore } from '../database/open-store.ts';
import { orderedAdvisories } from '../database/queries/vulnerabilities/advisory-order.ts';
import { ENGINES } from '../database/testing/stores.ts';
import { digestOfHex } from '../model/digest.ts';
import type { Advisory, AffectedPackage } from '../model/advisories/advisory.ts';
import type { Layer } from '../model/layer.ts';
import { withoutLongNames } from '../updater/advisories/long-names.ts';
import { DETECTORS } from './detectors/index.ts';
import { elfFile } from './detectors/libraries/executables/testing/elf-file.ts';
import { inlineInformation, linesOf } from './detectors/libraries/golang/testing/build-information.ts';
import { functionTable } from './detectors/libraries/golang/testing/function-table.ts';
import type { ImageSource } from './sources/image-source.ts';
import { createLocalWorker } from './testing/local-worker.ts';

/** Returns text that no engine can compress, with `range` different characters from the code point `from`. */
function longText(length: number, from = 0x4e_00, range = 20_000): string {
  return Array.from({ length }, (_, at) => {
    const [byte = 0, other = 0] = createHash('sha256').update(`${at}`).digest();
    return String.fromCodePoint(from + ((byte * 256 + other) % range));
  }).join('');
}

/** Returns a path of `bytes` bytes in a directory, with names of 200 bytes. */
function longPath(bytes: number, end: string): string {
  const letters = longText(bytes - end.length, 0x61, 26);
  return `${letters.replaceAll(/.{199}(?=.)/g, '$&/').slice(0, bytes - end.length)}${end}`;
}

function file(path: string, content: string | Buffer): (Member | Buffer)[] {
  return path.length <= 100 ? [{ name: path, content }] : [pax({ path }), { name: 'long', content }];
}

function hardLink(path: string, target: string): (Member | Buffer)[] {
  return [pax({ path, linkpath: target }), { name: 'long', type: '1', link: 'long' }];
}

function npm(name: string): string {
  return JSON.stringify({ name, version: '1.0.0' });
}

function gemspec(version: string): string {
  return `# -*- encoding: utf-8 -*-\nGem::Specification.new do |s|\n  s.name = "a".freeze\n  s.version = "${version}"\nend\n`;
}

const PACKAGE = '/node_modules/a/package.json';

describe.each(ENGINES)('an image with long texts, on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => await store.close());

  function imageOf(layers: readonly (readonly (Member | Buffer)[])[], reference: string): ImageSource {
    const sources = layers.map((members, at) => {
      const tar = tarOf(...members);
      const diffId = digestOfHex(createHash('sha256').update(tar).digest('hex'));
      const source = { where: `layer ${at}`, diffId, open: async () => inChunks(tar) };
      return { source, digest: diffId, diffId, createdBy: '' };
    });
    const digest = digestOfHex(createHash('sha256').update(JSON.stringify(sources)).digest('hex'));
    const named = { kind: 'oci', reference, target: 'oci:/test', digest, platform: 'linux/amd64' } as const;
    return { ...named, layers: sources, close: async () => {} };
  }

  /** Returns the installed features of the topmost layer as `NAME at PATH`, and its diagnostics. */
  async function scanned(...layers: readonly (readonly (Member | Buffer)[])[]): Promise<{
    readonly features: readonly string[];
    readonly diagnostics: Layer['diagnostics'];
  }> {
    const stored = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(imageOf(layers, 'test'));
    const top = stored.at(-1);
    const features = top === undefined ? [] : await store.layers.features(top.id);
    return {
      features: features.map(({ feature, path }) => `${feature.name} at ${path}`),
      diagnostics: (top?.diagnostics ?? []).filter(({ code }) => code !== 'distribution-absent'),
    };
  }

  const skipped = (message: RegExp) => [{ code: 'library-unreadable', message: expect.stringMatching(message) }];

  it('lists packages at paths of up to 1,024 bytes', async () => {
    const path = longPath(1024, PACKAGE);
    const { features, diagnostics } = await scanned(file(path, npm('a')));
    expect(features).toEqual([`a at ${path}`]);
    expect(diagnostics).toEqual([]);
  });

  it.each<[string, readonly (readonly (Member | Buffer)[])[], RegExp]>([
    [
      'a file',
      [file(longPath(1025, PACKAGE), npm('b'))],
      /^1 package was skipped in ".*": a path, name or version is longer than 1024 bytes$/,
    ],
    ['a file', [file(longPath(4000, PACKAGE), npm('b'))], /^1 package was skipped in /],
    [
      'a hard link',
      [[...file(`x${PACKAGE}`, npm('b')), ...hardLink(longPath(4000, PACKAGE), `x${PACKAGE}`)]],
      /^1 package was skipped in /,
    ],
    [
      'a hard link to a layer below',
      [file(`x${PACKAGE}`, npm('b')), hardLink(longPath(4000, PACKAGE), `x${PACKAGE}`)],
      /was not read: its path is longer than 1024 bytes$/,
    ],
  ])('reports packages at longer paths: %s', async (__, layers, message) => {
    const [first = [], ...others] = layers;
    const { features, diagnostics } = await scanned([...file(`y${PACKAGE}`, npm('a')), ...first], ...others);
    expect(features).toContain(`a at y${PACKAGE}`);
    expect(features.filter((each) => each.length > 1024)).toEqual([]);
    expect(diagnostics).toMatchObject(skipped(message));
  });

  it('reports programs at long paths', async () => {
    const lines = linesOf('path example.com/app', 'dep example.org/one v1.0.0 h1:x=');
    const program = elfFile([
      { name: '.gopclntab', content: functionTable(['runtime.main', 'example.org/one.A']) },
      { name: '.go.buildinfo', content: inlineInformation('go1.24.4', lines) },
    ]);
    const { features, diagnostics } = await scanned([
      ...file('bin/app', program),
      ...file(longPath(4000, '/app'), program),
    ]);
    expect(features).toEqual(['example.org/one at bin/app', 'stdlib at bin/app']);
    expect(diagnostics).toMatchObject(skipped(/^2 packages were skipped in /));
  });

  it('reports long names of packages of a distribution', async () => {
    const stanza = (name: string, source: string) =>
      `Package: ${name}\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nSource: ${source}\n`;
    const long = longText(1000);
    const status = [stanza('a', 'a'), stanza(long, 'a'), stanza('b', long)].join('\n');
    const { features, diagnostics } = await scanned([
      ...file('etc/os-release', 'ID=debian\nVERSION_ID=13\n'),
      ...file('var/lib/dpkg/status', status),
    ]);
    expect(features).toEqual(['a at ']);
    expect(diagnostics).toMatchObject([
      {
        code: 'package-entry-unreadable',
        message: expect.stringMatching(/^2 packages were skipped in .*: a name or version is longer than/),
      },
    ]);
  });

  it('lists packages with long versions without comparing them', async () => {
    const version = `1-${longText(1000, 0x61, 26).replaceAll(/../g, '-$&')}`.slice(0, 1000);
    const { features, diagnostics } = await scanned(
      file('usr/lib/ruby/gems/3.3.0/specifications/a-1.gemspec', gemspec(version)),
    );
    expect(features).toHaveLength(1);
    expect(diagnostics).toMatchObject([{ code: 'package-version-invalid' }]);
  });

  it('lists packages of a release with a long name without matching them', async () => {
    const { features, diagnostics } = await scanned([
      ...file('etc/os-release', `ID=strange\nVERSION_ID=${longText(4000)}\n`),
      ...file('var/lib/dpkg/status', 'Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n'),
    ]);
    expect(features).toEqual(['a at ']);
    expect(diagnostics).toMatchObject([{ code: 'release-file-unreadable' }]);
  });
});

it.each(ENGINES)('an advisory with the longest texts is stored on %s', async (_, options) => {
  const store = await openStore(options());
  const affected: AffectedPackage = {
    namespace: 'debian:12',
    package: longText(341),
    introduced: `1${longText(1000, 0x61, 26)}`,
    fixed: `2${longText(1000, 0x61, 26)}`,
    severity: 'High',
    status: 'open',
    module: longText(127),
  };
  const recordDiagnostics = { count: 0, skipped: 0, examples: [] };
  const advisory: Advisory = { id: 'A-1', link: '', description: '', affected: [affected] };
  expect(withoutLongNames(advisory, recordDiagnostics)).toBe(advisory);
  const state = { etag: null, lastModified: null, recordDiagnostics, at: 0 };
  const advisories = orderedAdvisories([advisory]);
  await store.vulnerabilities.update({ feed: 'debian', scheme: 'dpkg', fetcherVersion: 1, advisories, ...state });
  expect(await store.vulnerabilities.find('A-1')).toMatchObject([{ affected: [affected] }]);
  await store.close();
});
