import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../database/testing/packages.ts';
import { buildLayer, hexOf } from './testing/image-builder.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { IndexedImage } from '../database/contracts/images.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import { digestOfHex } from '../model/digest.ts';
import { DETECTORS } from './detectors/index.ts';
import { exactPaths } from './detectors/path-pattern.ts';
import { targetOf } from './manifests/manifest.ts';
import { reindexImages, type ReindexedImage } from './reindex.ts';
import type { ImageSource } from './sources/image-source.ts';
import { createLocalWorker } from './testing/local-worker.ts';

const NEWER = {
  id: 'newer',
  kind: 'packages',
  version: 1,
  wants: exactPaths('etc/new'),
  read: () => ({ diagnostics: [] }),
} as const;

let store: Store;
let opened: string[];

beforeEach(async () => {
  store = await memoryStore();
  opened = [];
});

afterEach(async () => {
  await store.close();
});

async function imageOf(digit: string): Promise<ImageSource> {
  const tar = await buildLayer({ digit });
  const diffId = digestOfHex(hexOf(tar));
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield tar;
  }
  const layer = { source: { where: digit, diffId, open: async () => bytes() }, digest: diffId, diffId, createdBy: '' };
  return {
    kind: 'oci',
    reference: digit,
    target: `oci:/images:${digit}`,
    digest: digestOf(digit),
    platform: 'linux/amd64',
    layers: [layer],
    close: async () => void opened.push(`close ${digit}`),
  };
}

async function open({ target }: IndexedImage): Promise<ImageSource> {
  const digit = target.slice(-1);
  opened.push(digit);
  if (digit === 'b') throw new ClairError('image/not-found', 'gone');
  return { ...(await imageOf(digit)), ...(digit === 'c' && { digest: digestOf('0') }) };
}

async function reindexAll(detectors: Parameters<typeof createLocalWorker>[0]['detectors']): Promise<readonly object[]> {
  const worker = createLocalWorker({ store, detectors });
  const told: ReindexedImage[] = [];
  for await (const each of reindexImages({ store, worker, open })) told.push(each);
  return told.map((each) => {
    const outcome = 'error' in each ? each.error.code : 'layers' in each ? each.layers : 'posted';
    return [each.image.target.slice(-1), outcome];
  });
}

describe('reindexing', () => {
  beforeEach(async () => {
    const worker = createLocalWorker({ store, detectors: DETECTORS });
    for (const digit of ['a', 'b', 'c', 'd']) await worker.analyzeImage(await imageOf(digit));
    opened = [];
  });

  it('does nothing for an unchanged engine version', async () => {
    expect(await reindexAll(DETECTORS)).toEqual([]);
    expect(opened).toEqual([]);
  });

  it('analyses unchanged images with a newer engine and reports the other images', async () => {
    const detectors = [...DETECTORS, NEWER];
    expect(await reindexAll(detectors)).toEqual([
      ['a', 1],
      ['b', 'image/not-found'],
      ['c', 'image/not-found'],
      ['d', 1],
    ]);
    expect(opened).toEqual(['a', 'close a', 'b', 'c', 'close c', 'd', 'close d']);
    // Failed images are retried the next time.
    expect(await reindexAll(detectors)).toHaveLength(2);
  });

  it('skips images that Quay or clairctl posted', async () => {
    const worker = createLocalWorker({ store, detectors: DETECTORS });
    await worker.analyzeImage({ ...(await imageOf('a')), target: targetOf(digestOf('a')) });
    const [first] = await reindexAll([...DETECTORS, NEWER]);
    expect(first).toEqual(['a', 'posted']);
    expect(opened).not.toContain('a');
  });
});
