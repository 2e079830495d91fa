import type { SystemPackage } from '../../../model/feature.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import type { PathEnds } from './path-ends.ts';
import { createSkippedEntries, type LineNumber } from './skipped-entries.ts';

/**
 * Returns whether a detector reads a file. `directory` is relative to the root, without leading and trailing slashes;
 * the path of the root is empty. The readers of file lists call the function before they validate a path: for every
 * listed file, or, if `ends` is set, only for files that `ends` matches.
 */
export type FileFilter = ((directory: string, basename: string) => boolean) & { readonly ends?: PathEnds };

/** The owner of files, with the fields of the package that the list names. */
export type FileOwner = Pick<SystemPackage, 'type' | 'name'> & Partial<Pick<SystemPackage, 'version' | 'arch'>>;

/** The wanted files of one package; packages without wanted files are omitted. */
export type OwnedPaths = {
  readonly owner: FileOwner;
  /** The paths relative to the root, without a leading slash, in the order of the list. Links are not resolved. */
  readonly paths: readonly string[];
};

/** A file that dpkg installs elsewhere (dpkg-divert(1)). Paths are relative to the root, without a leading slash. */
export type Diversion = {
  readonly from: string;
  /** The path of the file for every package other than `by`. */
  readonly to: string;
  /** The package with its own file at `from`, in every architecture; null for a diversion by the administrator. */
  readonly by: string | null;
};

export type FileOwnership = {
  readonly owned: readonly OwnedPaths[];
  readonly diagnostics: readonly Diagnostic[];
};

/** The maximum length of a path on Linux: PATH_MAX is 4,096 bytes with the trailing NUL. */
export const MAX_PATH_LENGTH = 4095;

/**
 * The maximum number of wanted paths in one file: about 30,000 of the 87,000 files in 1,000 Debian packages may be
 * wanted.
 */
export const MAX_OWNED_PATHS = 100_000;

/** The maximum total length of the wanted paths in one file; 30,000 paths have less than 2 million characters. */
export const MAX_OWNED_CHARACTERS: number = 8 * 1024 * 1024;

/** Lists are decoded in pieces of this size, because V8 frees strings above 128 KiB late. */
export const LIST_PIECE_BYTES: number = 64 * 1024;

/** Collects the wanted paths of one file, package by package, within limits. */
export type OwnedPathsCollector = {
  readonly ends: PathEnds | undefined;
  /**
   * Adds a wanted file of the current package. `directory` is as in {@link FileFilter}; `line` starts at 1 and can be a
   * function. Returns false once a limit is reached and the rest of the file need not be read.
   */
  readonly add: (directory: string, basename: string, line: LineNumber) => boolean;
  /** Counts an unreadable entry; `why` is the reason, one of a few fixed strings. */
  readonly skip: (why: string, line: LineNumber) => void;
  /** Assigns the paths that were added since the previous package to `owner`; if `owner` is undefined, drops them. */
  readonly endPackage: (owner: FileOwner | undefined) => void;
  readonly collected: () => FileOwnership;
};

/** Creates an empty collection for the file at `path`. */
export function createOwnedPaths(path: string, wants: FileFilter): OwnedPathsCollector {
  const owned: OwnedPaths[] = [];
  const skipped = createSkippedEntries(path, 'file-list-unreadable');
  let current: string[] = [];
  let count = 0;
  let characters = 0;
  let limit: string | undefined;

  return {
    ends: wants.ends,
    skip: skipped.add,
    add(directory, basename, line) {
      if (limit !== undefined) return false;
      // The length is checked before the filter, which may concatenate the parts.
      const isTooLong = directory.length + basename.length >= MAX_PATH_LENGTH;
      if (!isTooLong && !wants(directory, basename)) return true;
      const wanted = directory === '' ? basename : `${directory}/${basename}`;
      const refusal = basename.includes('/') ? 'a file name contains a slash' : pathRefusal(wanted);
      if (refusal !== undefined) skipped.add(refusal, line);
      else if (count === MAX_OWNED_PATHS) limit = `${path} lists more than ${MAX_OWNED_PATHS} files that Clair reads`;
      else if (characters + wanted.length > MAX_OWNED_CHARACTERS)
        limit = `the paths of the files in ${path} that Clair reads exceed ${MAX_OWNED_CHARACTERS} characters`;
      else {
        count += 1;
        characters += wanted.length;
        current.push(wanted);
      }
      return limit === undefined;
    },
    endPackage(owner) {
      if (owner !== undefined && current.length > 0) {
        const [name = '', ...paths] = detached([owner.name, ...current]);
        owned.push({ owner: { ...owner, name }, paths });
      }
      current = [];
    },
    collected() {
      const diagnostics = skipped.diagnostics();
      if (limit === undefined) return { owned, diagnostics };
      const message = `${limit}; the owners of the other files are unknown`;
      const reached: Diagnostic = { code: 'file-list-limit-reached', message, where: path };
      return { owned, diagnostics: [...diagnostics, reached] };
    },
  };
}

/**
 * Returns a path without leading, trailing and double slashes and `.` segments; the path of the root is empty. Keeps
 * `..` segments, which {@link pathRefusal} refuses: no package manager writes them.
 */
export function plainPath(written: string): string {
  let start = 0;
  let end = written.length;
  while (start < end && written.charCodeAt(start) === SLASH) start += 1;
  while (end > start && written.charCodeAt(end - 1) === SLASH) end -= 1;
  const trimmed = written.slice(start, end);
  const isPlain = !trimmed.includes('//') && !trimmed.includes('./') && !trimmed.endsWith('.');
  // A path that is too long is refused, even if its plain form is short.
  if (isPlain || trimmed.length > MAX_PATH_LENGTH) return trimmed;
  return trimmed
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** Returns why a plain path is not a valid file path; undefined for a valid path. */
export function pathRefusal(path: string): string | undefined {
  if (path.length > MAX_PATH_LENGTH) return TOO_LONG;
  if (/\p{Cc}/u.test(path)) return 'a path has control characters';
  if (/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return 'a path has a segment that is empty, `.` or `..`';
  return undefined;
}

/**
 * Copies strings out of a file's text. V8 implements substrings as slices that retain the whole text; the copies retain
 * only each other. The strings must not contain line feeds.
 */
export function detached(texts: readonly string[]): readonly string[] {
  return texts.join('\n').split('\n');
}

const TOO_LONG = `a path is longer than ${MAX_PATH_LENGTH} characters`;

const SLASH = 0x2f;
