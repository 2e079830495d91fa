import { expect, it } from 'vitest';
import { hexOf } from '../../testing/image-builder.ts';
import { placeOfBlobs } from '../../testing/place-of-blobs.ts';
import { manifestsBelow } from './image-index.ts';
import type { Descriptor } from './image-manifest.ts';

it('accepts 10,000 entries in all indexes together, but not more', async () => {
  const blobs = new Map<string, string>();
  const place = placeOfBlobs(blobs);
  const index = (manifests: readonly Descriptor[]): Descriptor => {
    const content = JSON.stringify({ manifests });
    blobs.set(`sha256:${hexOf(content)}`, content);
    return { mediaType: 'application/vnd.oci.image.index.v1+json', digest: `sha256:${hexOf(content)}` };
  };
  const images = (count: number): readonly Descriptor[] =>
    Array.from({ length: count }, (_, mark) => ({ digest: `sha256:${mark.toString(16).padStart(64, '0')}` }));
  const inner = index(images(9990));
  expect(await manifestsBelow(place, [index([inner, ...images(8)])])).toHaveLength(9998);
  await expect(manifestsBelow(place, [index([inner, ...images(9)])])).rejects.toMatchObject({
    code: 'image/unreadable',
    message: 'the indexes of here list more than 10000 entries',
  });
});
