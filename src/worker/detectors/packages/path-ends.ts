/**
 * The possible endings of the wanted paths of a `FileFilter`, as regular expressions, which skip unwanted files (nine
 * of ten files) without creating a string for each file. Paths are strings with one character for each byte of UTF-8.
 */
export type PathEnds = {
  /** Matches within lines of whole paths: the end of a wanted name with its line feed, or a wanted directory. */
  readonly inLines: RegExp;
  /** Matches wanted endings within names terminated by NUL. */
  readonly inNames: RegExp;
  /** The text of a regular expression for the endings of wanted names; matches nothing without wanted names. */
  readonly names: string;
  /** Returns whether a directory may contain wanted files of any name; the path of the root is empty. */
  readonly mayHoldAny: (directory: string) => boolean;
};

/**
 * Creates the regular expressions for the endings of wanted paths.
 *
 * @param names file names or suffixes
 * @param directories the last names of directories, without the root, that may contain wanted files of any name
 */
export function pathEnds(names: readonly string[], directories: readonly string[]): PathEnds {
  const source = names.length === 0 ? '(?!)' : `(?:${names.map(bytesSource).join('|')})`;
  const lines = [`${source}/?\\n`, ...directories.map((name) => `${bytesSource(name)}/`)];
  const known = new Set(directories);
  return {
    inLines: new RegExp(lines.join('|'), 'g'),
    inNames: new RegExp(`${source}\\0`, 'g'),
    names: source,
    mayHoldAny: (directory) => known.has(directory.slice(directory.lastIndexOf('/') + 1)),
  };
}

/** Decodes UTF-8 in a string that contains one character for each byte. */
export function textOfBytes(bytes: string): string {
  return BEYOND_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes;
}

const BEYOND_ASCII = /[\u0080-\u00ff]/;

function bytesSource(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^\w]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
