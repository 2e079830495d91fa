import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import type { Store } from '../../database/contracts/store.ts';
import { openStore } from '../../database/open-store.ts';
import { digestOf } from '../../database/testing/packages.ts';
import { ENGINES } from '../../database/testing/stores.ts';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import { DETECTORS } from '../detectors/index.ts';
import type { BlobSource } from './layer-downloads.ts';
import { buildLayer } from '../testing/image-builder.ts';
import { createLocalWorker } from '../testing/local-worker.ts';
import type { AnalyzedImage, Worker } from '../worker.ts';

const { signal } = new AbortController();

function sha256(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

async function* streamOf(bytes: Uint8Array): ByteStream & AsyncGenerator<Uint8Array> {
  yield bytes;
}

function sourceOf(bytes: Uint8Array, digest: Digest = sha256(bytes)): BlobSource {
  return { where: 'test', digest, open: async () => streamOf(bytes) };
}

const refuse = async (): Promise<never> => {
  throw new Error('fetched');
};

function imageOf(blob: Uint8Array, diffId: Digest, digest = 'a'): AnalyzedImage {
  const layer = { source: { ...sourceOf(blob), diffId }, digest: sha256(blob), diffId, createdBy: '' };
  return { digest: digestOf(digest), reference: 'r', target: 't', platform: 'p', layers: [layer] };
}

function status(name: string): string {
  return `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDescription: made\n\n`;
}

describe.each(ENGINES)('on %s', (_engine, newDatabase) => {
  let store: Store;
  let worker: Worker;
  let tar: Buffer;
  beforeEach(async () => {
    store = await openStore(newDatabase());
    worker = createLocalWorker({ store, detectors: DETECTORS });
    tar = await buildLayer({ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' });
  });
  afterEach(async () => {
    await store.close();
  });

  describe('a layer that is known only by the digest of its stored bytes', () => {
    it('is read once, and has the digest of its tar', async () => {
      const blob = gzipSync(tar);
      expect(await worker.analyzeBlob(sha256(blob), async () => sourceOf(blob), signal)).toBe(sha256(tar));
      expect(await worker.analyzeBlob(sha256(blob), refuse, signal)).toBe(sha256(tar));
    });

    it('is known after an image with its bytes was read', async () => {
      const blob = gzipSync(tar);
      await worker.analyzeImage(imageOf(blob, sha256(tar)));
      expect(await worker.analyzeBlob(sha256(blob), refuse, signal)).toBe(sha256(tar));
    });

    it('is not stored if its bytes have another digest', async () => {
      const wrong = worker.analyzeBlob(digestOf('a'), async () => sourceOf(tar, digestOf('a')), signal);
      await expect(wrong).rejects.toMatchObject({ code: 'bytes/digest-mismatch' });
      expect(await store.layers.diffIdOf(digestOf('a'))).toBeUndefined();
    });
  });

  /** The layer `secret` belongs to another tenant, and the layer `own` to the tenant who posts the image. */
  describe('an image whose configuration states the diff ID of a known layer', () => {
    let secret: Buffer;
    let own: Buffer;
    beforeEach(async () => {
      secret = await buildLayer({
        'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
        'var/lib/dpkg/status': status('secret'),
      });
      own = await buildLayer({ 'var/lib/dpkg/status': status('own') });
      await worker.analyzeImage(imageOf(gzipSync(secret), sha256(secret)));
    });

    it('is refused if its bytes have another diff ID, and is not stored', async () => {
      const claim = worker.analyzeImage(imageOf(gzipSync(own), sha256(secret), 'b'));
      await expect(claim).rejects.toMatchObject({ code: 'bytes/digest-mismatch' });
      expect(await store.images.find(digestOf('b'))).toBeUndefined();
    });

    it('is refused if the bytes were read as another layer', async () => {
      await worker.analyzeImage(imageOf(gzipSync(own), sha256(own), 'c'));
      const claim = worker.analyzeImage(imageOf(gzipSync(own), sha256(secret), 'b'));
      await expect(claim).rejects.toMatchObject({ code: 'bytes/digest-mismatch' });
    });

    it('is rejected if its bytes are not available', async () => {
      const [layer] = imageOf(gzipSync(own), sha256(secret)).layers;
      if (layer === undefined) throw new Error('no layer');
      const image = {
        ...imageOf(own, sha256(secret), 'b'),
        layers: [{ ...layer, source: { ...layer.source, open: refuse } }],
      };
      await expect(worker.analyzeImage(image)).rejects.toThrow('fetched');
    });

    it('is never read again if its bytes were read with this diff ID', async () => {
      const { layers, ...image } = imageOf(gzipSync(secret), sha256(secret), 'b');
      const unread = layers.map((layer) => ({ ...layer, source: { ...layer.source, open: refuse } }));
      const [stored] = await worker.analyzeImage({ ...image, layers: unread });
      const features = await store.layers.features(stored?.id ?? 0);
      expect(features.map(({ feature }) => feature.name)).toEqual(['secret']);
    });

    it('is read once if the layer was compressed in another way, and shares the stored layer', async () => {
      const again = gzipSync(secret, { level: 1 });
      const [first] = await worker.analyzeImage(imageOf(gzipSync(secret), sha256(secret)));
      expect(await worker.analyzeImage(imageOf(again, sha256(secret), 'b'))).toEqual([first]);
      expect(await store.layers.diffIdOf(sha256(again))).toBe(sha256(secret));
    });
  });

  it('a layer is read once for an image and a manifest at once', async () => {
    const blob = gzipSync(tar);
    let reads = 0;
    const open = async (): Promise<ByteStream> => {
      reads += 1;
      await new Promise((resolve) => void setTimeout(resolve, 100));
      return streamOf(blob);
    };
    const { layers, ...image } = imageOf(blob, sha256(tar));
    const counted = layers.map((layer) => ({ ...layer, source: { ...layer.source, open } }));
    await Promise.all([
      worker.analyzeImage({ ...image, layers: counted }),
      worker.analyzeBlob(sha256(blob), async () => ({ ...sourceOf(blob), open }), signal),
    ]);
    expect(reads).toBe(1);
  });
});
