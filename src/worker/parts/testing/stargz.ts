import { gzipSync } from 'node:zlib';
import { compress } from 'zstd-napi';
import { tarOf, withoutEnd } from '../../../bytes/testing/tar-builder.ts';
import { tarMembers } from './tar-members.ts';
import {
  type ChunkedLayer,
  digestOf,
  type Forgery,
  forged,
  skippable,
  TYPES,
  type WrittenEntry,
} from './zstd-chunked.ts';

export type StargzOptions = Omit<Forgery, 'tarSplit'> & {
  /** eStargz by default; `zstd` is stargz-snapshotter's variant of zstd:chunked. */
  readonly format?: 'gzip' | 'zstd';
  /** 64 KiB by default, much less than in real layers (4 MiB). */
  readonly chunkBytes?: number;
  /** Chunks share a gzip member or frame until it has this size; 0 by default. */
  readonly minChunkBytes?: number;
  /** Changes the JSON text of the table of contents. */
  readonly text?: (text: string) => string;
};

/** A layer, and the tar to which it decompresses. */
export type StargzLayer = ChunkedLayer & { readonly tar: Buffer };

/**
 * Compresses a tar as stargz-snapshotter does (estargz/estargz.go, estargz/gzip.go, estargz/zstdchunked): each chunk of
 * a file begins a gzip member or frame, then follow the table of contents and the footer.
 */
export function stargz(tar: Buffer, options: StargzOptions = {}): StargzLayer {
  const { format = 'gzip', chunkBytes = 64 * 1024, minChunkBytes = 0, hidden = {} } = options;
  const pack = format === 'gzip' ? (bytes: Buffer) => gzipSync(bytes) : compress;
  const packed: Buffer[] = [];
  const written: Buffer[] = [];
  let offset = 0;
  let open: Buffer[] = [];
  let innerOffset = 0;
  const write = (...bytes: readonly Buffer[]): void => {
    open.push(...bytes);
    written.push(...bytes);
    for (const { length } of bytes) innerOffset += length;
  };
  const close = (): void => {
    const bytes = pack(Buffer.concat(open));
    packed.push(bytes);
    offset += bytes.length;
    open = [];
    innerOffset = 0;
  };
  const entries: WrittenEntry[] = [];
  const { members, rest } = tarMembers(tar);
  for (const { raw, name, type, link, mode, content, padding } of members) {
    write(raw);
    const isHidden = hidden[name] !== undefined;
    // The table places the file in a member that it does not list.
    if (isHidden) write(content, padding, withoutEnd({ name: 'decoy', size: hidden[name]!.length }));
    const shown = hidden[name] ?? content;
    const entry: WrittenEntry = { type: TYPES[type], name, linkName: link || undefined, mode };
    const isFile = TYPES[type] === 'reg';
    const file: WrittenEntry = isFile ? { size: shown.length || undefined, digest: digestOf(shown) } : {};
    if (shown.length === 0) entries.push({ ...entry, ...file });
    for (let at = 0; at < shown.length; at += chunkBytes) {
      const bytes = shown.subarray(at, at + chunkBytes);
      if (innerOffset >= minChunkBytes) close();
      entries.push({
        ...(at === 0 ? { ...entry, ...file } : { type: 'chunk', name, chunkOffset: at }),
        offset: offset || undefined,
        innerOffset: innerOffset || undefined,
        chunkSize: at + chunkBytes < shown.length ? chunkBytes : undefined,
        chunkDigest: digestOf(bytes),
      });
      write(bytes);
    }
    write(isHidden ? Buffer.alloc((512 - (shown.length % 512)) % 512) : padding);
  }
  if (format === 'zstd') write(rest);
  close();
  return finished(Buffer.concat(packed), written, entries, format, options);
}

function finished(
  data: Buffer,
  written: readonly Buffer[],
  listed: WrittenEntry[],
  format: 'gzip' | 'zstd',
  options: StargzOptions,
): StargzLayer {
  const { entries = (all) => all, fields = (all) => all, text: change = (text) => text } = options;
  const json = Buffer.from(change(JSON.stringify(fields({ version: 1, entries: entries(listed) }))));
  const annotations = { 'containerd.io/snapshot/stargz/toc.digest': digestOf(json) };
  if (format === 'zstd') {
    const toc = compress(json);
    const footer = Buffer.alloc(40);
    for (const [index, number] of [data.length + 8, toc.length, json.length, 1].entries())
      footer.writeBigUInt64LE(BigInt(number), 8 * index);
    footer.write('GnUlInUx', 32, 'latin1');
    const blob = Buffer.concat([data, skippable(toc), skippable(footer)]);
    return { ...forged(blob, annotations, options), tar: Buffer.concat(written) };
  }
  const table = tarOf({ name: 'stargz.index.json', content: json });
  const blob = Buffer.concat([data, gzipSync(table), stargzFooter(data.length)]);
  return { ...forged(blob, annotations, options), tar: Buffer.concat([...written, table]) };
}

/** Returns the footer of eStargz. @param text the text after the position in the extra field */
export function stargzFooter(tocOffset: number, text = 'STARGZ'): Buffer {
  const field = Buffer.from(`${tocOffset.toString(16).padStart(16, '0')}${text}`);
  const extra = Buffer.concat([Buffer.from('SG'), Buffer.from([field.length, 0]), field]);
  return Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, extra.length, 0]),
    extra,
    Buffer.from([1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]),
  ]);
}
