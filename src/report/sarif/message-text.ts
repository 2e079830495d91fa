import { printableLines } from '../../model/printable.ts';

/**
 * Plain text of a message: what would be a placeholder (§3.11.5) or a link (§3.11.6) is text. Empty text is not allowed.
 */
export function messageText(text: string): string {
  const escaped = printableLines(text)
    .replace(/[{}]/g, '$&$&')
    .replace(/[\\[\]]/g, '\\$&');
  return escaped.trim() === '' ? '-' : escaped;
}
