import { printableJson } from '../../model/printable.ts';

/** What the text is written by, as `JSON.stringify` takes it. */
export type JsonOptions = {
  /** Changes the strings of values. */
  readonly textOf?: (text: string) => string;
  /** By how many spaces each level is indented; all on one line with 0. */
  readonly space?: number;
};

/** Lists and objects with more members than that are written a member at a time. */
const MAX_MEMBERS = 50;

/** Some of the text is given when that many characters are there. */
const PIECE_LENGTH = 64 * 1024;

/**
 * Writes a value as `JSON.stringify` does, in pieces: a text of several hundred megabytes is longer than a string may be
 * (V8: 2^29 - 24 characters), and takes as much memory at once.
 */
export function* jsonPieces(value: object, { textOf, space = 0 }: JsonOptions = {}): Generator<string> {
  const replacer =
    textOf && ((_key: string, part: unknown): unknown => (typeof part === 'string' ? textOf(part) : part));
  let piece = '';
  for (const part of parts(value, { replacer, space }, space === 0 ? '' : '\n')) {
    piece += part;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/**
 * Writes a value as a document for people and programs: indented, with a line break at its end, and printable.
 *
 * @param textOf changes the strings of values
 */
export function* jsonLines(value: object, textOf?: (text: string) => string): Generator<string> {
  // No piece ends inside of a string.
  for (const piece of jsonPieces(value, { space: 2, ...(textOf && { textOf }) })) yield printableJson(piece);
  yield '\n';
}

type PartOptions = {
  readonly replacer: ((key: string, part: unknown) => unknown) | undefined;
  readonly space: number;
};

/** @param line what a new line of the level of the value begins with; empty when all is on one line */
function* parts(value: unknown, options: PartOptions, line: string): Generator<string> {
  if (!isLarge(value)) {
    const text = JSON.stringify(value, options.replacer, options.space);
    // Line breaks of texts are escaped: those that are left are of the writer.
    yield line.length <= 1 ? text : text.replaceAll('\n', line);
    return;
  }
  const isList = Array.isArray(value);
  const inner = line === '' ? '' : `${line}${' '.repeat(options.space)}`;
  const colon = options.space === 0 ? ':' : ': ';
  let isFirst = true;
  yield isList ? '[' : '{';
  for (const [key, member] of isList ? value.entries() : Object.entries(value)) {
    const isNothing = member === undefined || typeof member === 'function' || typeof member === 'symbol';
    if (isNothing && !isList) continue;
    yield `${isFirst ? '' : ','}${inner}${isList ? '' : `${JSON.stringify(key)}${colon}`}`;
    isFirst = false;
    yield* parts(isNothing ? null : member, options, inner);
  }
  yield `${isFirst ? '' : line}${isList ? ']' : '}'}`;
}

function isLarge(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return members.length > MAX_MEMBERS || members.some(isLarge);
}
