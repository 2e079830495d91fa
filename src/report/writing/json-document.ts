import { jsonLines } from './json-pieces.ts';

/**
 * Writes a document as JSON in pieces. Lone surrogates are replaced by U+FFFD, because some readers reject even escaped
 * surrogates.
 */
export function jsonDocument(value: object): Generator<string> {
  return jsonLines(value, (text) => text.replace(/\p{Cs}/gu, '\u{FFFD}'));
}
