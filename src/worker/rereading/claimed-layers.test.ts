import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { tarOf } from '../../bytes/testing/tar-builder.ts';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import type { ImageLayer, ImageSource } from '../sources/image-source.ts';
import { claimedLayers } from './claimed-layers.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-claimed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TAR = tarOf({ name: 'a', content: 'a' });
const OTHER = tarOf({ name: 'b', content: 'b' });

function digestOf(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

let files = 0;
function layerOf(bytes: Buffer, more: Partial<ImageLayer> & { readonly digestOfBytes?: Digest } = {}): ImageLayer {
  const path = join(folder, `${(files += 1)}.tar`);
  writeFileSync(path, bytes);
  const { digestOfBytes: digest, ...others } = more;
  const diffId = more.diffId ?? digestOf(TAR);
  const source = { where: path, diffId, ...(digest && { digest }), open: async () => [], file: () => ({ path }) };
  return { source: source as never, digest: diffId, diffId, createdBy: '', ...others };
}

type Image = Parameters<typeof claimedLayers>[0];

function imageOf(layers: readonly ImageLayer[], more: Partial<ImageSource> = {}): Image {
  return { kind: 'docker-archive', layers, ...more };
}

describe('the layers of an image that are read by seeking', () => {
  const repeated = layerOf(TAR);
  it.each<[string, Image, number | undefined]>([
    [
      'uncompressed layers of a docker-archive',
      imageOf([layerOf(TAR), layerOf(OTHER, { diffId: digestOf(OTHER) })]),
      2,
    ],
    [
      'an uncompressed layer of an OCI layout',
      imageOf([layerOf(TAR, { digestOfBytes: digestOf(TAR) })], { kind: 'oci' }),
      1,
    ],
    ['a layer that an image contains twice', imageOf([repeated, repeated]), 1],
    ['an empty layer', imageOf([layerOf(Buffer.alloc(0))]), 1],
    ['an image without layers', imageOf([]), 0],
    ['an image whose other layer is absent', imageOf([layerOf(TAR), layerOf(gzipSync(TAR), { absent: 'foreign' })]), 1],
    [
      'none if a layer is compressed',
      imageOf([layerOf(TAR), layerOf(gzipSync(OTHER), { diffId: digestOf(OTHER) })]),
      undefined,
    ],
    ['none if two files claim one digest', imageOf([layerOf(TAR), layerOf(OTHER)]), undefined],
    [
      'none if the digest of the bytes is not the diff ID',
      imageOf([layerOf(TAR, { digestOfBytes: digestOf(OTHER) })]),
      undefined,
    ],
    ['none of a daemon, which verifies its layers', imageOf([layerOf(TAR)], { kind: 'docker' }), undefined],
    ['none of a root file system', imageOf([layerOf(TAR)], { kind: 'rootfs' }), undefined],
    ['none if the digests were computed', imageOf([layerOf(TAR)], { areDigestsComputed: true }), undefined],
  ])('%s', async (_, image, count) => {
    expect((await claimedLayers(image))?.layers.size).toBe(count);
  });

  it('cannot be opened if a file is missing', async () => {
    const layer = layerOf(TAR);
    rmSync(layer.source.file?.().path ?? '');
    await expect(claimedLayers(imageOf([layer]))).rejects.toMatchObject({ code: 'bytes/not-found' });
  });
});
