import { printableJson } from '../../model/printable.ts';

/**
 * Writes a document as JSON of well-formed Unicode: a lone surrogate, which not every reader takes even when it is escaped,
 * is U+FFFD.
 */
export function jsonDocument(value: object): string {
  const text = JSON.stringify(
    value,
    (_key, part: unknown) => (typeof part === 'string' ? part.replace(/\p{Cs}/gu, '\u{FFFD}') : part),
    2,
  );
  return `${printableJson(text)}\n`;
}
