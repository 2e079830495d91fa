import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../../updater/artifact/artifact-config.ts';
import { anchorOf } from '../../parts/layer-anchor.ts';
import { configOf, hexOf } from '../../testing/image-builder.ts';
import { imageOfManifest } from './image-layers.ts';
import type { Descriptor, ImagePlace } from './image-manifest.ts';
import type { ImageLayer } from '../image-source.ts';
import type { PartsScope } from '../../parts/parts-scope.ts';

const CONFIG = JSON.stringify(configOf([{ tar: Buffer.from('a'), createdBy: '' }]));
const DIGEST = `sha256:${hexOf('layer')}` as const;
const WITHOUT_SPLIT = {
  'io.github.containers.zstd-chunked.manifest-checksum': DIGEST,
  'io.github.containers.zstd-chunked.manifest-position': '10:20:30:1',
};
const CHUNKED = { ...WITHOUT_SPLIT, 'io.github.containers.zstd-chunked.tarsplit-position': '40:50:60' };
const STARGZ = { 'containerd.io/snapshot/stargz/toc.digest': DIGEST };
const SOCI = { 'com.amazon.soci.index-digest': DIGEST };

async function layerOf(
  descriptor: Partial<Descriptor>,
  annotations?: unknown,
  partsScope: PartsScope | null = 'with-tar-split',
  configType = 'application/vnd.oci.image.config.v1+json',
): Promise<ImageLayer> {
  const place: ImagePlace = {
    where: 'here',
    manifestName: (digest) => digest,
    blobName: (digest) => digest,
    holdsForeign: () => true,
    async *open() {
      yield Buffer.from(CONFIG);
    },
    ...(partsScope && { openRange: async () => new Uint8Array(), partsScope }),
  };
  const layers = [{ digest: DIGEST, size: 1000, ...descriptor }];
  const value = { config: { digest: `sha256:${hexOf(CONFIG)}`, mediaType: configType }, layers, annotations };
  const { layers: found } = await imageOfManifest(place, { value, digest: DIGEST });
  return found[0]!;
}

describe('the parts of a layer', () => {
  it.each<[string, Partial<Descriptor>, unknown, object | undefined]>([
    ['of an ordinary layer', {}, undefined, undefined],
    ['of a zstd:chunked layer', { annotations: CHUNKED }, undefined, anchorOf(CHUNKED)],
    [
      'of a zstd:chunked layer of unknown size',
      { annotations: CHUNKED, size: undefined as never },
      undefined,
      undefined,
    ],
    ['stated by the manifest instead of the descriptor', {}, CHUNKED, undefined],
    [
      'of an eStargz layer',
      { annotations: STARGZ },
      undefined,
      { format: 'unusable', reason: expect.stringContaining('eStargz') },
    ],
    ['of an image with a SOCI index', {}, SOCI, { format: 'unusable', reason: expect.stringContaining('SOCI') }],
  ])('%s', async (_, descriptor, annotations, anchor) => {
    expect((await layerOf(descriptor, annotations)).source.parts?.anchor).toEqual(anchor);
  });

  it.each<[string, Readonly<Record<string, string>>, object | undefined]>([
    ['of an eStargz layer', STARGZ, { format: 'stargz', digest: DIGEST }],
    ['of a zstd:chunked layer', CHUNKED, anchorOf(CHUNKED)],
    ['of a zstd:chunked layer without a tar-split', WITHOUT_SPLIT, { ...anchorOf(CHUNKED), tarSplit: undefined }],
    ['of an ordinary layer', {}, undefined],
  ])('%s are used where any layer may be read in part', async (_, annotations, anchor) => {
    expect((await layerOf({ annotations }, STARGZ, 'any')).source.parts?.anchor).toEqual(anchor);
  });

  it('are not used where blobs are read as a whole', async () => {
    expect((await layerOf({ annotations: CHUNKED }, undefined, null)).source.parts).toBeUndefined();
  });
});

it('is not read from a published database; the error names the command for databases', async () => {
  await expect(layerOf({}, undefined, null, MEDIA_TYPES.config)).rejects.toMatchObject({
    code: 'image/unsupported',
    message: 'the manifest in here is a published database, not an image; use clair db pull',
  });
});

describe('a layer in the format of Nydus', () => {
  it('is absent, by its media type', async () => {
    const { absent } = await layerOf({ mediaType: 'application/vnd.oci.image.layer.nydus.blob.v1' });
    expect(absent).toMatch(/^layer 0 \(sha256:\w+\) has the media type of Nydus/);
  });

  it.each<[string, string, boolean]>([
    ['containerd.io/snapshot/nydus-blob', 'true', true],
    ['containerd.io/snapshot/nydus-bootstrap', 'true', true],
    ['containerd.io/snapshot/nydus-blob', 'false', false],
  ])('is read if only %s: %s states the format, because Docker unpacks it', async (name, value, isNamed) => {
    const { absent, source } = await layerOf({ annotations: { [name]: value } });
    expect(absent).toBeUndefined();
    expect(source.where.endsWith(', annotated as a Nydus layer) of here')).toBe(isNamed);
  });
});
