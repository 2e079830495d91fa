import { EXPANSION_LIMITS, type ExpansionLimits } from '../../bytes/compression-bounds.ts';
import { TAR_LIMITS, type TarLimits } from '../../bytes/tar/limits.ts';

/** A list of files for each package of dpkg; whiteouts and links at wanted paths count too. */
const MAX_WANTED_FILES = 50_000;

/**
 * Images have up to some ten thousand packages of languages, a file each, and every whiteout counts: a layer that removes the
 * compiled files of Python one by one has some ten thousand.
 */
const MAX_FILES_ANYWHERE = 100_000;

/** All wanted files of a layer together; a dpkg status file of 2,000 packages has 2 MiB. */
const MAX_WANTED_BYTES = 512 * 1024 * 1024;

/** More than the programs and libraries of any honest layer; sparse files of nothing would have no bound else. */
const MAX_BYTES_ANYWHERE = 16 * 1024 ** 3;

/**
 * Some 150,000 paths, each as what it does not share with the one before it. What members beyond that replace in the layers below
 * stays listed, unless they are whiteouts, or files of a name that detectors want: such layers install, and replace little.
 */
const MAX_OTHER_CHARACTERS = 2 * 1024 * 1024;

/** The longest lists of apt's sources have some thousand lines. */
const MAX_RELEASE_FILE_BYTES = 1024 * 1024;

/** The largest images have less than 10,000 packages. */
const MAX_PACKAGES = 20_000;

/** Of 87,000 files in 1,000 packages some 30,000 may be programs, with less than 2 MiB of paths. */
const MAX_OWNED_CHARACTERS = 8 * 1024 * 1024;

/** Some 4,000 links: where every command is a link to one program, `bin` and `sbin` have some 400. */
const MAX_FOLLOWED_CHARACTERS = 256 * 1024;

/** What the largest layers say has some 3 MiB: a record of a package has some 200 characters. */
const MAX_KEPT_CHARACTERS = 16 * 1024 * 1024;

/** The path of a link is at most PATH_MAX (4,096 bytes with the NUL at its end); Linux makes no longer one. */
const MAX_LINK_CHARACTERS = 4095;

/** A layer of 20 GB takes some minutes; bytes that are made to be slow, or a source that drips, must end some time. */
const MAX_MILLISECONDS = 30 * 60_000;

/** Only one thread at a time reads a big file, so a slow reading would block the others. */
const MAX_BIG_FILE_MILLISECONDS = 2 * 60_000;

/** The bounds of reading one layer. */
export type LayerLimits = TarLimits &
  ExpansionLimits & {
    /** Members at fixed paths and above them, and what is hidden of these. */
    readonly maxWantedFiles: number;
    /** Files that are wanted in any directory, and whatever else is hidden. */
    readonly maxFilesAnywhere: number;
    /** Of the files at fixed paths. */
    readonly maxWantedBytes: number;
    /** Of the files that are wanted in any directory; those beyond are not read, and have a diagnostic. */
    readonly maxBytesAnywhere: number;
    /** Of the list of the members that no detector wants, about as JSON has it. */
    readonly maxOtherCharacters: number;
    /** In all files of the layer together. */
    readonly maxPackages: number;
    /** Of the files of packages that are listed because a detector wants them; more have a diagnostic. */
    readonly maxOwnedCharacters: number;
    /** Of the links that are kept because packages list files behind them; those beyond are left out, and have a diagnostic. */
    readonly maxFollowedCharacters: number;
    /** Of what the files, links and paths of the layer say, about as JSON has them. */
    readonly maxKeptCharacters: number;
    /** In the target of a symbolic link; a longer one leads nowhere. */
    readonly maxLinkCharacters: number;
    /** For each file that tells the operating system. */
    readonly maxReleaseFileBytes: number;
    /** For one file above 16 MiB to arrive, where several threads read. */
    readonly maxBigFileMilliseconds: number;
    /** From opening its source to the end of its archive. */
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
  maxFollowedCharacters: MAX_FOLLOWED_CHARACTERS,
  maxKeptCharacters: MAX_KEPT_CHARACTERS,
  maxLinkCharacters: MAX_LINK_CHARACTERS,
  maxReleaseFileBytes: MAX_RELEASE_FILE_BYTES,
  maxBigFileMilliseconds: MAX_BIG_FILE_MILLISECONDS,
  maxMilliseconds: MAX_MILLISECONDS,
};

/** The bounds of what layers say together, and of the work that each of them makes. */
export type TreeLimits = {
  /** Files, directories and links that detectors care about. */
  readonly maxEntries: number;
  /** Of what is known of these, about as JSON has it. */
  readonly maxCharacters: number;
  /** Path segments that are visited for the links of one layer, and for look-ups in it. */
  readonly maxSteps: number;
  /** Path segments that are visited for one path; a path of PATH_MAX has half as many. */
  readonly maxLookupSteps: number;
  /** Directories in which the files of features and of packages lie, by the paths that name them: links make many of one. */
  readonly maxListedDirectories: number;
  /** The packages of an image at one of its layers. */
  readonly maxPackages: number;
};

export const TREE_LIMITS: TreeLimits = {
  maxEntries: 100_000,
  maxCharacters: 64 * 1024 * 1024,
  maxSteps: 1_000_000,
  maxLookupSteps: 4096,
  maxListedDirectories: 100_000,
  maxPackages: MAX_PACKAGES,
};
