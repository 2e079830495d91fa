/** Tests a sample detector of libraries in any directory, from image tars to the stored layers. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../bytes/testing/tar-builder.ts';
import type { Store } from '../database/contracts/store.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import { deb } from '../database/testing/packages.ts';
import { digestOfHex } from '../model/digest.ts';
import type { Layer } from '../model/layer.ts';
import type { Detector, FileFacts } from './detectors/detector.ts';
import { DETECTORS } from './detectors/index.ts';
import type { ImageSource } from './sources/image-source.ts';
import { createLocalWorker } from './testing/local-worker.ts';
import type { Worker } from './worker.ts';

const MADE: Detector = {
  id: 'made',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'basename', name: 'made.json' }],
  read(path, bytes): FileFacts {
    const [name = '', version = ''] = Buffer.from(bytes).toString().split('=');
    // The list of ecosystems is closed, so the library uses a listed type.
    if (version !== '') return { features: [{ feature: deb(name, version), path }], diagnostics: [] };
    return { diagnostics: [{ code: 'package-entry-unreadable', message: `${path} has no version`, where: path }] };
  },
};

let store: Store;
let worker: Worker;

beforeEach(async () => {
  store = await memoryStore();
  worker = createLocalWorker({ store, detectors: [...DETECTORS, MADE] });
});
afterEach(async () => await store.close());

const file = (name: string, content: string): Member => ({ name, content });
const gone = (name: string): Member => file(name.replace(/([^/]*)$/, '.wh.$1'), '');

const RELEASE = file('etc/os-release', 'ID=debian\nVERSION_ID=12\n');
const STATUS = file(
  'var/lib/dpkg/status',
  'Package: bash\nStatus: install ok installed\nVersion: 5\nArchitecture: amd64\n',
);

function imageOf(...layers: readonly (readonly Member[])[]): ImageSource {
  const sources = layers.map((members, at) => {
    const tar = tarOf(...members);
    const diffId = digestOfHex(createHash('sha256').update(tar).digest('hex'));
    const source = { where: `layer ${at}`, diffId, open: async () => inChunks(tar) };
    return { source, digest: diffId, diffId, createdBy: '' };
  });
  const digest = digestOfHex(createHash('sha256').update(JSON.stringify(sources)).digest('hex'));
  const named = { kind: 'oci', reference: 'test', target: 'oci:/test', digest, platform: 'linux/amd64' } as const;
  return { ...named, layers: sources, close: async () => {} };
}

async function installedAt({ id }: Layer): Promise<readonly string[]> {
  const installed = await store.layers.features(id);
  const texts = installed.map(({ feature: { name, version }, path, originDepth }) => {
    return `${name} ${version} at ${path || 'no path'} by ${originDepth}`;
  });
  return texts.toSorted();
}

async function shown(...layers: readonly (readonly Member[])[]): Promise<readonly (readonly string[])[]> {
  return await Promise.all((await worker.analyzeImage(imageOf(...layers))).map(installedAt));
}

describe('a library detected by its file name', () => {
  const BASH = 'bash 5 at no path by 0';

  it('is stored with path and layer when added, upgraded and removed', async () => {
    const layers = await shown(
      [RELEASE, STATUS, file('srv/app/made.json', 'left=1'), file('opt/x/made.json', 'right=1')],
      [file('srv/app/made.json', 'left=2'), file('srv/app/sub/made.json', 'left=1')],
      [gone('srv/app/made.json'), gone('opt/x')],
    );
    expect(layers).toEqual([
      [BASH, 'left 1 at srv/app/made.json by 0', 'right 1 at opt/x/made.json by 0'],
      [
        BASH,
        'left 1 at srv/app/sub/made.json by 1',
        'left 2 at srv/app/made.json by 1',
        'right 1 at opt/x/made.json by 0',
      ],
      [BASH, 'left 1 at srv/app/sub/made.json by 1'],
    ]);
  });

  it('is removed when a link replaces its directory without a whiteout', async () => {
    const layers = await shown(
      [RELEASE, STATUS, file('app/current/made.json', 'left=1')],
      [
        { name: 'app/', type: '5' },
        { name: 'app/current', type: '2', link: 'next' },
        file('app/next/made.json', 'left=2'),
      ],
    );
    expect(layers[1]).toEqual([BASH, 'left 2 at app/next/made.json by 1']);
  });

  it('is read behind a hard link to another name, in a second pass', async () => {
    const layers = await shown(
      [RELEASE, STATUS],
      [file('store/1', 'left=1'), { name: 'app/made.json', type: '1', link: 'store/1' }],
    );
    expect(layers[1]).toEqual([BASH, 'left 1 at app/made.json by 1']);
  });

  it('reports its diagnostics and does not replace a package database', async () => {
    const [layer] = await worker.analyzeImage(
      imageOf([RELEASE, file('made.json', 'left=1'), file('a/made.json', '?')]),
    );
    expect(layer?.diagnostics.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'package-entry-unreadable a/made.json',
      'package-database-missing package database',
    ]);
  });

  it('is found in layers that are posted one by one, also by a new worker', async () => {
    const post = async (name: string, parent: Layer | null, ...members: readonly Member[]): Promise<Layer> => {
      const source = { where: name, open: async () => inChunks(tarOf(...members)) };
      return await worker.analyzeLayer({ name, parent, source });
    };
    const base = await post(
      'base',
      null,
      RELEASE,
      STATUS,
      file('a/made.json', 'left=1'),
      file('b/made.json', 'right=1'),
    );
    worker = createLocalWorker({ store, detectors: [...DETECTORS, MADE] });
    const top = await post('top', base, gone('a'));
    expect(await installedAt(top)).toEqual([BASH, 'right 1 at b/made.json by 0']);
  });
});
