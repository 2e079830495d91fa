import { jsonLines } from './json-pieces.ts';

/**
 * Writes a document as JSON in pieces. Lone surrogates are replaced by U+FFFD, because some readers reject surrogates
 * even when escaped.
 */
export function jsonDocument(value: object): Generator<string> {
  return jsonLines(value, (text) => text.replace(/\p{Cs}/gu, '\u{FFFD}'));
}
