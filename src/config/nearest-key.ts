/** The tolerated number of typing errors: one per three letters, and at most three. */
const LETTERS_PER_SLIP = 3;
const MAX_SLIPS = 3;

/**
 * Returns the key that a misspelled `path` probably refers to: a key with the same name in another section or case,
 * otherwise the nearest key by Levenshtein distance. Returns undefined if no key is near.
 *
 * @param path the dotted path, in the form of the keys
 */
export function nearestKey(path: string, keys: readonly string[]): string | undefined {
  const wanted = path.toLowerCase();
  const name = lastSegment(wanted);
  const sameName = keys.find((key) => lastSegment(key.toLowerCase()) === name);
  if (sameName !== undefined) return sameName;
  const most = Math.min(MAX_SLIPS, Math.floor(wanted.length / LETTERS_PER_SLIP));
  const near = keys
    .filter((key) => Math.abs(key.length - wanted.length) <= most)
    .map((key) => ({ key, distance: distance(wanted, key.toLowerCase()) }))
    .toSorted((one, other) => one.distance - other.distance)[0];
  return near !== undefined && near.distance <= most ? near.key : undefined;
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 0; row < from.length; row += 1) {
    const line = [row + 1];
    for (let column = 0; column < to.length; column += 1) {
      const changed = (above[column] ?? 0) + (from[row] === to[column] ? 0 : 1);
      line.push(Math.min(changed, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1));
    }
    above = line;
  }
  return above.at(-1) ?? 0;
}
