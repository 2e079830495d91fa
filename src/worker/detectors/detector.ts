import type { ChunkedBytes } from '../../bytes/chunks/chunked-bytes.ts';
import type { Digest } from '../../model/digest.ts';
import type { LibraryFlag, LibraryPackage, SystemPackage, SystemPackageType } from '../../model/feature.ts';
import type { FileDiagnostic } from '../../model/report/owned-diagnostics.ts';
import type { Diversion, FileFilter, OwnedPaths } from './packages/owned-paths.ts';
import type { PathPattern } from './path-pattern.ts';

/**
 * Reads one kind of file of a layer. A detector is pure and depends neither on tar nor on the database. A detector
 * declares patterns for the files that it reads; the layer reader keeps only these files.
 */
export type Detector = {
  readonly id: string;
  /**
   * The subject of the files: the operating system, packages of a package manager, ownership of files by packages,
   * package repositories, or features at a path (libraries and programs).
   */
  readonly kind: 'os' | 'packages' | 'owners' | 'repositories' | 'features';
  /**
   * The version of the detector, also in `engine-version.ts`. Increment it whenever the same bytes would produce
   * different facts, and whenever `wants` changes, because ownership of the wanted files is read with the layer. Layers
   * are then analysed again.
   */
  readonly version: number;
  /** The user settings that change the facts that the detector reads, as text; absent if there are no such settings. */
  readonly settings?: string;
  readonly wants: readonly PathPattern[];
  /** Reads one wanted file; broken input results in a diagnostic, never an exception. */
  readonly read: (path: string, bytes: Uint8Array) => FileFacts;
  /**
   * Reads a wanted file as `read` does, but without a contiguous copy of the file. If a detector has this function, it
   * is called instead of `read`. The caller may free the bytes after the call.
   */
  readonly readChunks?: (path: string, bytes: ChunkedBytes) => FileFacts;
  /**
   * Returns whether the detector reads an executable at a path; absent if the detector does not select executables by
   * name. While the content of an executable is in memory, the detector reads the content again for each hard
   * link at such a path.
   */
  readonly isNamed?: (path: string) => boolean;
  /** Reads files that are too large for memory. */
  readonly stream?: StreamedFiles;
  /**
   * Creates the detector for one layer; present if a limit of the detector applies to all files of a layer together.
   * The created detector does not have this function.
   */
  readonly forLayer?: () => Detector;
  /** The entry of the detector in docs/reference/coverage.md. */
  readonly coverage?: DetectorCoverage;
  /** The format of the log of a database; present if a log may exist, possibly in another layer than the database. */
  readonly logged?: LoggedFormat;
  /**
   * Returns a detector that also reads which wanted files the packages own, for package managers that list files.
   * Called by `withOwners()`.
   */
  readonly withFiles?: (wants: FileFilter) => Detector;
  /** The files at unwanted paths to which hard links at wanted paths can refer. */
  readonly linked?: LinkedFiles;
};

/** The large files that the detector reads while their bytes arrive, instead of with `read`. */
export type StreamedFiles = {
  /** The size limit for files that are read as a whole; larger files are read while they arrive. */
  readonly aboveBytes: number;
  readonly open: (path: string) => FileStream;
};

export type FileStream = {
  /** Receives the next bytes, which are not modified later. */
  readonly write: (bytes: Buffer) => void;
  readonly end: () => FileFacts;
};

/** The files of a package manager's store; installed files are hard links to these files. */
export type LinkedFiles = {
  /** Larger files are not read. */
  readonly maxBytes: number;
  /** Returns whether a file of the store may have this path. */
  readonly isNamed: (path: string) => boolean;
  /** Returns whether the content may be the content of a wanted file. */
  readonly holds: (bytes: Uint8Array) => boolean;
};

/** The texts about a detector in docs/reference/coverage.md, in Markdown. */
export type DetectorCoverage = {
  /** The package fields that Clair compares with advisories, or the other facts that Clair reads from the files. */
  readonly use: string;
  /** The limits and properties of the detector that change its results. */
  readonly notes: readonly string[];
};

