import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { noise } from '../../bytes/testing/noise.ts';
import { type Member, tarOf } from '../../bytes/testing/tar-builder.ts';
import type { ErrorCode } from '../../errors.ts';
import { DETECTORS } from '../detectors/index.ts';
import { readPartsOfLayer } from '../layer/layer-reader.ts';
import type { LayerLimits } from '../layer/limits.ts';
import type { PartLimits } from './part-limits.ts';
import { type PartsSource, partsSource } from './testing/parts-source.ts';
import { zstdChunked } from './testing/zstd-chunked.ts';

const NOISE = noise(1.5 * 1024 * 1024);
const STANZA = 'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n';
const MEMBERS: readonly Member[] = [
  { name: 'etc/os-release', content: 'ID=debian\n' },
  { name: 'models/weights.bin', content: NOISE },
  { name: 'var/lib/dpkg/status', content: `${STANZA}Description: ${NOISE.toString('hex', 0, 100_000)}\n` },
  { name: 'var/lib/dpkg/status.d/zeros', content: `${STANZA}${'\0'.repeat(5000)}\n` },
  { name: 'var/lib/dpkg/status.d/x', content: 'x'.repeat(60_000) },
];

const TAR = tarOf(...MEMBERS);
const CHUNKED = zstdChunked(TAR);

function layer(): PartsSource {
  return partsSource(CHUNKED, TAR);
}

describe('a layer is not read in part', () => {
  it.each<[string, Partial<PartLimits>, Partial<LayerLimits>, number, RegExp]>([
    ['with a larger table of contents', { maxTocBytes: 1000 }, {}, 0, /table of contents exceeds 1000 bytes/],
    ['with a larger tar-split', { maxTarSplitBytes: 1000 }, {}, 0, /tar-split exceeds 1000 bytes/],
    ['with larger compressed documents', { maxPackedBytes: 100 }, {}, 0, /exceeds 100 compressed bytes/],
    ['with more entries', { maxTocEntries: 20 }, {}, 1, /more than 20 entries/],
    ['with a longer line in the tar-split', { maxLineBytes: 500 }, {}, 1, /a line of more than 500 bytes/],
    // The chunk is rejected after the documents are requested and before any chunk is requested.
    ['with a larger chunk of a wanted file', { maxChunkBytes: 1000 }, {}, 1, /a part of a file exceeds 1000 bytes/],
    ['with more zeros in wanted files', { maxZeroBytes: 4999 }, {}, 3, /more than 4999 bytes of zeros/],
    [
      'with chunks that expand to much more than was fetched',
      {},
      { expansionFreeBytes: 1000, maxExpansionRatio: 1 },
      3,
      /expand to more than 1 times/,
    ],
  ])('%s', async (_, partLimits, limits, requests, message) => {
    const source = layer();
    const code: ErrorCode = 'bytes/limit-exceeded';
    await expect(readPartsOfLayer(source, DETECTORS, { partLimits, limits })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(source.requested.length).toBeLessThanOrEqual(requests);
  });

  it.each<[string, Partial<PartLimits>]>([
    ['if that saves fewer bytes', { minSavedBytes: 1_700_000 }],
    ['if that saves a smaller share', { minSavedShare: 0.99 }],
    ['with more requests, however far the files are apart', { maxRequests: 1, maxRequestBytes: 100_000 }],
  ])('but as a whole %s', async (_, partLimits) => {
    const source = layer();
    expect(await readPartsOfLayer(source, DETECTORS, { partLimits })).toBeUndefined();
    expect(source.requested.length).toBeLessThanOrEqual(1);
  });
});

it('is not read in part beyond the time limit', async () => {
  const source = layer();
  const read = async (_start: number, _end: number, signal?: AbortSignal): Promise<never> =>
    await setTimeout(60_000, undefined, { ref: false, ...(signal && { signal }) }).then(
      () => expect.unreachable(),
      (error: Error) => Promise.reject(error.cause),
    );
  const late = { ...source, parts: { ...source.parts!, read } };
  await expect(readPartsOfLayer(late, DETECTORS, { partLimits: { maxPartsMilliseconds: 10 } })).rejects.toMatchObject({
    code: 'bytes/limit-exceeded',
    message: expect.stringMatching(/not read within 0.01 seconds/),
  });
});

it('requests ranges that are far apart together rather than too often', async () => {
  const source = layer();
  const reading = await readPartsOfLayer(source, DETECTORS, {
    partLimits: { maxRequests: 2, maxGapBytes: 100, maxRequestBytes: 1_000_000 },
  });
  expect([reading?.isInParts, source.requested.length]).toEqual([true, 3]);
});

it('has at most three requests open at once', async () => {
  const source = layer();
  const { parts } = source;
  let [open, most] = [0, 0];
  const read: NonNullable<typeof parts>['read'] = async (start, end) => {
    open += 1;
    most = Math.max(most, open);
    await setTimeout(1);
    open -= 1;
    return await parts!.read(start, end);
  };
  const partLimits = { maxGapBytes: 0, maxRequestBytes: 65_000 };
  await readPartsOfLayer({ ...source, parts: { ...parts!, read } }, DETECTORS, { partLimits });
  expect(most).toBe(3);
});
