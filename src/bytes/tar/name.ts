const SHOWN_CHARACTERS = 200;

/**
 * Returns the path of a member from the root of the archive, without a leading `./` or `/` and without double or
 * trailing slashes. Resolves `..` lexically, as container engines do (Go's `filepath.Clean`), not through links. The
 * path of the root is empty.
 *
 * @returns null for a name that leads out of the root at any point.
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

/** Returns a name for a message: quoted, shortened, and with escaped control characters. */
export function shownName(name: string): string {
  const text = name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}…` : name;
  return JSON.stringify(text);
}

/** Returns whether a name is already a path, as most names are. */
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
