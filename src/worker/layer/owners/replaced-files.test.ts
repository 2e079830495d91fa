/**
 * Tests which libraries a package still owns after upper layers changed its files, on the overlaid layers, with all
 * detectors.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Member } from '../../../bytes/testing/tar-builder.ts';
import type { Store } from '../../../database/contracts/store.ts';
import { memoryStore } from '../../../database/testing/memory-store.ts';
import { inlineInformation, linesOf } from '../../detectors/libraries/golang/testing/build-information.ts';
import { elfFile } from '../../detectors/libraries/executables/testing/elf-file.ts';
import { DETECTORS } from '../../detectors/index.ts';
import { file, gone, hard, layeredImage, link } from '../../testing/layered-image.ts';
import { createLocalWorker } from '../../testing/local-worker.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(async () => await store.close());

/**
 * Returns `NAME VERSION by OWNER` for each library of the image, except Go's standard library; `judgedBy` is set only
 * for a library with an owner.
 */
async function librariesOf(...layers: readonly (readonly Member[])[]): Promise<readonly string[]> {
  const stored = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(layeredImage(...layers));
  const installed = await store.layers.features(stored.at(-1)?.id ?? 0);
  const libraries = installed.filter(({ path, feature }) => path !== '' && feature.name !== 'stdlib');
  return libraries
    .map(({ feature, owner, judgedBy }) => {
      const by = owner?.feature.name ?? (judgedBy === undefined ? 'nobody' : 'a package');
      if ((by === 'nobody') !== (judgedBy === undefined)) throw new Error(`${by} is not the judge`);
      return `${feature.name} ${feature.version} by ${by}`;
    })
    .toSorted();
}

const SITE = 'usr/lib/python3/dist-packages';
const METADATA = `${SITE}/x-1.dist-info/METADATA`;
const TOOL = 'usr/bin/tool';

/** Returns a Go program with modules given as `NAME VERSION`. */
function program(...modules: readonly string[]): Buffer {
  const lines = linesOf('path example.com/tool', ...modules.map((module) => `dep example.org/${module} h1:x=`));
  return elfFile([{ name: '.go.buildinfo', content: inlineInformation('go1.24.4', lines) }]);
}

function status(...packages: readonly string[]): Member {
  const stanzas = packages.map((written) => {
    const [name = '', version = '1', source = name] = written.split(' ');
    const fields = [`Package: ${name}`, 'Status: install ok installed', `Version: ${version}`, `Source: ${source}`];
    return `${[...fields, 'Architecture: amd64'].join('\n')}\n`;
  });
  return file('var/lib/dpkg/status', stanzas.join('\n'));
}

const list = (name: string, ...paths: readonly string[]): Member =>
  file(`var/lib/dpkg/info/${name}.list`, ['/.', ...paths].map((path) => `${path}\n`).join(''));
const metadata = (version = '1', path = METADATA, more = ''): Member =>
  file(path, `Metadata-Version: 2.1\nName: x\nVersion: ${version}\n${more}`);
const DEBIAN = file('etc/os-release', 'ID=debian\nVERSION_ID=13\n');

const BASE = [DEBIAN, status('python3-x')];
const OWNED = ['example.org/a v1.0.0 by python3-x', 'example.org/b v1.0.0 by python3-x', 'x 1 by python3-x'];
const PACKAGE = [
  ...BASE,
  list('python3-x', `/${METADATA}`, `/${TOOL}`),
  metadata(),
  file(TOOL, program('a v1.0.0', 'b v1.0.0')),
];

