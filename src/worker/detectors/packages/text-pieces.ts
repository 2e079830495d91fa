/** The minimum size of a piece, which then continues to the end of its line. */
const PIECE_BYTES = 4 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * Decodes UTF-8 in pieces that end at line ends, so that the whole text of a large file is never in memory. Skips a
 * leading byte order mark; invalid UTF-8 becomes U+FFFD.
 */
export function* textPieces(bytes: Uint8Array, pieceBytes: number = PIECE_BYTES): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const lineFeed = bytes.indexOf(LINE_FEED, at + pieceBytes - 1);
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    yield new TextDecoder('utf-8', { ignoreBOM: at > 0 }).decode(bytes.subarray(at, end));
    at = end;
  }
}

/**
 * Yields the bytes in pieces that end at line ends. A piece contains one character for each byte, because this decoding
 * is far faster than UTF-8, and character offsets equal byte offsets. Skips a leading UTF-8 byte order mark, and adds a
 * missing last line feed.
 */
export function* bytePieces(bytes: Uint8Array, pieceBytes: number): Generator<BytePiece> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = hasByteOrderMark(bytes) ? 3 : 0; at < bytes.length; ) {
    const lineFeed = buffer.indexOf(LINE_FEED, at + pieceBytes - 1);
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    const piece = buffer.toString('latin1', at, end);
    yield { text: lineFeed === -1 && bytes[end - 1] !== LINE_FEED ? `${piece}\n` : piece, start: at };
    at = end;
  }
}

/** A piece of bytes, and the offset of its first byte. */
export type BytePiece = { readonly text: string; readonly start: number };

/**
 * Returns the number, from 1, of the line at a byte offset. Counts from the start, so use the function for diagnostics
 * only.
 */
export function lineAt(bytes: Uint8Array, place: number): number {
  let line = 1;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1 && at < place; at = bytes.indexOf(LINE_FEED, at + 1)) line += 1;
  return line;
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
