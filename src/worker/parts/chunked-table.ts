import type { ByteRange } from '../../bytes/byte-range.ts';
import { ClairError } from '../../errors.ts';
import { bytesOf } from './chunk-plan.ts';
import type { ReadRange } from './chunk-reader.ts';
import { framePlaces } from './file-chunks.ts';
import type { LayerAnchor, PackedRange } from './layer-anchor.ts';
import { checkPlace, type LayerTable, type TableOptions } from './layer-table.ts';
import { checkDigestOf, frameUnpacker, unpacked } from './packed-document.ts';
import { listedPieces } from './listed-pieces.ts';
import { readTableOfContents } from './table-of-contents.ts';
import { readTarSplit, type SplitPiece } from './tar-split.ts';

/**
 * Fetches and verifies the table of contents and the tar-split, if any, of a zstd:chunked layer of containers/storage.
 * Returns undefined if both together exceed `maxBytes`.
 *
 * @param size the size of the layer
 * @throws ClairError `bytes/…`, `registry/…`
 */
export async function readChunkedTable(
  { digest, toc: tocRange, tarSplit: splitRange }: Extract<LayerAnchor, { readonly format: 'zstd:chunked' }>,
  size: number,
  read: ReadRange,
  { where, limits, signal, maxBytes }: TableOptions,
): Promise<LayerTable | undefined> {
  const ranges = splitRange === undefined ? [tocRange] : [tocRange, splitRange];
  checkPlace(tocRange, size, limits.maxTocBytes, limits, `${where}: the table of contents`);
  if (splitRange !== undefined) {
    checkPlace(splitRange, size, limits.maxTarSplitBytes, limits, `${where}: the tar-split`);
  }
  if (bytesOf(ranges) > maxBytes) return undefined;
  const documents = await fetchDocuments(tocRange, splitRange, read, signal);
  checkDigestOf(documents.toc, digest, `${where}: the table of contents`);
  const toc = await readTableOfContents(unpacked(documents.toc, tocRange.size, `${where}: the table of contents`), {
    where: `${where}: the table of contents`,
    maxTocEntries: limits.maxTocEntries,
    place: framePlaces(Math.min(...ranges.map(({ start }) => start))),
  });
  const unpack = await frameUnpacker();
  const { fetched, tarSplit } = documents;
  if (splitRange === undefined || tarSplit === undefined) {
    return { toc, pieces: await listedPieces(toc, { where, limits, signal }), isUnproven: true, unpack, fetched };
  }
  if (toc.tarSplitDigest === undefined) {
    throw new ClairError('bytes/digest-mismatch', `${where}: the table of contents states no digest of the tar-split`);
  }
  checkDigestOf(tarSplit, toc.tarSplitDigest, `${where}: the tar-split`);
  const pieces = (): AsyncIterable<SplitPiece> => {
    const splitWhere = `${where}: the tar-split`;
    const lines = unpacked(tarSplit, splitRange.size, splitWhere);
    return readTarSplit(lines, { where: splitWhere, maxLineBytes: limits.maxLineBytes });
  };
  return { toc, pieces, isUnproven: false, unpack, fetched };
}

type Documents = { readonly toc: Uint8Array; readonly tarSplit: Uint8Array | undefined; readonly fetched: number };

/**
 * The maximum distance between the two documents for a single request; usually only the header of a skippable frame
 * separates the documents.
 */
const MAX_DISTANCE = 4096;

async function fetchDocuments(
  toc: PackedRange,
  tarSplit: PackedRange | undefined,
  read: ReadRange,
  signal: AbortSignal,
): Promise<Documents> {
  const fetch = async ({ start, end }: ByteRange): Promise<Uint8Array> => await read(start, end, signal);
  if (tarSplit === undefined) return { toc: await fetch(toc), tarSplit, fetched: bytesOf([toc]) };
  const distance = tarSplit.start - toc.end;
  if (distance < 0 || distance > MAX_DISTANCE) {
    const [one, other] = [await fetch(toc), await fetch(tarSplit)];
    return { toc: one, tarSplit: other, fetched: bytesOf([toc, tarSplit]) };
  }
  const bytes = await fetch({ start: toc.start, end: tarSplit.end });
  return {
    toc: bytes.subarray(0, toc.end - toc.start),
    tarSplit: bytes.subarray(tarSplit.start - toc.start),
    fetched: bytes.length,
  };
}