export type LoggedFormat = {
  /** The path of the log is the path of the database plus this suffix. */
  readonly suffix: string;
  /** Reads a database with the changes in its log; `path` is the path of the database. */
  readonly read: (path: string, bytes: Uint8Array, log: Uint8Array) => FileFacts;
};

export type FileFacts = {
  readonly release?: ReleaseFacts;
  /** The packages in the database of a package manager. */
  readonly packages?: readonly SystemPackage[];
  /** Libraries and programs at a path of the image. */
  readonly features?: readonly { readonly feature: LibraryPackage; readonly path: string }[];
  /** The statements in the file about features, usually features in other files. */
  readonly marks?: readonly FeatureMark[];
  /** The functions of Go programs, which show whether a program contains a vulnerable function. */
  readonly programs?: readonly ProgramFacts[];
  /** Identifies a program; absent for other files, the test data of Go, and package scripts. */
  readonly executable?: ExecutableFacts;
  /** The wanted files that each package owns. */
  readonly ownedPaths?: readonly OwnedPaths[];
  /** The diversions of wanted files, which dpkg installs at another path. */
  readonly diversions?: readonly Diversion[];
  /** The repositories that packages come from (content sets in Red Hat's terms): sorted, without duplicates. */
  readonly contentSets?: readonly string[];
  /**
   * The digest of the file. Databases that may have a log, and logs with changes, have a digest so that their bytes can
   * be found again. Files whose facts depend on the layer have a digest so that a replacement in another layer is
   * detected; the digest of a large file covers only the size and both ends. Absent for all other files, and for a file
   * that was read while it arrived.
   */
  readonly content?: Digest;
  readonly diagnostics: readonly FileDiagnostic[];
};

/**
 * Returns whether a file contains facts whose meaning depends on the other files of the layer: features, or the record
 * of an installer.
 */
export function dependsOnLayer({ features = [], marks = [] }: FileFacts): boolean {
  return features.length > 0 || marks.some(({ files }) => files !== undefined);
}

/** Identifies a program among the programs of an image. */
export type ExecutableFacts = {
  /**
   * The digest of the size and the first bytes. A copy of the program in another layer, such as after chmod, has the
   * same digest.
   */
  readonly start: string;
  /** For a hard link, the path of its target in the layer with the content. */
  readonly of?: string;
  /** The index of the layer with the content; absent for the layer of the link. */
  readonly layer?: number;
};

/** The functions in the function table of a Go program. */
export type ProgramFacts = {
  /** The path of the program in the image. */
  readonly path: string;
  /** GOOS; empty if unknown. */
  readonly os: string;
  /** GOARCH, or all GOARCH values of a fat (universal) file, separated by commas. */
  readonly arch: string;
  /** The reason why the functions are unknown; present only if `functions` is absent. */
  readonly unknown?: string;
  /** The output of `writeFunctions()` in base64. */
  readonly functions?: string;
};

/** What one file states about the features at one path of the image, which is often the path of another file. */
export type FeatureMark = {
  /** The path of the file whose features are marked. */
  readonly path: string;
  readonly flags?: readonly LibraryFlag[];
  /** The package manager of the distribution that installed the features. */
  readonly installer?: SystemPackageType;
  /**
   * The Python distributions that make up the features. If the image has a package for each of these distributions, the
   * features are left out as duplicates.
   */
  readonly distributions?: readonly DistributionName[];
  /**
   * The possible programs among the files of the features, as the installer recorded them. Paths are relative to the
   * directory that contains the directory of `path`; a path that begins with a slash starts at the root.
   */
  readonly files?: readonly string[];
};

/** A Python distribution that is installed in a directory such as `usr/lib/python3/site-packages`. */
export type DistributionName = {
  readonly directory: string;
  /** The normalised name (PEP 503). */
  readonly name: string;
};

/** The facts about the operating system in a release file, by the names in the file, such as `VERSION_ID`. */
export type ReleaseFacts = Readonly<Record<string, string>>;
