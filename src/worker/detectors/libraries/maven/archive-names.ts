/**
 * The suffixes of archives that contain Java classes or other archives, including archives of Java servers and tools.
 */
const ARCHIVE_SUFFIXES: readonly string[] = [
  '.jar',
  '.war',
  '.ear',
  '.rar',
  '.sar',
  '.par',
  '.nar',
  '.jpi',
  '.hpi',
  '.kar',
  '.far',
  '.lpkg',
  '.jmod',
];

/** Matches the names of archives that a build attaches to an artifact and that lack the classes of the artifact. */
const ATTACHED = /-(?:sources|javadoc|tests|test-sources|test-javadoc|groovydoc|scaladoc|kdoc)\.jar$/i;

/**
 * Returns whether an archive is searched for libraries; archives of sources, documentation or tests are not searched.
 */
export function isLibraryArchive(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return (
    ARCHIVE_SUFFIXES.some((suffix) => name.endsWith(suffix) && name.length > suffix.length) && !ATTACHED.test(name)
  );
}

/** Returns the suffixes in the spellings that occur: `.jar`, `.JAR` and `.Jar`. */
export function suffixNotations(): readonly string[] {
  return ARCHIVE_SUFFIXES.flatMap((suffix) => {
    const capitalized = `${suffix.slice(0, 2).toUpperCase()}${suffix.slice(2)}`;
    return [suffix, suffix.toUpperCase(), capitalized];
  });
}

/**
 * Returns whether the suffix of an archive shows that the file is a zip file. The other suffixes, such as `.rar` and
 * `.sar`, have other uses, too; files with these suffixes are read only if their content looks like a zip file,
 * possibly after a script.
 */
export function isCertainArchive(path: string): boolean {
  return /\.(?:jar|war|ear|jpi|hpi|jmod)$/i.test(path);
}
