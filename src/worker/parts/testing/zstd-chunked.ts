import { createHash } from 'node:crypto';
import { compress } from 'zstd-napi';
import { tarMembers } from './tar-members.ts';

/** A layer as `podman push --compression-format zstd:chunked` writes it. */
export type ChunkedLayer = {
  readonly blob: Buffer;
  /** The annotations of the layer's descriptor. */
  readonly annotations: Readonly<Record<string, string>>;
};

/** An entry of the table of contents. */
export type WrittenEntry = { [field: string]: string | number | undefined };

/** Changes a layer before its parts are compressed and their digests computed. */
export type Forgery = {
  /** The contents, by file name, that the table of contents describes instead of the contents in the tar. */
  readonly hidden?: Readonly<Record<string, Buffer>>;
  /** Changes the entries of the table of contents. */
  readonly entries?: (entries: WrittenEntry[]) => WrittenEntry[];
  /** Changes the other fields of the table. */
  readonly fields?: (fields: Record<string, unknown>) => Record<string, unknown>;
  /** Changes the lines of the tar-split. */
  readonly tarSplit?: (lines: string[]) => string[];
  readonly annotations?: (annotations: Record<string, string>) => Record<string, string | undefined>;
  /** Changes the finished blob. */
  readonly blob?: (blob: Buffer) => Buffer;
};

/** The size of a chunk. In real layers, a rolling checksum of the content ends a chunk; 64 KiB is the average size. */
const CHUNK_BYTES = 64 * 1024;

/** A run of zeros of at least this size is a chunk of its own. */
const HOLE_BYTES = 1024;

const PREFIX = 'io.github.containers.zstd-chunked';
/** The types of entries, by the type flags of members. */
export const TYPES: Readonly<Record<string, string>> = {
  0: 'reg',
  1: 'hardlink',
  2: 'symlink',
  3: 'char',
  4: 'block',
  5: 'dir',
  6: 'fifo',
};

/**
 * Compresses a tar as containers/storage does (pkg/chunked/compressor/compressor.go): headers and each chunk of a file
 * in separate zstd frames, then skippable frames with the table of contents, the tar-split and the footer.
 */
export function zstdChunked(tar: Buffer, forgery: Forgery = {}): ChunkedLayer {
  const frames: Buffer[] = [];
  let offset = 0;
  const write = (bytes: Buffer): void => {
    frames.push(bytes);
    offset += bytes.length;
  };
  let pending: Buffer[] = [];
  const flush = (): void => {
    if (pending.length > 0) write(compress(Buffer.concat(pending)));
    pending = [];
  };
  const entries: WrittenEntry[] = [];
  const lines: string[] = [];
  const line = (piece: object): number => lines.push(JSON.stringify({ ...piece, position: lines.length }));
  const { members, rest } = tarMembers(tar);
  let gap = Buffer.alloc(0);
  for (const { raw, name, type, link, mode, content, padding } of members) {
    pending.push(gap, raw);
    line({ type: 2, payload: Buffer.concat([gap, raw]).toString('base64') });
    line({
      type: 1,
      name,
      ...(content.length > 0 && { size: content.length }),
      payload: content.length > 0 ? 'AAAAAAAAAAA=' : null,
    });
    gap = Buffer.from(padding);
    const entry: WrittenEntry = { type: TYPES[type], name, linkName: link || undefined, mode };
    const hidden = forgery.hidden?.[name];
    const shown = hidden ?? content;
    const parts = chunksOf(shown);
    if (parts.length > 0) flush();
    // Decoders skip the hidden content and read this content instead.
    if (hidden !== undefined) write(compress(content));
    const chunks = parts.map(({ at, bytes, isZeros }) => {
      const start = offset + (hidden === undefined ? 0 : SKIPPABLE_HEADER_BYTES);
      write(hidden === undefined ? compress(bytes) : skippable(compress(bytes)));
      const chunkType = isZeros ? 'zeros' : undefined;
      return {
        offset: start,
        chunkOffset: at || undefined,
        chunkSize: bytes.length,
        chunkDigest: digestOf(bytes),
        chunkType,
      };
    });
    const [first, ...others] = chunks;
    const file = first && { size: content.length, digest: digestOf(shown), endOffset: offset };
    entries.push({ ...entry, ...file, ...(others.length > 0 ? first : { offset: first?.offset }) });
    for (const each of others) entries.push({ type: 'chunk', name, ...each });
  }
  pending.push(gap, rest);
  line({ type: 2, payload: Buffer.concat([gap, rest]).toString('base64') });
  flush();
  return finished(frames, entries, lines, forgery);
}

