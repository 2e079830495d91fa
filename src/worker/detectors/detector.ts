import type { Digest } from '../../model/digest.ts';
import type { Binary, LibraryPackage, SystemPackage } from '../../model/feature.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import type { Diversion, FileFilter, OwnedPaths } from './packages/owned-paths.ts';
import type { PathPattern } from './path-pattern.ts';

/**
 * Reads one kind of file of a layer: pure, knows neither tar nor the database. A detector declares the patterns of the paths
 * that it wants; only those members of the archive are kept.
 */
export type Detector = {
  readonly id: string;
  /**
   * What its files tell: the operating system, the packages that a package manager lists, which files these packages own, the
   * repositories that packages come from, or features that lie at a path (libraries and programs).
   */
  readonly kind: 'os' | 'packages' | 'owners' | 'repositories' | 'features';
  /**
   * Raised whenever the same bytes would give other facts, so that layers are analysed again, and whenever `wants` changes:
   * the owners of the files that a detector of features wants are read with the layer.
   */
  readonly version: number;
  readonly wants: readonly PathPattern[];
  /** Reads one wanted file; broken input is a diagnostic of the facts, never an exception. */
  readonly read: (path: string, bytes: Uint8Array) => FileFacts;
  /** For databases that may have a log beside them, in another file and maybe another layer. */
  readonly logged?: LoggedFormat;
  /**
   * For package managers that list the files of packages: returns the detector that also reads which of the wanted files the
   * packages own. `withOwners()` calls it; until then the detector reads no file list, and keeps no link to follow for one.
   */
  readonly withFiles?: (wants: FileFilter) => Detector;
};

/** How a database is read together with its log. */
export type LoggedFormat = {
  /** What follows the path of a database in that of its log. */
  readonly suffix: string;
  /** Reads a database with the later contents that its log holds; `path` is that of the database. */
  readonly read: (path: string, bytes: Uint8Array, log: Uint8Array) => FileFacts;
};

/** What one file tells: facts about the release, packages, or content sets, and what went wrong. */
export type FileFacts = {
  readonly release?: ReleaseFacts;
  /** The packages that the database of a package manager lists. */
  readonly packages?: readonly SystemPackage[];
  /** What lies at a path of the image: libraries and programs. */
  readonly features?: readonly { readonly feature: LibraryPackage | Binary; readonly path: string }[];
  /** The wanted files that packages own, by package, as the package manager lists them. */
  readonly ownedPaths?: readonly OwnedPaths[];
  /** The files that dpkg installs elsewhere, of those that are wanted. */
  readonly diversions?: readonly Diversion[];
  /** The names of the repositories that packages come from, as Red Hat calls them: sorted, each once. */
  readonly contentSets?: readonly string[];
  /** The digest of the bytes of a database that may have a log, or of a log that holds changes: by it they are read again. */
  readonly content?: Digest;
  readonly diagnostics: readonly Diagnostic[];
};

/** Facts about the operating system, as one release file states them; keys are the file's own, e.g. `VERSION_ID`. */
export type ReleaseFacts = Readonly<Record<string, string>>;
