import { ClairError } from '../../../errors.ts';
import type { PackedRange } from '../layer-anchor.ts';

/**
 * The place of the table of contents in a layer of stargz-snapshotter, according to the footer of the layer. The footer
 * of eStargz (`gzip`) states no uncompressed size; the size is then 0.
 */
export type StargzFooter = PackedRange & { readonly format: 'gzip' | 'zstd' };

/**
 * The maximum size of a footer, in bytes. `estargz/gzip.go` writes 51 bytes; `estargz/zstdchunked/zstdchunked.go` writes
 * 40 bytes.
 */
const FOOTER_BYTES = 51;

/**
 * Reads the footer of a layer of `size` bytes. Nothing proves the footer, so the table of contents must have the digest
 * in the manifest.
 *
 * @param tail at least the last 51 bytes
 * @throws ClairError `bytes/corrupt` for another footer, or a place outside the layer
 */
export function parseStargzFooter(tail: Uint8Array, size: number, where: string): StargzFooter {
  const footer = Buffer.from(tail.subarray(-FOOTER_BYTES));
  const place = gzipPlace(footer, size) ?? zstdPlace(footer);
  if (place === undefined) {
    const isElsewhere = footer.includes(ELSEWHERE);
    const reason = isElsewhere ? 'the table of contents is in another image' : 'the layer has no eStargz footer';
    throw new ClairError('bytes/corrupt', `${where}: ${reason}`);
  }
  const { start, end } = place;
  if (!Number.isSafeInteger(end) || start <= 0 || start >= end || end > size) {
    throw new ClairError('bytes/corrupt', `${where}: the footer places the table of contents outside the layer`);
  }
  return place;
}

/** The text in the footer of a layer whose table of contents is in another image (`estargz/externaltoc`). */
const ELSEWHERE = 'STARGZEXTERNALTOC';

/** An empty gzip member with the position in hexadecimal digits in its extra field. */
function gzipPlace(footer: Buffer, size: number): StargzFooter | undefined {
  const isGzip = footer.length === FOOTER_BYTES && footer.readUInt32BE(0) === GZIP_WITH_EXTRA;
  const isField = footer.toString('latin1', 10, 16) === FIELD_HEADER;
  const extra = /^([0-9a-f]{16})STARGZ$/i.exec(footer.toString('latin1', 16, 38));
  if (!isGzip || !isField || extra === null) return undefined;
  return { format: 'gzip', start: Number.parseInt(extra[1] ?? '', 16), end: size - FOOTER_BYTES, size: 0 };
}

/** The start of a gzip header with an extra field and no other optional field (RFC 1952, 2.3). */
const GZIP_WITH_EXTRA = 0x1f8b0804;

/** The sizes of the extra field and of its only subfield, with the name of the subfield (RFC 1952, 2.3.1.1). */
const FIELD_HEADER = '\u001a\0SG\u0016\0';

/** The last 40 bytes: the position, the compressed and the uncompressed size, a type, and a magic number. */
function zstdPlace(footer: Buffer): StargzFooter | undefined {
  const at = footer.length - ZSTD_FOOTER_BYTES;
  if (at < 0 || footer.toString('latin1', footer.length - ZSTD_MAGIC.length) !== ZSTD_MAGIC) return undefined;
  const [start, bytes, unpacked] = [0, 8, 16].map((field) => Number(footer.readBigUInt64LE(at + field)));
  if (start === undefined || bytes === undefined || unpacked === undefined) return undefined;
  return { format: 'zstd', start, end: start + bytes, size: unpacked };
}

const ZSTD_FOOTER_BYTES = 40;

/** The magic number differs from the one of containers/storage, `GNUlInUx`, in one letter. */
const ZSTD_MAGIC = 'GnUlInUx';
