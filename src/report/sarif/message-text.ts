import { printableLines } from '../../model/printable.ts';

/**
 * Escapes placeholders (SARIF §3.11.5) and links (§3.11.6) in the text of a message. Returns `-` for a blank text,
 * because a message must have a text.
 */
export function messageText(text: string): string {
  const escaped = printableLines(text)
    .replace(/[{}]/g, '$&$&')
    .replace(/[\\[\]]/g, '\\$&');
  return escaped.trim() === '' ? '-' : escaped;
}
