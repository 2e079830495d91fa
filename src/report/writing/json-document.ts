import { jsonLines } from './json-pieces.ts';

/**
 * Writes a document as JSON of well-formed Unicode, in pieces: a lone surrogate, which not every reader takes even when it is
 * escaped, is U+FFFD.
 */
export function jsonDocument(value: object): Generator<string> {
  return jsonLines(value, (text) => text.replace(/\p{Cs}/gu, '\u{FFFD}'));
}
