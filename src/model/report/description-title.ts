/** Returns the first sentence of a description, shortened to 160 characters. */
export function titleOf(description: string): string {
  const sentence = /^.+?(?=[.!?](?:\s|$))/su.exec(description.trim())?.[0] ?? description.trim();
  const line = sentence.replaceAll(/\s+/g, ' ');
  return line.length <= MAX_TITLE ? line : `${line.slice(0, MAX_TITLE - 1).trimEnd()}…`;
}

/** The maximum length of a title in characters. */
const MAX_TITLE = 160;
