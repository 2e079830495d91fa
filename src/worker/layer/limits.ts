import { EXPANSION_LIMITS, type ExpansionLimits } from '../../bytes/compression-bounds.ts';
import { TAR_LIMITS, type TarLimits } from '../../bytes/tar/limits.ts';

/** dpkg has a file list for each package; whiteouts and links at wanted paths are counted, too. */
const MAX_WANTED_FILES = 50_000;

/**
 * Images have thousands of language packages with one or several files each. Whiteouts are counted, too: a layer may
 * remove tens of thousands of compiled Python files individually.
 */
const MAX_FILES_ANYWHERE = 100_000;

/** A dpkg status file that lists 2,000 packages is 2 MiB; all files at fixed paths count together. */
const MAX_WANTED_BYTES = 512 * 1024 * 1024;

/** The programs and libraries of real layers are smaller in total; the limit bounds empty sparse files. */
const MAX_BYTES_ANYWHERE = 16 * 1024 ** 3;

/**
 * The limit suffices for about 150,000 prefix-compressed paths. Beyond the limit, members replace nothing in the layers
 * below unless they are whiteouts or files with a wanted name; layers with so many members install files and replace
 * few files.
 */
const MAX_OTHER_CHARACTERS = 2 * 1024 * 1024;

/** The longest apt source lists have several thousand lines. */
const MAX_RELEASE_FILE_BYTES = 1024 * 1024;

/** The largest images have fewer than 10,000 packages. */
const MAX_PACKAGES = 20_000;

/** About 30,000 of the 87,000 files in 1,000 packages may be programs, with less than 2 MiB of paths. */
const MAX_OWNED_CHARACTERS = 8 * 1024 * 1024;

/**
 * The limit suffices for about 30 programs of the size of kubelet; the functions of the largest programs have about
 * 600,000 characters.
 */
const MAX_FUNCTION_CHARACTERS = 8 * 1024 * 1024;

/**
 * The limit suffices for about 4,000 links; if every command is a link to the same program, `bin` and `sbin` have about
 * 400 links.
 */
export const MAX_FOLLOWED_CHARACTERS: number = 256 * 1024;

/** The limit suffices for about 15,000 programs; 1,000 packages of a distribution have 3,000 programs. */
const MAX_EXECUTABLE_CHARACTERS = 2 * 1024 * 1024;

/** The largest layers need about 3 MiB: a package record has about 200 characters. */
const MAX_KEPT_CHARACTERS = 16 * 1024 * 1024;

/** The maximum length of a link target on Linux: PATH_MAX is 4,096 bytes with the trailing NUL. */
const MAX_LINK_CHARACTERS = 4095;

/** A layer of 20 GB takes a few minutes; the limit stops crafted slow data and slow sources. */
const MAX_MILLISECONDS = 30 * 60_000;

/** Only one thread at a time reads a big file, so a slow read would block the other threads. */
const MAX_BIG_FILE_MILLISECONDS = 2 * 60_000;

export type LayerLimits = TarLimits &
  ExpansionLimits & {
    /**
     * The maximum number of members at or above fixed paths, including whiteouts and opaque directories at these paths.
     */
    readonly maxWantedFiles: number;
    /**
     * The maximum number of wanted files in any directory, and of whiteouts and opaque directories at all other paths.
     */
    readonly maxFilesAnywhere: number;
    /** The maximum total size of the files at fixed paths. */
    readonly maxWantedBytes: number;
    /**
     * The maximum total size of wanted files in any directory; further files are not read and result in a diagnostic.
     */
    readonly maxBytesAnywhere: number;
    /** The maximum JSON length (approximate) of the list of unwanted members. */
    readonly maxOtherCharacters: number;
    /** The maximum number of packages in all files of the layer together. */
    readonly maxPackages: number;
    /**
     * The maximum number of characters of the listed package files that a detector reads; more files result in a
     * diagnostic.
     */
    readonly maxOwnedCharacters: number;
    /**
     * The maximum number of characters of the functions of Go programs; the functions of further programs are unknown.
     */
    readonly maxFunctionCharacters: number;
    /**
     * The maximum number of characters of links kept to resolve package file lists; further links are dropped with a
     * diagnostic.
     */
    readonly maxFollowedCharacters: number;
    /** The maximum number of characters of programs without other facts; further programs are only counted. */
    readonly maxExecutableCharacters: number;
    /** The maximum JSON length (approximate) of the other files, links and paths of the layer. */
    readonly maxKeptCharacters: number;
    /** The maximum number of characters in the target of a symbolic link; a longer link is not followed. */
    readonly maxLinkCharacters: number;
    readonly maxReleaseFileBytes: number;
    /** The maximum time for one file above 16 MiB to arrive when several threads read layers. */
    readonly maxBigFileMilliseconds: number;
    /** The maximum time from opening the source to the end of its archive. */
    readonly maxMilliseconds: number;
  };

export const LAYER_LIMITS: LayerLimits = {
  ...TAR_LIMITS,
  ...EXPANSION_LIMITS,
  maxWantedFiles: MAX_WANTED_FILES,
  maxFilesAnywhere: MAX_FILES_ANYWHERE,
  maxWantedBytes: MAX_WANTED_BYTES,
  maxBytesAnywhere: MAX_BYTES_ANYWHERE,
  maxOtherCharacters: MAX_OTHER_CHARACTERS,
  maxPackages: MAX_PACKAGES,
  maxOwnedCharacters: MAX_OWNED_CHARACTERS,
  maxFunctionCharacters: MAX_FUNCTION_CHARACTERS,
  maxFollowedCharacters: MAX_FOLLOWED_CHARACTERS,
  maxExecutableCharacters: MAX_EXECUTABLE_CHARACTERS,
  maxKeptCharacters: MAX_KEPT_CHARACTERS,
  maxLinkCharacters: MAX_LINK_CHARACTERS,
  maxReleaseFileBytes: MAX_RELEASE_FILE_BYTES,
  maxBigFileMilliseconds: MAX_BIG_FILE_MILLISECONDS,
  maxMilliseconds: MAX_MILLISECONDS,
};

/** The limits of all layers together, and the limits of the work for each layer. */
export type TreeLimits = {
  /** The maximum number of files, directories and links that detectors need. */
  readonly maxEntries: number;
  /** The total number of these entries beyond which programs without other facts are left out. */
  readonly maxEntriesWithExecutables: number;
  /** The maximum JSON length (approximate) of the facts of these entries. */
  readonly maxCharacters: number;
  /** The maximum number of path segments visited for the links of one layer and for look-ups in the layer. */
  readonly maxSteps: number;
  /** The maximum number of path segments visited for one path; a path of PATH_MAX has half as many segments. */
  readonly maxLookupSteps: number;
  /** The maximum number of directories of features and package files, counted by path, because links multiply paths. */
  readonly maxListedDirectories: number;
  readonly maxPackages: number;
};

export const TREE_LIMITS: TreeLimits = {
  maxEntries: 150_000,
  maxEntriesWithExecutables: 50_000,
  maxCharacters: 64 * 1024 * 1024,
  maxSteps: 1_000_000,
  maxLookupSteps: 4096,
  maxListedDirectories: 100_000,
  maxPackages: MAX_PACKAGES,
};
