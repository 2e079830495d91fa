/** Longest part of a name that a message shows. */
const SHOWN_CHARACTERS = 200;

/**
 * Gives the path that a member's name means, from the root of the archive: without a leading `./` or `/`, double or
 * trailing slash. `..` is resolved in the text, as the engines that unpack layers do (Go's `filepath.Clean`), not by
 * what a link on the way points to. The root itself is the empty path.
 *
 * @returns null for a name that climbs out of the root at any point.
 */
export function pathOfName(name: string): string | null {
  if (isPlain(name)) return name;
  const segments: string[] = [];
  for (const segment of name.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return null;
  }
  return segments.join('/');
}

/** Writes a name for a message: in quotes, control characters escaped, and of bounded length. */
export function shownName(name: string): string {
  const text = name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}…` : name;
  return JSON.stringify(text);
}

/** Most names need no work: no segment that is empty or starts with a dot, and no slash at the end. */
function isPlain(name: string): boolean {
  return (
    !name.startsWith('.') &&
    !name.startsWith('/') &&
    !name.endsWith('/') &&
    !name.includes('//') &&
    !name.includes('/.') &&
    name !== ''
  );
}
