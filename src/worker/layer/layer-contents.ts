import type { SbomStatement } from '../../model/report/sbom-statement.ts';
import type { Digest } from '../../model/digest.ts';
import type { FileFacts } from '../detectors/detector.ts';
import type { ProgramLink } from './executables/program-links.ts';
import type { KnownLayer } from '../rereading/known-layers.ts';
import type { FileDigests } from './digests/file-digests.ts';
import type { PathList } from './tree/path-list.ts';

/**
 * The contents of one layer, before it is applied to its parents: the wanted files, the directories above fixed paths,
 * and the entries that hide such files and directories in the layers below. The contents are stored as JSON under a
 * digest.
 */
export type LayerContents = {
  /** Paths that a whiteout removes from the layers below (image-spec, layer.md#whiteouts). */
  readonly whiteouts: readonly string[];
  /** Directories that hide their content in the layers below; the empty path is the root. */
  readonly opaque: readonly string[];
  /** The entries in archive order; if two entries have the same path, the later entry is used. */
  readonly entries: readonly LayerEntry[];
  /**
   * The other members, directories with a trailing slash; they replace members of the layers below. The list is present
   * only if detectors read files in any directory, and is limited to `maxOtherCharacters`.
   */
  readonly others?: PathList;
  /**
   * The hard links in `others` whose targets may be programs in the layers below; absent if there are no such links.
   */
  readonly programLinks?: readonly ProgramLink[];
  /** The digests of the files in `entries` and `others`; absent if the files were not hashed. */
  readonly fileDigests?: FileDigests;
  /** Whether the layer has members that `others` does not list, because only wanted members were read. */
  readonly isPartial?: true;
  /**
   * The number of bytes fetched, the size of the layer, and whether nothing proves that the layer has the same members
   * as its table of contents; present only if the layer was read in part.
   */
  readonly parts?: { readonly fetched: number; readonly size: number; readonly isUnproven?: true };
  /**
   * The reason why a layer with a table of contents was read as a whole; only in contents under the key for reading
   * parts.
   */
  readonly partsRefused?: string;
  /** Whether the whole layer was read, and its table of contents shows other files to detectors. */
  readonly isListedDifferently?: true;
  /** Whether links to directories of package files were dropped beyond `maxFollowedCharacters`. */
  readonly areLinksCut?: true;
  /**
   * The number of programs and links to programs that are not listed, because they exceed `maxExecutableCharacters`.
   */
  readonly moreExecutables?: number;
  /** The number of ignored members with a path outside the root. */
  readonly outside: number;
  /**
   * The reason why the layer could not be read; the other fields are then empty, and the contents of the layer are
   * unknown.
   */
  readonly absent?: string;
  /** The VEX statements of an SBOM; absent if there are none. */
  readonly statements?: readonly SbomStatement[];
};

/** One member at a wanted path or above a fixed path. Paths have no leading, trailing or double slash. */
export type LayerEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  /** A hard link to a path that was not read before the link in this layer. */
  | { readonly kind: 'hardlink'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      /** The facts of all detectors other than features detectors; absent if only features detectors read the file. */
      readonly facts?: FileFacts;
      /** The facts of each features detector, by the id of the detector. */
      readonly byDetector?: Readonly<Record<string, FileFacts>>;
    }
  /** Anything else: a device, or an unread file at or above a wanted path. */
  | { readonly kind: 'other'; readonly path: string };

export type LayerReading = {
  /**
   * The digest of the bytes as received; absent for compressed bytes if the source states no digest, because computing
   * the digest takes time.
   */
  readonly digest?: Digest;
  /** The digest of the uncompressed tar; equal to `digest` for an uncompressed layer. */
  readonly diffId: Digest;
  readonly contents: LayerContents;
  /** Whether only parts of the layer were read; such contents are not stored as the contents of the whole layer. */
  readonly isInParts?: true;
  /** The reason why the layer was not read in part. */
  readonly partsRefused?: string;
  /**
   * The data that allows the next reading of an uncompressed layer file to read only parts of the file; absent for
   * other layers, and if only parts were read this time.
   */
  readonly known?: KnownLayer;
};
