import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../bytes/http/client.ts';
import { createTemporarySpace } from '../../bytes/temporary-space.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import { versionOfEngine } from '../../model/engine/engine-version.ts';
import { createManifestIndex } from './manifest-index.ts';

const HASH = `sha256:${'1'.repeat(64)}` as const;
const MANIFEST = { hash: HASH, layers: [{ hash: HASH, uri: 'https://registry.test/v2/app/blobs/x', headers: {} }] };

let opened: Store;
beforeAll(async () => {
  opened = await memoryStore();
});
afterAll(() => opened.close());

/** Indexes the manifest of a stored image, and returns whether the image was analysed again. */
async function isAnalysedAgain(stored: number, engineVersion: number): Promise<boolean> {
  const layer = { digest: HASH, diffId: HASH, createdBy: '', size: null, origin: null };
  const image = { leaf: 1, layers: [layer], reference: '', target: '', platform: '', baseDigest: null, commands: [] };
  const store = {
    ...opened,
    images: { ...opened.images, whole: async () => image },
    layers: { ...opened.layers, get: async () => ({ engineVersion: stored }) },
  } as unknown as Store;
  let analyses = 0;
  const analyzeImage = async (): Promise<[]> => {
    analyses += 1;
    return [];
  };
  const worker = { engineVersion, analyzeImage, analyzeBlob: async () => HASH };
  const index = createManifestIndex({
    store,
    worker,
    http: createHttpClient({ version: 'test' }),
    space: createTemporarySpace({}),
  });
  await index.index(MANIFEST, new AbortController().signal);
  return analyses > 0;
}

describe('a stored image', () => {
  it.each([
    ['of this engine', versionOfEngine(7, 0), versionOfEngine(7, 0), false],
    ['of a newer engine', versionOfEngine(8, 0), versionOfEngine(7, 0), false],
    ['of an older engine', versionOfEngine(6, 0), versionOfEngine(7, 0), true],
    ['of an engine with classifiers, for one without', versionOfEngine(7, 5), versionOfEngine(7, 0), true],
    ['of an engine with other classifiers', versionOfEngine(7, 5), versionOfEngine(7, 4), true],
  ])('%s', async (_, stored, engine, isAgain) => {
    expect(await isAnalysedAgain(stored, engine)).toBe(isAgain);
  });
});