function finished(frames: readonly Buffer[], entries: WrittenEntry[], lines: string[], forgery: Forgery): ChunkedLayer {
  const same = <Value>(value: Value): Value => value;
  const splitText = Buffer.from(`${(forgery.tarSplit ?? same)(lines).join('\n')}\n`);
  const tarSplit = compress(splitText);
  const fields = { version: 1, entries: (forgery.entries ?? same)(entries), tarSplitDigest: digestOf(tarSplit) };
  const tocText = Buffer.from(JSON.stringify((forgery.fields ?? same<Record<string, unknown>>)(fields)));
  const toc = compress(tocText);
  const data = Buffer.concat(frames);
  const tocAt = data.length + 8;
  const splitAt = tocAt + toc.length + 8;
  const footer = Buffer.alloc(64);
  const numbers = [tocAt, toc.length, tocText.length, 1, splitAt, tarSplit.length, splitText.length];
  for (const [index, number] of numbers.entries()) footer.writeBigUInt64LE(BigInt(number), 8 * index);
  footer.write('GNUlInUx', 56, 'latin1');
  const blob = Buffer.concat([data, skippable(toc), skippable(tarSplit), skippable(footer)]);
  const annotations = {
    [`${PREFIX}.manifest-checksum`]: digestOf(toc),
    [`${PREFIX}.manifest-position`]: `${tocAt}:${toc.length}:${tocText.length}:1`,
    [`${PREFIX}.tarsplit-position`]: `${splitAt}:${tarSplit.length}:${splitText.length}`,
  };
  return forged(blob, annotations, forgery);
}

/** Applies a forgery to a finished layer. */
export function forged(
  blob: Buffer,
  annotations: Record<string, string>,
  { blob: changeBlob = (each) => each, annotations: change = (all) => all }: Forgery,
): ChunkedLayer {
  const stated = Object.entries(change(annotations));
  return {
    blob: changeBlob(blob),
    annotations: Object.fromEntries(stated.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
  };
}

type Piece = { readonly at: number; readonly bytes: Buffer; readonly isZeros: boolean };

function chunksOf(content: Buffer): readonly Piece[] {
  const pieces: Piece[] = [];
  let begin = 0;
  const cut = (end: number, isZeros: boolean): void => {
    if (end > begin) pieces.push({ at: begin, bytes: content.subarray(begin, end), isZeros });
    begin = end;
  };
  for (let at = 0; at < content.length; ) {
    let zeros = at;
    while (content[zeros] === 0) zeros += 1;
    if (zeros - at >= HOLE_BYTES) {
      cut(at, false);
      cut(zeros, true);
    }
    // Searching is much faster than comparing each byte, and most bytes are not zero.
    const nextZero = content.indexOf(0, zeros);
    at = Math.min(nextZero === -1 ? content.length : nextZero, Math.max(zeros, begin + CHUNK_BYTES));
    if (at - begin >= CHUNK_BYTES) cut(at, false);
  }
  cut(content.length, false);
  return pieces;
}

const SKIPPABLE_HEADER_BYTES = 8;

/** Returns a skippable frame (RFC 8878, 3.1.2). */
export function skippable(data: Buffer): Buffer {
  const header = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  header.writeUInt32LE(data.length, 4);
  return Buffer.concat([header, data]);
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
