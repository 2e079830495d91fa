import type { ByteStream } from '../../bytes/byte-stream.ts';
import { ClairError } from '../../errors.ts';
import { exactKeysOf } from './exact-keys.ts';
import { isCount } from './toc-entry.ts';

/** A piece of the tar: bytes outside the content of files, or the place of the content of a member. */
export type SplitPiece =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** Follows the header of every member, including members without content. */
  | { readonly kind: 'content'; readonly name: string; readonly size: number };

/**
 * Reads a tar-split (github.com/vbatts/tar-split, tar/storage/entry.go): one JSON object per line. The pieces, in
 * order, make up the tar.
 *
 * @throws ClairError `bytes/corrupt` for anything else, and for names that are not UTF-8, which a table of contents
 * cannot contain; `bytes/limit-exceeded` for a long line; errors of `stream`
 */
export async function* readTarSplit(
  stream: ByteStream,
  { where, maxLineBytes }: { readonly where: string; readonly maxLineBytes: number },
): AsyncGenerator<SplitPiece> {
  let number = 0;
  for await (const line of linesOf(stream, where, maxLineBytes)) {
    number += 1;
    const piece = pieceOf(line);
    if (piece === undefined) {
      throw new ClairError('bytes/corrupt', `${where} is invalid: line ${number} is not an entry of a tar-split`);
    }
    yield piece;
  }
}

const hasExactKeys = exactKeysOf(['type', 'name', 'name_raw', 'size', 'payload', 'position']);

const CONTENT = 1;
const BYTES = 2;

function pieceOf(line: string): SplitPiece | undefined {
  const entry = parsed(line);
  if (typeof entry !== 'object' || entry === null || !hasExactKeys(Object.keys(entry))) return undefined;
  const field = (name: string): unknown => Reflect.get(entry, name);
  const [name, size, payload] = [field('name'), field('size') ?? 0, field('payload')];
  if (field('type') === BYTES && typeof payload === 'string')
    return { kind: 'bytes', bytes: Buffer.from(payload, 'base64') };
  const isContent = field('type') === CONTENT && field('name_raw') === undefined;
  return isContent && typeof name === 'string' && isCount(size) ? { kind: 'content', name, size } : undefined;
}

const NEWLINE = 0x0a;

async function* linesOf(stream: ByteStream, where: string, maxLineBytes: number): AsyncGenerator<string> {
  let begun: Uint8Array[] = [];
  let bytes = 0;
  const check = (length: number): void => {
    if (length <= maxLineBytes) return;
    throw new ClairError('bytes/limit-exceeded', `${where} has a line of more than ${maxLineBytes} bytes`);
  };
  for await (const chunk of stream) {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, at)) {
      check(bytes + end - at);
      begun.push(chunk.subarray(at, end));
      yield Buffer.concat(begun).toString('utf8');
      begun = [];
      bytes = 0;
      at = end + 1;
    }
    // Copy the bytes, because the stream may reuse their memory.
    if (at < chunk.length) begun.push(Uint8Array.from(chunk.subarray(at)));
    bytes += chunk.length - at;
    check(bytes);
  }
  if (bytes > 0) yield Buffer.concat(begun).toString('utf8');
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
