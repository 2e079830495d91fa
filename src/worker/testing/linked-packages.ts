import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../../bytes/testing/tar-builder.ts';
import type { Store } from '../../database/contracts/store.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import { digestOfHex } from '../../model/digest.ts';
import { DETECTORS } from '../detectors/index.ts';
import type { ImageSource } from '../sources/image-source.ts';
import { createLocalWorker } from './local-worker.ts';

export const file = (name: string, content: string): Member => ({ name, content });
export const hard = (name: string, target: string): Member => ({ name, type: '1', link: target });
export const link = (name: string, target: string): Member => ({ name, type: '2', link: target });
export const manifest = (name: string, version = '1.0.0'): string => JSON.stringify({ name, version });

export function storedAt(at: number): string {
  return `pnpm/store/v10/files/0f/${at.toString(16).padStart(62, '0')}`;
}

export type LibraryReader = {
  /** Returns the libraries of an image as `name version at path`. */
  readonly libraries: (...layers: readonly (readonly Member[])[]) => Promise<readonly string[]>;
  /** Returns the number of times that the test opened a layer. */
  readonly opened: () => number;
};

/** Reads images with all detectors into a new store for each test. */
export function useLibraryReader(): LibraryReader {
  let store: Store;
  let opened = 0;
  beforeEach(async () => {
    store = await memoryStore();
    opened = 0;
  });
  afterEach(async () => await store.close());

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

  return {
    opened: () => opened,
    async libraries(...layers) {
      const stored = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(imageOf(...layers));
      const features = await store.layers.features(stored.at(-1)?.id ?? 0);
      return features.map(({ feature, path }) => `${feature.name} ${feature.version} at ${path}`).toSorted();
    },
  };
}

/** Checks that `count` hard links to the store of a package manager are recognised as packages. */
export function describeLinkedPackages(count: number): void {
  const { libraries, opened } = useLibraryReader();
  const packages = Array.from({ length: count }, (_, at) => `package-${at}`);
  const installed = packages.map((name) => `${name} 1.0.0 at srv/node_modules/${name}/package.json`).toSorted();

  describe(`${count} packages that are hard links to a store`, () => {
    it('are all found in one reading of the layer: pnpm', async () => {
      const stored = packages.map((name, at) => file(storedAt(at), manifest(name)));
      const links = packages.map((name, at) => hard(`srv/node_modules/${name}/package.json`, storedAt(at)));
      expect(await libraries([...stored, ...links])).toEqual(installed);
      expect(opened()).toBe(1);
    });

    it('are all found in one reading of the layer: Bun', async () => {
      const at = (name: string): string => `root/.bun/install/cache/${name}@1.0.0@@@1/package.json`;
      const stored = packages.map((name) => file(at(name), manifest(name)));
      const links = packages.map((name) => hard(`srv/node_modules/${name}/package.json`, at(name)));
      expect(await libraries([...stored, ...links])).toEqual(installed);
      expect(opened()).toBe(1);
    });

    it('are all found when the layer is read again, because the store has unknown names', async () => {
      const stored = packages.map((name, at) => file(`cache/${at}`, manifest(name)));
      const links = packages.map((name, at) => hard(`srv/node_modules/${name}/package.json`, `cache/${at}`));
      expect(await libraries([...stored, ...links])).toEqual(installed);
      expect(opened()).toBe(2);
    });
  });
}
