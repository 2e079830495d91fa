/** The RECORD files of the largest distributions, with 30,000 files, are 4 MiB. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Distributions with compiled modules have a few hundred files that may be programs. */
const MAX_FILES = 5000;
const MAX_CHARACTERS = 256 * 1024;

/** Matches the suffixes of files that are never programs; most files of a distribution have one of these suffixes. */
const NO_PROGRAM =
  /(?:\.(?:py[cioxd]?|pxi|typed|txt|md|rst|json|ya?ml|toml|cfg|ini|html?|css|js|map|svg|png|gif|jpe?g|ico|ttf|woff2?|csv|xml|h|hpp|cuh?|c|cc|cpp|f90|np[yz]|dat|gz|zip|pem|mo|po|ipynb|pc|cmake)|\.dist-info\/[^/]+)$/i;

/**
 * Returns the files of a distribution that may be programs, as the installer recorded them, relative to the directory
 * that contains `.dist-info`. Returns undefined for a RECORD file that is too large, has no entries, or names too many
 * possible programs.
 *
 * Source: https://packaging.python.org/specifications/recording-installed-packages/#the-record-file.
 */
export function readRecord(bytes: Uint8Array): readonly string[] | undefined {
  if (bytes.length > MAX_RECORD_BYTES) return undefined;
  const files: string[] = [];
  let entries = 0;
  let characters = 0;
  for (const [, quoted, plain] of new TextDecoder().decode(bytes).matchAll(ENTRY)) {
    entries += 1;
    const path = quoted?.replaceAll('""', '"') ?? plain ?? '';
    if (NO_PROGRAM.test(path)) continue;
    files.push(path);
    characters += path.length;
    if (files.length > MAX_FILES || characters > MAX_CHARACTERS) return undefined;
  }
  return entries === 0 ? undefined : files;
}

/**
 * Matches the path at the start of each line of CSV; a path with a comma or a quotation mark is quoted. Empty lines are
 * skipped. Linux paths have at most 4,096 bytes (PATH_MAX); repetitions without a limit could overflow the stack of the
 * regular expression engine.
 */
const ENTRY = /^(?:"((?:[^"\r\n]|""){0,4096})"|([^",\r\n]{1,4096})),/gm;
