/** Returns whether each engine stores a text unchanged. PostgreSQL replaces U+0000, and UTF-8 has no lone surrogates. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

/** Returns whether a text has only printable ASCII characters, whose order by bytes is their order in JavaScript. */
export function isPrintableAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
