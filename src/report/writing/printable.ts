/**
 * Text that shows what it says and does nothing else: names and words come from hostile images and from feeds. Control and
 * format characters (of direction, too), lone surrogates and what is no character, as XML and HTML want it, are U+FFFD.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu, '\u{FFFD}');
}

/** The same of a text of several lines, which stay lines. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}

/** The text itself, or its beginning with an ellipsis: at most `length` UTF-16 units, and no half character. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
