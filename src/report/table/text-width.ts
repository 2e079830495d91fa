import { eastAsianWidth } from 'get-east-asian-width';

/**
 * Returns the number of terminal columns of a printable text, as most terminals count them: the widths of the code
 * points (UAX 11), where combining and invisible characters take no column.
 */
export function textWidth(text: string): number {
  // Nearly all texts of a report are ASCII.
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text.replace(WITHOUT_WIDTH, '')) width += eastAsianWidth(character.codePointAt(0) ?? 0);
  return width;
}

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** Matches control characters, combining marks, format characters, and the vowels and finals of Hangul syllables. */
const WITHOUT_WIDTH = /[\p{Cc}\p{M}\p{Cf}\u1160-\u11FF]/gu;
