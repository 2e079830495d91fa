import type { ByteRange } from '../../bytes/byte-range.ts';
import type { PartLimits } from './part-limits.ts';

/** Collects ranges of the stored bytes, in ascending order, and merges neighbours into requests. */
export type ChunkPlan = {
  /** Adds a range; a single request always covers the whole range. */
  readonly add: (range: ByteRange) => void;
  /** Returns the requests; if there are more than `maxRequests`, merges more distant ranges. */
  readonly requests: () => readonly ByteRange[];
};

/** Creates an empty plan. */
export function createChunkPlan({
  maxGapBytes,
  maxRequestBytes,
  maxRequests,
}: Pick<PartLimits, 'maxGapBytes' | 'maxRequestBytes' | 'maxRequests'>): ChunkPlan {
  const ranges: ByteRange[] = [];
  return {
    add(range) {
      ranges.push(range);
    },
    requests() {
      let requests = merged(ranges, maxGapBytes, maxRequestBytes);
      for (let gap = 2 * maxGapBytes; requests.length > maxRequests && gap < maxRequestBytes; gap *= 2) {
        requests = merged(ranges, gap, maxRequestBytes);
      }
      return requests;
    },
  };
}

/** Returns the total size of ranges. */
export function bytesOf(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

function merged(ranges: readonly ByteRange[], maxGap: number, maxBytes: number): readonly ByteRange[] {
  const requests: ByteRange[] = [];
  let last: ByteRange | undefined;
  for (const range of ranges) {
    const isNear = last !== undefined && range.start - last.end <= maxGap && range.end - last.start <= maxBytes;
    if (isNear && last !== undefined) {
      requests.pop();
      last = { start: last.start, end: Math.max(last.end, range.end) };
    } else last = range;
    requests.push(last);
  }
  return requests;
}
