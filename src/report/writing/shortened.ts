/** The text itself, or its beginning with an ellipsis: at most `length` UTF-16 units, and no half character. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
