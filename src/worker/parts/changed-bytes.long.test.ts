import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { noise } from '../../bytes/testing/noise.ts';
import { inChunks, type Member, tarOf } from '../../bytes/testing/tar-builder.ts';
import { ClairError } from '../../errors.ts';
import { DETECTORS } from '../detectors/index.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { readLayer, readPartsOfLayer } from '../layer/layer-reader.ts';
import { partsSource } from './testing/parts-source.ts';
import { stargz } from './testing/stargz.ts';
import { type ChunkedLayer, zstdChunked } from './testing/zstd-chunked.ts';

const MEMBERS: readonly Member[] = [
  { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' },
  { name: 'models/weights.bin', content: noise(6000) },
  {
    name: 'var/lib/dpkg/status',
    content: 'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n',
  },
  { name: 'app/package.json', content: '{"name":"b","version":"1"}' },
  { name: 'etc/link', type: '2', link: 'os-release' },
  { name: 'opt/.wh.tool' },
];
const TAR = tarOf(...MEMBERS);
const plain = await readLayer({ where: 'layer', open: async () => inChunks(TAR) }, DETECTORS);

/** Even small layers are read in part. */
const partLimits = { minSavedBytes: 0, minSavedShare: 0, maxGapBytes: 600 };

/** Returns the contents of a layer that is read in part; undefined if the whole layer must be read. */
async function inPart(layer: ChunkedLayer): Promise<LayerContents | undefined> {
  try {
    const reading = await readPartsOfLayer(partsSource(layer, TAR, 'any'), DETECTORS, { partLimits });
    if (reading === undefined) return undefined;
    const { parts: _parts, ...contents } = reading.contents;
    return contents;
  } catch (error) {
    if (error instanceof ClairError) return undefined;
    throw error;
  }
}

describe.each<[string, ChunkedLayer]>([
  ['zstd:chunked', zstdChunked(TAR)],
  ['eStargz', stargz(TAR, { chunkBytes: 2000 })],
  ['eStargz with shared gzip members', stargz(TAR, { chunkBytes: 2000, minChunkBytes: 200 })],
  ['the zstd:chunked variant of stargz-snapshotter', stargz(TAR, { chunkBytes: 2000, format: 'zstd' })],
])('a layer in the format of %s', (_, layer) => {
  it('is read in part', async () => {
    expect(await inPart(layer)).toEqual(plain.contents);
  });

  it('has the same contents after its stored bytes are changed, or is not read in part', async () => {
    const byte = fc.tuple(fc.nat(layer.blob.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(byte, { minLength: 1, maxLength: 3 }), async (changes) => {
        const blob = Buffer.from(layer.blob);
        for (const [at, change] of changes) blob[at] = blob[at]! ^ change;
        const contents = await inPart({ ...layer, blob });
        expect(contents ?? plain.contents).toEqual(plain.contents);
      }),
      { numRuns: runCount(5000, 300) },
    );
  });

  it('is not read in part, or has the same contents, after its stored bytes are cut off or extended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(layer.blob.length), fc.uint8Array({ maxLength: 100 }), async (length, more) => {
        const contents = await inPart({ ...layer, blob: Buffer.concat([layer.blob.subarray(0, length), more]) });
        expect(contents ?? plain.contents).toEqual(plain.contents);
      }),
      { numRuns: runCount(5000, 300) },
    );
  });
});