describe('a library in a file that an upper layer', () => {
  it.each<[string, readonly (readonly Member[])[], readonly string[]]>([
    [
      'replaced by one with another version beside it has no owner',
      [PACKAGE, [file(TOOL, program('a v1.0.0', 'b v2.0.0'))]],
      ['example.org/a v1.0.0 by nobody', 'example.org/b v2.0.0 by nobody', 'x 1 by python3-x'],
    ],
    [
      'replaced has no owner in the layers above either, though they restore the file',
      [
        PACKAGE,
        [file(TOOL, program('a v1.0.0'))],
        [file('etc/other', '')],
        [file(TOOL, program('a v1.0.0', 'b v1.0.0'))],
      ],
      ['example.org/a v1.0.0 by nobody', 'example.org/b v1.0.0 by nobody', 'x 1 by python3-x'],
    ],
    ['repeats, as chown does, keeps its owner', [PACKAGE, PACKAGE.slice(-2), [file('etc/other', '')]], OWNED],
    [
      'replaced by another build of the same version has no owner',
      [
        PACKAGE,
        [metadata('1', METADATA, 'Summary: Upstream\n'), file(TOOL, program('a v1.0.0', 'b v1.0.0', 'a v1.0.0'))],
      ],
      OWNED.map((each) => each.replace('python3-x', 'nobody')),
    ],
    [
      'replaced has the upgraded package as its owner',
      [PACKAGE, [file(TOOL, program('a v1.0.0', 'b v2.0.0'))], [status('python3-x 2'), ...PACKAGE.slice(2)]],
      OWNED,
    ],
    [
      'removes and a later one puts back has no owner',
      [PACKAGE, [gone(TOOL)], [file(TOOL, program('a v1.0.0', 'b v1.0.0'))]],
      ['example.org/a v1.0.0 by nobody', 'example.org/b v1.0.0 by nobody', 'x 1 by python3-x'],
    ],
    ['removes and puts back in one layer keeps its owner', [PACKAGE, [gone(TOOL), ...PACKAGE.slice(-1)]], OWNED],
    [
      'replaces by a hard link to another program has no owner',
      [PACKAGE, [file('opt/new', program('a v1.0.0', 'c v1.0.0')), hard(TOOL, 'opt/new')]],
      [
        'example.org/a v1.0.0 by nobody',
        'example.org/a v1.0.0 by nobody',
        'example.org/c v1.0.0 by nobody',
        'example.org/c v1.0.0 by nobody',
        'x 1 by python3-x',
      ],
    ],
    [
      'replaces by a hard link to a file of a lower layer has no owner',
      [
        [metadata('2', 'opt/METADATA')],
        [...BASE, list('python3-x', `/${METADATA}`), metadata()],
        [hard(METADATA, 'opt/METADATA')],
      ],
      ['x 2 by nobody'],
    ],
    [
      'replaces through a link to its directory has no owner',
      [[...PACKAGE, link('bin', 'usr/bin')], [file('bin/tool', program('a v1.0.0', 'b v2.0.0'))]],
      ['example.org/a v1.0.0 by nobody', 'example.org/b v2.0.0 by nobody', 'x 1 by python3-x'],
    ],
    [
      'replaces at the path behind the listed link has no owner (merged /usr)',
      [
        [...BASE, link('bin', 'usr/bin'), list('python3-x', '/bin/tool'), file(TOOL, program('a v1.0.0', 'b v1.0.0'))],
        [file(TOOL, program('a v1.0.0', 'b v2.0.0'))],
      ],
      ['example.org/a v1.0.0 by nobody', 'example.org/b v2.0.0 by nobody'],
    ],
    [
      'replaces by a link in place of its directory has no owner',
      [
        [metadata('1', METADATA.replace('usr', 'opt'))],
        [...BASE, list('python3-x', `/${METADATA}`), metadata()],
        [link('usr/lib', '/opt/lib')],
      ],
      ['x 1 by nobody'],
    ],
    [
      'replaced has no owner by INSTALLER, whichever package of the source owns it',
      [
        [DEBIAN, status('a 1 x', 'b 1 x'), metadata(), file(`${SITE}/x-1.dist-info/INSTALLER`, 'debian')],
        [metadata('2')],
      ],
      ['x 2 by nobody'],
    ],
    [
      'repeats has one of the packages of its source as the owner, by INSTALLER',
      [[DEBIAN, status('a 1 x', 'b 1 x'), metadata(), file(`${SITE}/x-1.dist-info/INSTALLER`, 'debian')], [metadata()]],
      ['x 1 by a package'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await librariesOf(...layers)).toEqual(expected);
  });

  it('replaced has no owner when each layer has a new worker, as after a restart', async () => {
    const named = layeredImage(PACKAGE, [file(TOOL, program('a v1.0.0'))], [file('etc/other', 'x')]);
    const [base, upper, top] = named.layers;
    if (base === undefined || upper === undefined || top === undefined) throw new Error('three layers are expected');
    let parent = null;
    for (const { source } of [base, upper, top]) {
      const worker = createLocalWorker({ store, detectors: DETECTORS });
      parent = await worker.analyzeLayer({ name: source.where, parent, source });
    }
    const features = await store.layers.features(parent?.id ?? 0);
    expect(features.filter(({ feature }) => feature.name === 'example.org/a')).toMatchObject([{ path: TOOL }]);
    expect(features.filter(({ judgedBy, owner }) => judgedBy ?? owner).map(({ feature }) => feature.name)).toEqual([
      'x',
    ]);
  });
});

describe('a Conda package', () => {
  const IN_SITE = 'lib/python3.12/site-packages';
  const SITE_PACKAGES = `opt/conda/${IN_SITE}`;
  const distribution = (version: string): string => `x-${version}.dist-info/METADATA`;
  const record = JSON.stringify({ name: 'x', version: '1', files: [`${IN_SITE}/${distribution('1')}`] });
  const layer = [
    file('opt/conda/conda-meta/x-1-0.json', record),
    metadata('1', `${SITE_PACKAGES}/${distribution('1')}`),
  ];

  it.each<[string, readonly (readonly Member[])[], readonly string[]]>([
    ['is listed once, as the distribution that it contains', [layer], ['pypi x 1']],
    [
      'is listed if a layer deletes the metadata of its distribution',
      [layer, [gone(`${SITE_PACKAGES}/x-1.dist-info`)]],
      ['conda x 1'],
    ],
    [
      'is not listed if pip upgrades its distribution',
      [layer, [gone(`${SITE_PACKAGES}/x-1.dist-info`), metadata('2', `${SITE_PACKAGES}/${distribution('2')}`)]],
      ['pypi x 2'],
    ],
    [
      'is listed beside a distribution of its name in another environment',
      [layer.slice(0, 1), [metadata('1', `opt/venv/${IN_SITE}/${distribution('1')}`)]],
      ['conda x 1', 'pypi x 1'],
    ],
  ])('%s', async (_, layers, expected) => {
    const stored = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(layeredImage(...layers));
    const installed = await store.layers.features(stored.at(-1)?.id ?? 0);
    expect(installed.map(({ feature: { type, name, version } }) => `${type} ${name} ${version}`).toSorted()).toEqual(
      expected,
    );
  });
});

describe('a diagnostic of a file that an upper layer', () => {
  const UNIDENTIFIED = elfFile([{ name: '.gopclntab', content: Buffer.alloc(64) }]);
  const OTHER = elfFile([{ name: '.gopclntab', content: Buffer.alloc(65) }]);
  const packed = file(TOOL, UNIDENTIFIED);
  const OWNED_TOOL = [...BASE, list('python3-x', `/${TOOL}`, `/${METADATA}`), packed];

  async function diagnosticsOf(...layers: readonly (readonly Member[])[]): Promise<readonly string[]> {
    const stored = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(layeredImage(...layers));
    return (stored.at(-1)?.diagnostics ?? []).map(({ code, judgedBy = 'nobody' }) => `${code} by ${judgedBy}`);
  }

  it.each<[string, readonly (readonly Member[])[], readonly string[]]>([
    ['keeps has the judge of its owner', [OWNED_TOOL, [file('etc/x', '')]], ['binary-unidentified by debian:13']],
    [
      'replaces by another such program has no judge',
      [OWNED_TOOL, [file(TOOL, OTHER)]],
      ['binary-unidentified by nobody'],
    ],
    [
      'replaces by a hard link has no judge',
      [OWNED_TOOL, [file('opt/new', OTHER), hard(TOOL, 'opt/new')]],
      ['binary-unidentified by nobody', 'binary-unidentified by nobody'],
    ],
    ['removes and puts back has no judge', [OWNED_TOOL, [gone(TOOL)], [packed]], ['binary-unidentified by nobody']],
    [
      'replaces together with its package has a judge',
      [OWNED_TOOL, [status('python3-x 2'), file(TOOL, OTHER)]],
      ['binary-unidentified by debian:13'],
    ],
    [
      'replaces by one with a version that cannot be compared has no judge',
      [[...BASE, list('python3-x', `/${METADATA}`), metadata()], [metadata('one')]],
      ['package-version-invalid by nobody'],
    ],
    [
      'repeats, with a version that cannot be compared, keeps its judge',
      [[...BASE, list('python3-x', `/${METADATA}`), metadata('one')], [metadata('one')]],
      ['package-version-invalid by debian:13'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await diagnosticsOf(...layers)).toEqual(expected);
  });
});
