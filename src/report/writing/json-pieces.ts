import { printableJson } from '../../model/printable.ts';

/** The options for writing JSON. */
export type JsonOptions = {
  /** Maps string values. */
  readonly textOf?: (text: string) => string;
  /** The indentation of each level in spaces; 0 writes a single line. */
  readonly space?: number;
};

/**
 * The maximum number of members of a list or object to write at once; larger lists and objects are written in parts.
 */
const MAX_MEMBERS = 50;

/** The minimum length of a piece, in characters; only the last piece can be shorter. */
const PIECE_LENGTH = 64 * 1024;

/**
 * Writes a value like `JSON.stringify`, but in pieces, because a large report can exceed the maximum length of a string
 * (V8: 2^29 - 24 characters). An iterable object is written as a list, and the members are created one at a time.
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
 * Writes a value as indented, printable JSON with a final newline.
 *
 * @param textOf maps string values
 */
export function* jsonLines(value: object, textOf?: (text: string) => string): Generator<string> {
  // Each piece can be made printable on its own, because no piece ends within a string.
  for (const piece of jsonPieces(value, { space: 2, ...(textOf && { textOf }) })) {
    yield mayNeedEscapes(piece) ? printableJson(piece) : piece;
  }
  yield '\n';
}

/**
 * Returns whether {@link printableJson} may change a piece. Nearly all pieces of a report are ASCII, and these tests take
 * a tenth of the time of the replacements.
 */
function mayNeedEscapes(piece: string): boolean {
  return piece.includes('##') || piece.includes('\u007F') || Buffer.byteLength(piece) !== piece.length;
}

type PartOptions = {
  readonly replacer: ((key: string, part: unknown) => unknown) | undefined;
  readonly space: number;
};

/** @param line the newline and indentation of the level; empty if the document is a single line */
function* parts(value: unknown, options: PartOptions, line: string): Generator<string> {
  if (!isLarge(value)) {
    const text = JSON.stringify(value, options.replacer, options.space);
    // JSON escapes newlines in strings, so every newline in this text belongs to the indentation.
    yield line.length <= 1 ? text : text.replaceAll('\n', line);
    return;
  }
  const members = isIterable(value) ? value : undefined;
  const isList = members !== undefined;
  const inner = line === '' ? '' : `${line}${' '.repeat(options.space)}`;
  const colon = options.space === 0 ? ':' : ': ';
  let isFirst = true;
  yield isList ? '[' : '{';
  if (members !== undefined) {
    for (const batch of batches(members)) {
      if (batch.large === undefined) yield membersText(batch.small, options, { line, isFirst });
      else {
        yield `${isFirst ? '' : ','}${inner}`;
        yield* parts(batch.large, options, inner);
      }
      isFirst = false;
    }
  } else {
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined || typeof member === 'function' || typeof member === 'symbol') continue;
      yield `${isFirst ? '' : ','}${inner}${JSON.stringify(key)}${colon}`;
      isFirst = false;
      yield* parts(member, options, inner);
    }
  }
  yield `${isFirst ? '' : line}${isList ? ']' : '}'}`;
}

/**
 * The maximum number of small members to write together; writing them together takes a third of the time of writing
 * them one by one. A batch of findings is longer than {@link PIECE_LENGTH}, so that nothing copies its text.
 */
const MAX_BATCH = 64;

type Batch =
  | { readonly large: object; readonly small?: undefined }
  | { readonly large?: undefined; readonly small: readonly unknown[] };

/** Divides the members of a list into single large members and runs of small members. */
function* batches(members: Iterable<unknown>): Generator<Batch> {
  let small: unknown[] = [];
  const before: unknown[] = Array.from({ length: MAX_MEMBERS + 1 }, () => null);
  for (const member of members) {
    const large = isLarge(member, before) ? member : undefined;
    if (large === undefined) small.push(member);
    if (small.length === MAX_BATCH || (large !== undefined && small.length > 0)) {
      yield { small };
      small = [];
      // Other code runs between the batches, and can change the objects.
      before.fill(null);
    }
    if (large !== undefined) yield { large };
  }
  if (small.length > 0) yield { small };
}

type MembersPlace = {
  /** The newline and indentation of the list. */
  readonly line: string;
  /** Whether the list begins with these members; otherwise, their text begins with a comma. */
  readonly isFirst: boolean;
};

/**
 * Writes members of a list without its brackets. To make `JSON.stringify` write the indentation, the list is nested in
 * one list per level. Replacing line breaks afterwards would take as long as writing the members. To make it write the
 * comma, a zero precedes the members, because joining texts takes another copy.
 */
function membersText(
  members: readonly unknown[],
  { replacer, space }: PartOptions,
  { line, isFirst }: MembersPlace,
): string {
  const depth = space === 0 ? 0 : (line.length - 1) / space;
  let wrapped: readonly unknown[] = isFirst ? members : [0, ...members];
  // The lengths of the brackets, line breaks and indentation before and after the members.
  let before = isFirst ? 1 : 2 + (space === 0 ? 0 : line.length + space);
  let after = space === 0 ? 1 : line.length + 1;
  for (let level = 1; level <= depth; level += 1) {
    wrapped = [wrapped];
    before += level * space + 2;
    after += (level - 1) * space + 2;
  }
  const text = JSON.stringify(wrapped, replacer, space);
  return text.slice(before, text.length - after);
}

function isIterable(value: Partial<Iterable<unknown>>): value is Iterable<unknown> {
  return value[Symbol.iterator] !== undefined;
}

/**
 * Returns whether a value has more members than {@link MAX_MEMBERS} on any level, or contains an iterable object that
 * is not an array. Lists no members and calls no functions for texts and numbers, because this function visits every
 * value of a document.
 *
 * @param before the last small members of similar objects, by position, which the function updates. Neighbouring
 *   findings share their CVEs, for example, which are then visited once.
 */
function isLarge(value: unknown, before?: unknown[]): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) {
    if (value.length > MAX_MEMBERS) return true;
    for (const member of value) if (typeof member === 'object' && isLarge(member)) return true;
    return false;
  }
  if (!isListed(value)) return false;
  if (isIterable(value)) return true;
  let members = 0;
  for (const key in value) {
    const member = value[key];
    members += 1;
    if (members > MAX_MEMBERS) return true;
    if (typeof member !== 'object' || member === null || member === before?.[members]) continue;
    if (isLarge(member)) return true;
    if (before !== undefined) before[members] = member;
  }
  return false;
}

/** Returns whether `JSON.stringify` writes the members of an object, and not the result of its `toJSON`. */
function isListed(value: { readonly toJSON?: unknown }): value is Readonly<Record<string, unknown>> {
  return value.toJSON === undefined;
}
