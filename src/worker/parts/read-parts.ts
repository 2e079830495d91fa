import type { TarVisitor } from '../../bytes/tar/entry.ts';
import { ClairError } from '../../errors.ts';
import type { LayerLimits } from '../layer/limits.ts';
import type { ByteRange } from '../../bytes/byte-range.ts';
import type { LayerAnchor, PackedRange } from './layer-anchor.ts';
import { bytesOf, createChunkPlan } from './chunk-plan.ts';
import { checkChunk, createChunkReader, type ReadRange } from './chunk-reader.ts';
import { createContentPasser, likelyChunks } from './file-content.ts';
import { checkDigestOf, unpacked } from './packed-document.ts';
import type { PartLimits } from './part-limits.ts';
import { walkSplit } from './split-walk.ts';
import { readTableOfContents } from './table-of-contents.ts';
import { readTarSplit, type SplitPiece } from './tar-split.ts';

/** A layer that can be fetched in parts. */
export type LayerParts = {
  readonly anchor: LayerAnchor;
  /** The size of the stored bytes, according to the manifest. */
  readonly size: number;
  /** @throws ClairError `bytes/…`, `registry/…`, also for a response that is not exactly the requested range */
  readonly read: ReadRange;
};

export type PartsReading = {
  /** The number of members outside the root. */
  readonly outside: number;
  /** The number of bytes fetched. */
  readonly fetched: number;
};

export type PartsOptions = {
  readonly where: string;
  readonly limits: LayerLimits & PartLimits;
  readonly signal: AbortSignal;
  /** Receives the members before any content is fetched, to determine which content is needed. */
  readonly planning: TarVisitor;
  /** Returns whether the layer must be read as a whole if a wanted file at this path has content. */
  readonly isForWhole?: (path: string) => boolean;
};

/**
 * Reads only the headers and the wanted files of a layer. Returns undefined if a partial reading would save little or
 * would need too many requests, or if `isForWhole` requires the whole layer.
 *
 * The annotations of the manifest pin the table of contents, which pins the tar-split, the chunks and the digest of
 * each file. A runtime that uses the table of contents unpacks the same files. A partial reading does not prove that
 * the layer unpacks to a tar with the diff ID of the image, because this proof needs all bytes of the layer.
 *
 * @param visitor receives the members and their content as from `walkTar()`
 * @throws ClairError `bytes/…` or `registry/…` when the layer cannot be read in part, for any reason; the abort reason
 * of the signal
 */
export async function readParts(
  { anchor, size, read }: LayerParts,
  visitor: TarVisitor,
  { where, limits, signal, planning, isForWhole = () => false }: PartsOptions,
): Promise<PartsReading | undefined> {
  if (anchor.format === 'unusable') throw new ClairError('bytes/corrupt', `${where}: ${anchor.reason}`);
  const { toc: tocRange, tarSplit: splitRange } = anchor;
  checkPlace(tocRange, size, limits.maxTocBytes, limits, `${where}: the table of contents`);
  checkPlace(splitRange, size, limits.maxTarSplitBytes, limits, `${where}: the tar-split`);
  const leastSaved = Math.max(limits.minSavedBytes, limits.minSavedShare * size);
  if (size - bytesOf([tocRange, splitRange]) < leastSaved) return undefined;
  const documents = await fetchDocuments(tocRange, splitRange, read, signal);
  checkDigestOf(documents.toc, anchor.digest, `${where}: the table of contents`);
  const toc = await readTableOfContents(unpacked(documents.toc, tocRange.size, `${where}: the table of contents`), {
    where: `${where}: the table of contents`,
    maxTocEntries: limits.maxTocEntries,
    end: Math.min(tocRange.start, splitRange.start),
  });
  if (toc.tarSplitDigest === undefined) {
    throw new ClairError('bytes/digest-mismatch', `${where}: the table of contents states no digest of the tar-split`);
  }
  checkDigestOf(documents.tarSplit, toc.tarSplitDigest, `${where}: the tar-split`);
  const pieces = (): AsyncIterable<SplitPiece> => {
    const splitWhere = `${where}: the tar-split`;
    const lines = unpacked(documents.tarSplit, splitRange.size, splitWhere);
    return readTarSplit(lines, { where: splitWhere, maxLineBytes: limits.maxLineBytes });
  };
  const walk = { where, limits, signal, toc };
  const plan = createChunkPlan(limits);
  let isWhole = false;
  await walkSplit(pieces(), planning, { ...walk, isDry: true }, async (file) => {
    const { member, wish } = file;
    isWhole ||= wish !== false && wish !== 'start' && isForWhole(member.name);
    for (const chunk of likelyChunks(file)) {
      if (chunk.isZeros) continue;
      checkChunk(chunk, limits, where);
      plan.add(chunk);
    }
    file.walk.leap(member.size);
  });
  const requests = plan.requests();
  const maxBytes = size - documents.fetched - leastSaved;
  if (isWhole || bytesOf(requests) > maxBytes || requests.length > limits.maxRequests) return undefined;
  const chunks = await createChunkReader({ where, read, requests, maxBytes, limits, signal });
  const contents = createContentPasser(chunks, limits.maxZeroBytes, where);
  const { outside } = await walkSplit(pieces(), visitor, walk, contents.pass);
  return { outside, fetched: documents.fetched + chunks.fetched() };
}

function checkPlace(
  { start, end, size }: PackedRange,
  layerSize: number,
  maxBytes: number,
  { maxPackedBytes }: Pick<PartLimits, 'maxPackedBytes'>,
  where: string,
): void {
  if (end > layerSize) throw new ClairError('bytes/corrupt', `${where} is beyond the end of the layer`);
  if (end - start > maxPackedBytes || size > maxBytes) {
    const what = end - start > maxPackedBytes ? `${maxPackedBytes} compressed bytes` : `${maxBytes} bytes`;
    throw new ClairError('bytes/limit-exceeded', `${where} exceeds ${what}`);
  }
}

type Documents = { readonly toc: Uint8Array; readonly tarSplit: Uint8Array; readonly fetched: number };

/**
 * The maximum distance between the two documents for a single request; usually only the header of a skippable frame
 * separates the documents.
 */
const MAX_DISTANCE = 4096;

async function fetchDocuments(
  toc: ByteRange,
  tarSplit: ByteRange,
  read: ReadRange,
  signal: AbortSignal,
): Promise<Documents> {
  const distance = tarSplit.start - toc.end;
  if (distance < 0 || distance > MAX_DISTANCE) {
    const [one, other] = [await read(toc.start, toc.end, signal), await read(tarSplit.start, tarSplit.end, signal)];
    return { toc: one, tarSplit: other, fetched: bytesOf([toc, tarSplit]) };
  }
  const bytes = await read(toc.start, tarSplit.end, signal);
  return {
    toc: bytes.subarray(0, toc.end - toc.start),
    tarSplit: bytes.subarray(tarSplit.start - toc.start),
    fetched: bytes.length,
  };
}
