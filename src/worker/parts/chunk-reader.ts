import { ClairError } from '../../errors.ts';
import { isSha256Digest } from '../../model/digest.ts';
import type { LayerLimits } from '../layer/limits.ts';
import type { ByteRange } from '../../bytes/byte-range.ts';
import type { FileChunk } from './file-chunks.ts';
import type { PackedRange } from './layer-anchor.ts';
import { checkDigestOf, type UnpackStart } from './packed-document.ts';
import type { PartLimits } from './part-limits.ts';

/** Reads a range of the stored bytes; the result is exactly as long as the range. */
export type ReadRange = (start: number, end: number, signal?: AbortSignal) => Promise<Uint8Array>;

/** Reads chunks of files in ascending order. */
export type ChunkReader = {
  /**
   * Returns the content of a chunk, verified by its digest.
   *
   * @param fileEnd the end of the last chunk of the file; an unplanned chunk is requested together with the chunks
   * after it in the file
   * @throws ClairError `bytes/digest-mismatch`, `bytes/corrupt`; `bytes/limit-exceeded` for large chunks, too many
   * requests, or too many bytes, compressed or not; errors of `read`
   */
  readonly content: (chunk: FileChunk, fileEnd: number) => Promise<Buffer>;
  /** The number of bytes requested so far. */
  readonly fetched: () => number;
};

export type ChunkReaderOptions = {
  readonly where: string;
  readonly read: ReadRange;
  readonly unpack: UnpackStart;
  /** The planned requests, in ascending order. */
  readonly requests: readonly ByteRange[];
  /** The maximum number of bytes to request. */
  readonly maxBytes: number;
  readonly limits: ChunkLimits;
  readonly signal: AbortSignal;
};

export type ChunkLimits = Pick<
  PartLimits,
  'maxChunkBytes' | 'maxRequests' | 'maxRequestBytes' | 'maxConcurrentRequests'
> &
  Pick<LayerLimits, 'expansionFreeBytes' | 'maxExpansionRatio'>;

/** Creates a reader that sends a few of the planned requests in advance. */
export function createChunkReader(options: ChunkReaderOptions): ChunkReader {
  const { where, read, unpack, requests, maxBytes, limits, signal } = options;
  const { maxRequests, maxRequestBytes, maxConcurrentRequests, expansionFreeBytes, maxExpansionRatio } = limits;
  const started = new Map<number, Promise<Fetched>>();
  let current = 0;
  let unplanned: Fetched | undefined;
  let last: { readonly packed: PackedRange; readonly content: Buffer } | undefined;
  let sent = 0;
  let fetched = 0;
  let decodedBytes = 0;

  async function fetchRange({ start, end }: ByteRange): Promise<Fetched> {
    sent += 1;
    if (sent > maxRequests) throw exceeded(where, `more than ${maxRequests} requests are needed`);
    fetched += end - start;
    if (fetched > maxBytes) throw exceeded(where, `more than ${maxBytes} bytes are needed`);
    return { start, end, bytes: await read(start, end, signal) };
  }

  function startAhead(): void {
    for (const index of started.keys()) if (index < current) started.delete(index);
    for (let index = current; index < Math.min(requests.length, current + maxConcurrentRequests); index += 1) {
      const request = requests[index];
      if (request === undefined || started.has(index)) continue;
      const answer = fetchRange(request);
      // The response is awaited only when its chunks are needed; until then, a failure must not be an unhandled
      // rejection.
      answer.catch(() => undefined);
      started.set(index, answer);
    }
  }

  async function rangeWith(packed: PackedRange, fileEnd: number): Promise<Fetched> {
    while ((requests[current]?.end ?? Infinity) <= packed.start) current += 1;
    const planned = requests[current];
    if (planned !== undefined && holds(planned, packed)) {
      startAhead();
      const answer = await started.get(current);
      if (answer !== undefined) return answer;
    }
    if (unplanned === undefined || !holds(unplanned, packed)) {
      const end = Math.max(packed.end, Math.min(fileEnd, packed.start + maxRequestBytes));
      unplanned = await fetchRange({ start: packed.start, end });
    }
    return unplanned;
  }

  async function unpacked(packed: PackedRange, fileEnd: number): Promise<Buffer> {
    // Chunks of small files share their stored bytes, which are decompressed once.
    if (last?.packed === packed) return last.content;
    const { start, bytes } = await rangeWith(packed, fileEnd);
    // Whole layers have the same limit; no other limit bounds the decoded bytes of files of which only the start is
    // read.
    decodedBytes += packed.size;
    if (decodedBytes > expansionFreeBytes && decodedBytes > maxExpansionRatio * fetched) {
      throw exceeded(where, `${fetched} fetched bytes expand to more than ${maxExpansionRatio} times their size`);
    }
    const content = await unpack(bytes.subarray(packed.start - start, packed.end - start), packed.size, where);
    last = { packed, content };
    return content;
  }

  return {
    fetched: () => fetched,
    async content(chunk, fileEnd) {
      checkChunk(chunk, limits, where);
      const { packed, skip, digest, size } = chunk;
      const content = (await unpacked(packed, fileEnd)).subarray(skip, skip + size);
      checkDigestOf(content, digest, `${where}: a part of a file`);
      return content;
    },
  };
}

/**
 * Checks a chunk before its bytes are requested.
 *
 * @throws ClairError `bytes/limit-exceeded` for a large chunk, `bytes/digest-mismatch` for a chunk without a SHA-256
 * digest
 */
export function checkChunk(
  chunk: FileChunk,
  { maxChunkBytes }: Pick<PartLimits, 'maxChunkBytes'>,
  where: string,
): asserts chunk is FileChunk & { readonly digest: string } {
  const { digest, packed } = chunk;
  if (digest === undefined || !isSha256Digest(digest)) {
    throw new ClairError('bytes/digest-mismatch', `${where}: a part of a file has no SHA-256 digest`);
  }
  if (packed.size > maxChunkBytes || packed.end - packed.start > maxChunkBytes) {
    throw exceeded(where, `a part of a file exceeds ${maxChunkBytes} bytes`);
  }
}

type Fetched = ByteRange & { readonly bytes: Uint8Array };

function exceeded(where: string, what: string): ClairError {
  return new ClairError('bytes/limit-exceeded', `${where}: ${what}`);
}

function holds(range: ByteRange, packed: ByteRange): boolean {
  return range.start <= packed.start && packed.end <= range.end;
}
