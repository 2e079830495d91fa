import { createHash, type Hash } from 'node:crypto';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { decodeGzip } from '../../../bytes/compression-decoders.ts';
import { BLOCK_BYTES, isChecksumRight, parseHeader, TYPE } from '../../../bytes/tar/header.ts';
import { pathOfName } from '../../../bytes/tar/name.ts';
import { ClairError } from '../../../errors.ts';
import type { ReadRange } from '../chunk-reader.ts';
import { sharedPlaces } from '../file-chunks.ts';
import type { LayerAnchor } from '../layer-anchor.ts';
import { checkPlace, type LayerTable, type TableOptions } from '../layer-table.ts';
import { listedPieces } from '../listed-pieces.ts';
import { checkHash, pieces, unpacked } from '../packed-document.ts';
import { readTableOfContents, type TableOfContents } from '../table-of-contents.ts';
import { frameStartUnpacker, gzipStartUnpacker } from './start-unpackers.ts';
import { parseStargzFooter, type StargzFooter } from './stargz-footer.ts';

/**
 * Fetches and verifies the table of contents of a layer of stargz-snapshotter. Returns undefined if the table exceeds
 * `maxBytes`.
 *
 * @param size the size of the layer
 * @throws ClairError `bytes/…`, `registry/…`
 */
export async function readStargzTable(
  { digest }: Extract<LayerAnchor, { readonly format: 'stargz' }>,
  size: number,
  read: ReadRange,
  { where, limits, signal, maxBytes }: TableOptions,
): Promise<LayerTable | undefined> {
  const tailStart = size - limits.maxGapBytes;
  if (limits.maxGapBytes > maxBytes || tailStart <= 0) return undefined;
  // A small table of contents fits into the end of the layer that is fetched with the footer.
  const tail = await read(tailStart, size, signal);
  const footer = parseStargzFooter(tail, size, where);
  const { start, end } = footer;
  const tocWhere = `${where}: the table of contents`;
  checkPlace(footer, size, limits.maxTocBytes, limits, tocWhere);
  if (size - start > maxBytes) return undefined;
  const before = start < tailStart ? await read(start, Math.min(end, tailStart), signal) : new Uint8Array();
  const packed = Buffer.concat([before, tail.subarray(Math.max(0, start - tailStart), Math.max(0, end - tailStart))]);
  const hash = createHash('sha256');
  const toc = await readTableOfContents(hashed(tableText(packed, footer, limits.maxTocBytes, tocWhere), hash), {
    where: tocWhere,
    maxTocEntries: limits.maxTocEntries,
    place: sharedPlaces(start),
  });
  checkHash(hash, digest, tocWhere);
  const listed = withoutLandmarks(toc);
  return {
    toc: listed,
    pieces: await listedPieces(listed, { where, limits, signal }),
    isUnproven: true,
    unpack: footer.format === 'gzip' ? gzipStartUnpacker() : await frameStartUnpacker(),
    fetched: tail.length + before.length,
  };
}

/** Returns the JSON document of a table of contents; eStargz packs the document into a tar. */
function tableText(
  packed: Uint8Array,
  { format, size }: StargzFooter,
  maxBytes: number,
  where: string,
): AsyncGenerator<Uint8Array> {
  return format === 'zstd'
    ? unpacked(packed, size, where)
    : onlyMember(decodeGzip(pieces(packed), where), maxBytes, where);
}

const TABLE_NAME = 'stargz.index.json';

/** Returns the content of the first member of a tar, as stargz-snapshotter reads the table (`estargz/gzip.go`). */
async function* onlyMember(stream: ByteStream, maxBytes: number, where: string): AsyncGenerator<Uint8Array> {
  let header = Buffer.alloc(0);
  let left: number | undefined;
  for await (const chunk of stream) {
    let rest = chunk;
    if (left === undefined) {
      rest = chunk.subarray(BLOCK_BYTES - header.length);
      header = Buffer.concat([header, chunk.subarray(0, BLOCK_BYTES - header.length)]);
      if (header.length < BLOCK_BYTES) continue;
      left = sizeOf(header, maxBytes, where);
    }
    yield rest.subarray(0, left);
    left -= Math.min(left, rest.length);
    if (left === 0) return;
  }
  throw new ClairError('bytes/truncated', `${where} ends too early`);
}

function sizeOf(header: Buffer, maxBytes: number, where: string): number {
  const { type, name, size } = parseHeader(header, 0, where);
  const isTable = isChecksumRight(header, 0) && type === TYPE.file && pathOfName(name) === TABLE_NAME;
  if (!isTable) throw new ClairError('bytes/corrupt', `${where} is not in a tar with the file ${TABLE_NAME}`);
  if (size > maxBytes) throw new ClairError('bytes/limit-exceeded', `${where} exceeds ${maxBytes} bytes`);
  return size;
}

async function* hashed(stream: ByteStream, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Files in the root with these names only tell stargz-snapshotter what to fetch first (`estargz/types.go`). */
const LANDMARKS: ReadonlySet<string | null> = new Set(['.prefetch.landmark', '.no.prefetch.landmark']);

function withoutLandmarks({ members, ...toc }: TableOfContents): TableOfContents {
  const listed = [...members].filter(([name, { kind }]) => kind !== 'file' || !LANDMARKS.has(pathOfName(name)));
  return { ...toc, members: new Map(listed) };
}
