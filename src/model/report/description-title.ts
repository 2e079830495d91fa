/** Returns the first sentence of a description. */
export function titleOf(description: string): string {
  const sentence = /^.+?(?=[.!?](?:\s|$))/su.exec(description.trim())?.[0] ?? description.trim();
  const line = sentence.replaceAll(/\s+/g, ' ');
  return line.length <= MAX_TITLE ? line : `${line.slice(0, MAX_TITLE - 1).trimEnd()}…`;
}

/** Maximum length of a title in characters. */
const MAX_TITLE = 160;
