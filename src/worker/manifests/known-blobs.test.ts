import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import type { Store } from '../../database/contracts/store.ts';
import { openStore } from '../../database/open-store.ts';
import { digestOf } from '../../database/testing/packages.ts';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import { DETECTORS } from '../detectors/index.ts';
import type { BlobSource } from './layer-downloads.ts';
import { buildLayer } from '../testing/image-builder.ts';
import { createWorker, type Worker } from '../worker.ts';

let store: Store;
let worker: Worker;
let tar: Buffer;
const { signal } = new AbortController();

beforeEach(async () => {
  store = await openStore({ type: 'memory' });
  worker = createWorker({ store, detectors: DETECTORS });
  tar = await buildLayer({ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' });
});
afterEach(async () => {
  await store.close();
});

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

describe('a layer that is known only by the digest of its stored bytes', () => {
  it('is read once, and has the digest of its tar', async () => {
    const blob = gzipSync(tar);
    expect(await worker.analyzeBlob(sha256(blob), async () => sourceOf(blob), signal)).toBe(sha256(tar));
    expect(await worker.analyzeBlob(sha256(blob), refuse, signal)).toBe(sha256(tar));
  });

  it('is known after an image with its bytes was read', async () => {
    const blob = gzipSync(tar);
    const layer = { source: { ...sourceOf(blob), diffId: sha256(tar) }, digest: sha256(blob), diffId: sha256(tar) };
    await worker.analyzeImage({
      digest: digestOf('a'),
      reference: 'r',
      target: 't',
      platform: 'p',
      layers: [{ ...layer, createdBy: '' }],
    });
    expect(await worker.analyzeBlob(sha256(blob), refuse, signal)).toBe(sha256(tar));
  });

  it('never gets the contents of the known layer that an image states for bytes that were not read', async () => {
    const [known, hidden] = [gzipSync(tar), gzipSync(await buildLayer({ 'var/lib/dpkg/status': 'Package: a\n' }))];
    await worker.analyzeBlob(sha256(known), async () => sourceOf(known), signal);
    // The configuration of this image states the diff ID of the known layer for other bytes.
    const layer = { source: { ...sourceOf(hidden), diffId: sha256(tar) }, digest: sha256(hidden), diffId: sha256(tar) };
    const stated = { digest: digestOf('a'), reference: 'r', target: 't', platform: 'p' };
    await worker.analyzeImage({ ...stated, layers: [{ ...layer, createdBy: '' }] });
    await expect(worker.analyzeBlob(sha256(hidden), refuse, signal)).rejects.toThrow('fetched');
  });

  it('is not stored if its bytes have another digest', async () => {
    const wrong = worker.analyzeBlob(digestOf('a'), async () => sourceOf(tar, digestOf('a')), signal);
    await expect(wrong).rejects.toMatchObject({ code: 'bytes/digest-mismatch' });
    expect(await store.layers.diffIdOf(digestOf('a'))).toBeUndefined();
  });
});
