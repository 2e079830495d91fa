import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../database/testing/packages.ts';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import { imageOfManifest } from './image/image-layers.ts';
import { type ImagePlace, readManifest } from './image/image-manifest.ts';
import type { ImageSource } from './image-source.ts';

async function imageOf(
  history: readonly object[],
  manifest: object = {},
): Promise<Pick<ImageSource, 'baseDigest' | 'commands' | 'layers'>> {
  const blobs = new Map<Digest, string>();
  const blob = (value: object): { digest: Digest } => {
    const text = JSON.stringify(value);
    const digest = digestOfHex(createHash('sha256').update(text).digest('hex'));
    blobs.set(digest, text);
    return { digest };
  };
  const config = blob({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { diff_ids: [digestOf('a'), digestOf('b')] },
    history,
  });
  const layers = [{ digest: digestOf('c'), size: 7 }, { digest: digestOf('d') }];
  const { digest } = blob({ config, layers, ...manifest });
  const place: ImagePlace = {
    where: 'place',
    manifestName: (name) => name,
    blobName: (name) => name,
    async *open(name) {
      yield Buffer.from(blobs.get(name as Digest) ?? '');
    },
    holdsForeign: () => false,
  };
  return await imageOfManifest(place, await readManifest(place, digest));
}

const layer = { created_by: 'RUN x' };
const silent = (createdBy: string): object => ({ created_by: createdBy, empty_layer: true });

describe('the commands of a history', () => {
  it.each([
    ['none', [layer, layer], []],
    ['one of BuildKit', [layer, silent('CMD ["bash"]'), layer], [1]],
    ['one of the older builder', [layer, silent('/bin/sh -c #(nop)  CMD ["bash"]'), layer], [1]],
    ['an entry point, and one at the end', [layer, silent('ENTRYPOINT ["x"]'), layer, silent('CMD []')], [1, 2]],
    ['other instructions', [layer, silent('ENV CMD=x'), silent('CMDX'), layer], []],
  ])('with %s have the number of layers before each', async (_, history, expected) => {
    expect((await imageOf(history)).commands).toEqual(expected);
  });
});

describe('a manifest', () => {
  it('has the sizes of layers where stated', async () => {
    expect((await imageOf([])).layers.map(({ size }) => size)).toEqual([7, undefined]);
  });

  it.each([
    [{ 'org.opencontainers.image.base.digest': digestOf('e') }, digestOf('e')],
    [{ 'org.opencontainers.image.base.digest': 'sha256:x' }, undefined],
    [{ 'org.opencontainers.image.base.digest': 7 }, undefined],
    [null, undefined],
    ['text', undefined],
  ])('with the annotations %j has the base %s', async (annotations, expected) => {
    expect((await imageOf([], { annotations })).baseDigest).toBe(expected);
  });
});
