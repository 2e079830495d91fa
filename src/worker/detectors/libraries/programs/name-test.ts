/**
 * Returns a function that tests file names against patterns in which `*` matches any characters. A test runs in linear
 * time in the length of the name and the patterns.
 */
export function createNameTest(patterns: readonly string[]): (name: string) => boolean {
  const plain = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const others = patterns.filter((pattern) => pattern.includes('*')).map(piecesOf);
  return (name) => plain.has(name) || others.some((pieces) => hasPieces(name, pieces));
}

/**
 * Returns a function that tests paths without a leading slash against patterns from the root, as {@link createNameTest}
 * does.
 */
export function createPathTest(patterns: readonly string[]): (path: string) => boolean {
  const isPlaced = createNameTest(patterns.map((pattern) => (/^[*/]/.test(pattern) ? pattern : `/${pattern}`)));
  return (path) => isPlaced(`/${path}`);
}

/**
 * Returns a function that tests paths without a leading slash against the files of a classifier: file names, or paths
 * from the root if they contain a slash.
 */
export function createFileTest(files: readonly string[]): (path: string) => boolean {
  const isNamed = createNameTest(files.filter((file) => !file.includes('/')));
  const placed = files.filter((file) => file.includes('/'));
  const isPlaced = placed.length === 0 ? () => false : createPathTest(placed);
  return (path) => isNamed(path.slice(path.lastIndexOf('/') + 1)) || isPlaced(path);
}

/** The texts of a pattern between the `*`. */
type Pieces = { readonly first: string; readonly middle: readonly string[]; readonly last: string };

function piecesOf(pattern: string): Pieces {
  const pieces = pattern.split('*');
  return { first: pieces[0] ?? '', middle: pieces.slice(1, -1), last: pieces.at(-1) ?? '' };
}

/**
 * Finds each piece at its first position after the previous piece; no other position is needed, because `*` matches any
 * text.
 */
function hasPieces(name: string, { first, middle, last }: Pieces): boolean {
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of middle) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}
