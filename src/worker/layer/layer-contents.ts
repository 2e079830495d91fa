import type { Digest } from '../../model/digest.ts';
import type { FileFacts } from '../detectors/detector.ts';
import type { KnownLayer } from '../rereading/known-layers.ts';
import type { PathList } from './tree/path-list.ts';

/**
 * What one layer says by itself, before it is laid over its parents: the files that detectors want, the directories above
 * fixed paths, and what hides either in the layers below. Kept as JSON by content digest.
 */
export type LayerContents = {
  /** Paths that a whiteout removes from the layers below (image-spec, layer.md#whiteouts). */
  readonly whiteouts: readonly string[];
  /** Directories whose content in the layers below is hidden; the empty path is the root. */
  readonly opaque: readonly string[];
  /** In the archive's order; of two entries with one path the later one counts. */
  readonly entries: readonly LayerEntry[];
  /**
   * The other members, directories with a slash at the end: what they replace in the layers below is gone. Only where detectors
   * want files in any directory, and up to `maxOtherCharacters`.
   */
  readonly others?: PathList;
  /** Whether links were left out that packages may list files behind: there were more than `maxFollowedCharacters`. */
  readonly areLinksCut?: true;
  /** How many members had a name that climbs out of the root; they were ignored. */
  readonly outside: number;
  /** Why the layer could not be had; then the rest is empty, and nobody knows what it should be. */
  readonly absent?: string;
};

/** One member of the archive at a wanted path or above a fixed one. Paths have no leading, trailing or double slash. */
export type LayerEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  /** A hard link to a path of the image at which the layer had shown nothing that was read. */
  | { readonly kind: 'hardlink'; readonly path: string; readonly target: string }
  /** A wanted regular file and what the detectors that want it read from it. */
  | {
      readonly kind: 'file';
      readonly path: string;
      /** What all detectors but those of features read; absent when only these read it. */
      readonly facts?: FileFacts;
      /** What each detector of features read, by its id: files of one are not handed to another one. */
      readonly byDetector?: Readonly<Record<string, FileFacts>>;
    }
  /** Anything else that stands there: a device, or a file above or at a wanted path that nobody reads. */
  | { readonly kind: 'other'; readonly path: string };

/** What reading a layer's bytes gave. */
export type LayerReading = {
  /** Digest of the bytes as they came. */
  readonly digest: Digest;
  /** Digest of the uncompressed tar; equal to `digest` for a plain one. */
  readonly diffId: Digest;
  readonly contents: LayerContents;
  /** With what an uncompressed layer in a file can be read again in parts; absent after such a reading. */
  readonly known?: KnownLayer;
};
