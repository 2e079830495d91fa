import { createHash, generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DigestAlgorithm } from '../../model/digest.ts';
import { EXPORT_FEEDS } from '../testing/export-builder.ts';
import { kevStore } from '../testing/kev-store.ts';
import { createMemoryRegistry, type MemoryRegistry } from '../testing/memory-registry.ts';
import { downloadLayer, readArtifact } from './artifact-reader.ts';
import { publishDatabase } from './publication.ts';

let registry: MemoryRegistry;
let manifest: Buffer;
beforeEach(async () => {
  registry = createMemoryRegistry();
  const store = await kevStore();
  await publishDatabase({
    store,
    place: registry.place(),
    repository: 'registry.test/db',
    writer: registry.writer,
    ...EXPORT_FEEDS,
    version: '1.2.3',
    now: () => Date.parse('2026-02-01T00:00:00.000Z'),
    signal: new AbortController().signal,
  });
  await store.close();
  manifest = registry.manifests.get('latest')!;
});

const digestBy = (algorithm: DigestAlgorithm, bytes: Buffer): string =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;

describe('a published database that is named by a digest', () => {
  it.each<DigestAlgorithm>(['sha256', 'sha512'])('in %s is read, and identified by SHA-256', async (algorithm) => {
    const pin = digestBy(algorithm, manifest);
    registry.manifests.set(pin, manifest);
    expect(await readArtifact(registry.place(pin))).toMatchObject({ digest: digestBy('sha256', manifest) });
  });

  it.each<DigestAlgorithm>(['sha256', 'sha512'])('in %s is refused if the manifest differs', async (algorithm) => {
    const pin = digestBy(algorithm, manifest);
    const other = Buffer.concat([manifest, Buffer.from('\n')]);
    registry.manifests.set(pin, other);
    await expect(readArtifact(registry.place(pin))).rejects.toMatchObject({
      code: 'artifact/invalid',
      message: expect.stringContaining(`the digest of the manifest is ${digestBy(algorithm, other)} instead of ${pin}`),
    });
  });
});

it.each([
  ['an HTML page', Buffer.from('\r\n<!DOCTYPE html><title>Log in</title>')],
  ['gzip-compressed content, which Clair did not request', gzipSync('{}')],
  ['content that is not JSON', Buffer.alloc(0)],
])('a response with %s is no missing signature and no corrupt database', async (content, bytes) => {
  registry.manifests.set('latest', bytes);
  const { publicKey } = generateKeyPairSync('ed25519');
  for (const key of [undefined, { key: publicKey, path: 'key.pub' }]) {
    await expect(readArtifact(registry.place(), key && { key })).rejects.toMatchObject({
      code: 'bytes/unreachable',
      message: expect.stringContaining(`a proxy before the registry, responded to manifests/latest with ${content}`),
    });
  }
});

it.each([
  ['shorter', (bytes: Buffer) => bytes.subarray(1)],
  ['longer', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
  ['different', (bytes: Buffer) => Buffer.alloc(bytes.length)],
])('a layer that is %s than published is refused', async (_how, change) => {
  const { complete } = (await readArtifact(registry.place())).config.feeds[0]!;
  registry.blobs.set(complete.digest, change(registry.blobs.get(complete.digest)!));
  await expect(downloadLayer(registry.place(), complete)).rejects.toMatchObject({ code: 'artifact/invalid' });
});
