import type { SystemPackage } from '../../../model/feature.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import type { PathEnds } from './path-ends.ts';
import { createSkippedEntries, type LineNumber } from './skipped-entries.ts';

/**
 * Returns whether some detector wants a file. `directory` is relative to the root and has no slash at its ends; the root
 * is empty. Readers call it before they check the path, for each file that a package lists, or for those that `ends` lets pass.
 */
export type FileFilter = ((directory: string, basename: string) => boolean) & { readonly ends?: PathEnds };

/** The package that owns files, with as much of it as the list names. */
export type FileOwner = Pick<SystemPackage, 'type' | 'name'> & Partial<Pick<SystemPackage, 'version' | 'arch'>>;

/** The wanted files of one package; a package without any has no entry. */
export type OwnedPaths = {
  readonly owner: FileOwner;
  /** Relative to the root, without a leading slash, in the order of the list. Links in them are not resolved. */
  readonly paths: readonly string[];
};

/** A file that dpkg installs elsewhere (dpkg-divert(1)). Paths are relative to the root, without a leading slash. */
export type Diversion = {
  /** The path in the packages. */
  readonly from: string;
  /** Where the file of every package other than `by` lies. */
  readonly to: string;
  /** The package whose own file stays at `from`, in each of its architectures; null for a diversion of the administrator. */
  readonly by: string | null;
};

/** What one file says about the owners of files. */
export type FileOwnership = {
  readonly owned: readonly OwnedPaths[];
  readonly diagnostics: readonly Diagnostic[];
};

/** Linux opens no longer path: PATH_MAX is 4,096 bytes with the NUL at its end. */
export const MAX_PATH_LENGTH = 4095;

/** Bound on the wanted paths of one file: of 87,000 files in 1,000 packages of Debian 30,000 could matter. */
export const MAX_OWNED_PATHS = 100_000;

/** Bound on the characters of these paths together: those 30,000 have less than 2 million. */
export const MAX_OWNED_CHARACTERS: number = 8 * 1024 * 1024;

/** Size of the pieces in which lists are decoded: V8 frees texts of this size early, and those above 128 KiB late. */
export const LIST_PIECE_BYTES: number = 64 * 1024;

/** Collects the wanted paths of one file, package by package, within the bounds. */
export type OwnedPathsCollector = {
  /** Those of the filter: what they rule out need not be added. */
  readonly ends: PathEnds | undefined;
  /**
   * Adds a file of the current package if the filter wants the file, and skips one whose path is refused. `directory` is
   * as in {@link FileFilter}; `line` is the number of the line or of the entry, from 1, or counts it. Returns false when a bound is
   * reached: nothing is added any more, and the rest of the file need not be read.
   */
  readonly add: (directory: string, basename: string, line: LineNumber) => boolean;
  /** Counts an entry that cannot be read; `why` is one of a few fixed texts. */
  readonly skip: (why: string, line: LineNumber) => void;
  /** Ends the current package: the paths since the last end belong to `owner`. Without an owner they are dropped. */
  readonly endPackage: (owner: FileOwner | undefined) => void;
  readonly collected: () => FileOwnership;
};

/** Starts without paths, for the file at `path`. */
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
      // Before the filter, which may put the two together.
      const isTooLong = directory.length + basename.length >= MAX_PATH_LENGTH;
      if (!isTooLong && !wants(directory, basename)) return true;
      const wanted = directory === '' ? basename : `${directory}/${basename}`;
      const refusal = basename.includes('/') ? 'a file name has a slash' : pathRefusal(wanted);
      if (refusal !== undefined) skipped.add(refusal, line);
      else if (count === MAX_OWNED_PATHS) limit = `${MAX_OWNED_PATHS} wanted files`;
      else if (characters + wanted.length > MAX_OWNED_CHARACTERS) limit = `${MAX_OWNED_CHARACTERS} characters of paths`;
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
      const message = `${path} lists more than ${limit}: the owners of the other files are unknown`;
      const reached: Diagnostic = { code: 'file-list-limit-reached', message, where: path };
      return { owned, diagnostics: [...diagnostics, reached] };
    },
  };
}

/**
 * Returns a path without slashes at its ends, double slashes and segments `.`; the root is empty. Segments `..` stay, for
 * {@link pathRefusal} to refuse: a package manager writes none.
 */
export function plainPath(written: string): string {
  let start = 0;
  let end = written.length;
  while (start < end && written.charCodeAt(start) === SLASH) start += 1;
  while (end > start && written.charCodeAt(end - 1) === SLASH) end -= 1;
  const trimmed = written.slice(start, end);
  const isPlain = !trimmed.includes('//') && !trimmed.includes('./') && !trimmed.endsWith('.');
  // A path that is too long is refused, however short its plain form is.
  if (isPlain || trimmed.length > MAX_PATH_LENGTH) return trimmed;
  return trimmed
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** Returns why a path in its plain form is not that of a file; undefined for a good path. */
export function pathRefusal(path: string): string | undefined {
  if (path.length > MAX_PATH_LENGTH) return TOO_LONG;
  if (/\p{Cc}/u.test(path)) return 'a path has control characters';
  if (/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return 'a path has an empty segment, . or ..';
  return undefined;
}

/**
 * Copies texts out of the text of a file. V8 cuts strings as slices that keep the whole text in memory; the copies keep no
 * more than each other. None of the texts may have a line feed.
 */
export function detached(texts: readonly string[]): readonly string[] {
  return texts.join('\n').split('\n');
}

const TOO_LONG = `a path has more than ${MAX_PATH_LENGTH} characters`;

const SLASH = 0x2f;
