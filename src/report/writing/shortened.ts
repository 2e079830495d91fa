/** Shortens a text to at most `length` UTF-16 code units, including an ellipsis, without splitting a surrogate pair. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
