/** The bounds of one VEX statement; further names and references are dropped. */
export const MAX_NAMES = 100;
export const MAX_REFERENCES = 10_000;

/** The maximum number of characters of a name or reason in a statement. */
const MAX_TEXT = 1000;

/** Truncates a name or reason to 1,000 characters. */
export function cutText(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

/** Returns a time in milliseconds since 1970; 0 if the text is not a time. */
export function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}
