/**
 * How the wanted paths of a `FileFilter` may end, for readers of lists: one regular expression passes over the files that nobody
 * wants, nine of ten, before a text is made of each. Texts are bytes: each character stands for one byte of UTF-8.
 */
export type PathEnds = {
  /** Matches in lines of whole paths what only wanted files have: the end of a name with its line feed, or a directory. */
  readonly inLines: RegExp;
  /** Matches in names that end with NUL the ends of wanted ones. */
  readonly inNames: RegExp;
  /** The source of an expression of the ends of wanted names; it matches nothing without any. */
  readonly names: string;
  /** Whether files of any name may be wanted in a directory, which is empty for the root. */
  readonly mayHoldAny: (directory: string) => boolean;
};

/**
 * Returns the ends of paths.
 *
 * @param names names of files, or suffixes of them
 * @param directories the last names of directories of which files of any name may be wanted, without the root
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

/** Returns the text of bytes in UTF-8, given as one character for each byte. */
export function textOfBytes(bytes: string): string {
  return BEYOND_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes;
}

const BEYOND_ASCII = /[\u0080-\u00ff]/;

/** The source of an expression that matches a text in bytes. */
function bytesSource(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^\w]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
