/** Packages that a package manager installs as hard links to its store, which comes first in the archive. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../bytes/testing/tar-builder.ts';
import type { Store } from '../database/contracts/store.ts';
import { openStore } from '../database/open-store.ts';
import { digestOfHex } from '../model/digest.ts';
import { DETECTORS } from './detectors/index.ts';
import type { ImageSource } from './sources/image-source.ts';
import { createWorker } from './worker.ts';

/** More packages than a project has in the mean. */
const MANY = 3000;

let store: Store;
let opened = 0;
beforeEach(async () => {
  store = await openStore({ type: 'memory' });
  opened = 0;
});
afterEach(async () => await store.close());

const file = (name: string, content: string): Member => ({ name, content });
const hard = (name: string, target: string): Member => ({ name, type: '1', link: target });
const link = (name: string, target: string): Member => ({ name, type: '2', link: target });
const manifest = (name: string, version = '1.0.0'): string => JSON.stringify({ name, version });

function imageOf(...layers: readonly (readonly Member[])[]): ImageSource {
  const sources = layers.map((members, at) => {
    const tar = tarOf(...members);
    const diffId = digestOfHex(createHash('sha256').update(tar).digest('hex'));
    const open = async () => {
      opened += 1;
      return inChunks(tar);
    };
    return { source: { where: `layer ${at}`, diffId, open }, digest: diffId, diffId, createdBy: '' };
  });
  const digest = digestOfHex(createHash('sha256').update(JSON.stringify(sources)).digest('hex'));
  const named = { kind: 'oci', reference: 'test', target: 'oci:/test', digest, platform: 'linux/amd64' } as const;
  return { ...named, layers: sources, close: async () => {} };
}

async function libraries(...layers: readonly (readonly Member[])[]): Promise<readonly string[]> {
  const stored = await createWorker({ store, detectors: DETECTORS }).analyzeImage(imageOf(...layers));
  const features = await store.layers.features(stored.at(-1)?.id ?? 0);
  return features.map(({ feature, path }) => `${feature.name} ${feature.version} at ${path}`).toSorted();
}

/** The path of a file in the store of pnpm. */
function storedAt(at: number): string {
  return `pnpm/store/v10/files/0f/${at.toString(16).padStart(62, '0')}`;
}

const packages = Array.from({ length: MANY }, (_, at) => `package-${at}`);
const INSTALLED = packages.map((name) => `${name} 1.0.0 at srv/node_modules/${name}/package.json`).toSorted();

describe('packages that are hard links to a store', () => {
  it('are all found in one reading of the layer: pnpm', async () => {
    const stored = packages.map((name, at) => file(storedAt(at), manifest(name)));
    const links = packages.map((name, at) => hard(`srv/node_modules/${name}/package.json`, storedAt(at)));
    expect(await libraries([...stored, ...links])).toEqual(INSTALLED);
    expect(opened).toBe(1);
  });

  it('are all found in one reading of the layer: Bun', async () => {
    const at = (name: string): string => `root/.bun/install/cache/${name}@1.0.0@@@1/package.json`;
    const stored = packages.map((name) => file(at(name), manifest(name)));
    const links = packages.map((name) => hard(`srv/node_modules/${name}/package.json`, at(name)));
    expect(await libraries([...stored, ...links])).toEqual(INSTALLED);
    expect(opened).toBe(1);
  });

  it('are all found when the layer is read again, because the store has unknown names', async () => {
    const stored = packages.map((name, at) => file(`cache/${at}`, manifest(name)));
    const links = packages.map((name, at) => hard(`srv/node_modules/${name}/package.json`, `cache/${at}`));
    expect(await libraries([...stored, ...links])).toEqual(INSTALLED);
    expect(opened).toBe(2);
  });

  it('do not exist because of the store alone', async () => {
    expect(await libraries([file(storedAt(1), manifest('a')), file('cache/a/package.json', manifest('b'))])).toEqual(
      [],
    );
  });
});

describe('a hard link', () => {
  const at = storedAt(1);
  const installed = 'srv/node_modules/a/package.json';

  it('has the content that its target has at this point of the archive', async () => {
    const members = [file(at, manifest('a')), hard(installed, at), file(at, manifest('b'))];
    expect(await libraries(members)).toEqual([`a 1.0.0 at ${installed}`]);
    const replaced = [file(at, manifest('a')), file(at, manifest('b')), hard(installed, at)];
    expect(await libraries(replaced)).toEqual([`b 1.0.0 at ${installed}`]);
  });

  it('leads to nothing after a link replaced the directory of its target', async () => {
    const members = [file(at, manifest('a')), link('pnpm/store', '/tmp'), hard(installed, at)];
    expect(await libraries(members)).toEqual([]);
  });

  it('is removed like a file', async () => {
    const removed = file('srv/node_modules/.wh.a', '');
    expect(await libraries([file(at, manifest('a')), hard(installed, at)], [removed])).toEqual([]);
  });
});
