import stringWidth from 'string-width';

/** Returns the number of terminal columns of a text; escape sequences for colours take no column. */
export function textWidth(text: string): number {
  // Measuring with the Unicode tables takes 100 times longer, and nearly all texts of a report are ASCII.
  return PRINTABLE_ASCII.test(text) ? text.length : stringWidth(text);
}

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
