import type { TarVisitor } from '../../bytes/tar/entry.ts';
import { ClairError } from '../../errors.ts';
import type { LayerLimits } from '../layer/limits.ts';
import { bytesOf, createChunkPlan } from './chunk-plan.ts';
import { checkChunk, createChunkReader, type ReadRange } from './chunk-reader.ts';
import { readChunkedTable } from './chunked-table.ts';
import { createContentPasser, likelyChunks } from './file-content.ts';
import type { LayerAnchor } from './layer-anchor.ts';
import type { LayerTable, TableOptions } from './layer-table.ts';
import type { PartLimits } from './part-limits.ts';
import { walkSplit } from './split-walk.ts';
import { readStargzTable } from './stargz/stargz-table.ts';

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
  /** Whether nothing proves that the table of contents lists all members of the layer. */
  readonly isUnproven: boolean;
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
 * the layer unpacks to a tar with the diff ID of the image, because this proof needs all bytes of the layer. If the
 * layer has no tar-split, this function passes the members of the table of contents. The tar may have other members, and
 * most runtimes unpack the tar.
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
  const leastSaved = Math.max(limits.minSavedBytes, limits.minSavedShare * size);
  const options: TableOptions = { where, limits, signal, maxBytes: size - leastSaved };
  const table = await readTable(anchor, size, read, options);
  if (table === undefined) return undefined;
  const { toc, pieces, unpack, isUnproven } = table;
  const walk = { where, limits, signal, toc };
  const plan = createChunkPlan(limits);
  let isWhole = false;
  await walkSplit(pieces(), planning, { ...walk, isDry: true }, async (file) => {
    const { member, wish } = file;
    isWhole ||= wish !== false && wish !== 'start' && isForWhole(member.name);
    for (const chunk of likelyChunks(file)) {
      if (chunk.isZeros) continue;
      checkChunk(chunk, limits, where);
      plan.add(chunk.packed);
    }
    file.walk.leap(member.size);
  });
  const requests = plan.requests();
  const maxBytes = size - table.fetched - leastSaved;
  if (isWhole || bytesOf(requests) > maxBytes || requests.length > limits.maxRequests) return undefined;
  const chunks = createChunkReader({ where, read, unpack, requests, maxBytes, limits, signal });
  const contents = createContentPasser(chunks, limits.maxZeroBytes, where);
  const { outside } = await walkSplit(pieces(), visitor, walk, contents.pass);
  return { outside, fetched: table.fetched + chunks.fetched(), isUnproven };
}

async function readTable(
  anchor: Exclude<LayerAnchor, { readonly format: 'unusable' }>,
  size: number,
  read: ReadRange,
  options: TableOptions,
): Promise<LayerTable | undefined> {
  return anchor.format === 'stargz'
    ? await readStargzTable(anchor, size, read, options)
    : await readChunkedTable(anchor, size, read, options);
}
