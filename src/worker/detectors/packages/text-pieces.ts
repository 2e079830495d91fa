/** A piece has so many bytes, and goes on to the end of its line. */
const PIECE_BYTES = 4 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * Decodes UTF-8 in pieces that end at line ends, so that the text of a big file is never in memory as a whole. A byte order
 * mark at the start is left out; bytes that are no UTF-8 become U+FFFD.
 */
export function* textPieces(bytes: Uint8Array, pieceBytes: number = PIECE_BYTES): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const lineFeed = bytes.indexOf(LINE_FEED, at + pieceBytes - 1);
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    yield new TextDecoder('utf-8', { ignoreBOM: at > 0 }).decode(bytes.subarray(at, end));
    at = end;
  }
}
