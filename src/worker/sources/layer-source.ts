import type { ByteStream } from '../../bytes/byte-stream.ts';
import type { FilePart } from '../../bytes/file-bytes.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerAnchor } from '../parts/layer-anchor.ts';
import type { LayerParts } from '../parts/read-parts.ts';

/** The source of one layer's bytes, independent of compression and tar. */
export type LayerSource = {
  /** The name in messages: a path, or a URL without query and credentials. */
  readonly where: string;
  /** The expected digest of the stored (possibly compressed) bytes, if known. */
  readonly digest?: Digest;
  /** The expected digest of the uncompressed tar, if the image's configuration states one. */
  readonly diffId?: Digest;
  /** The table of contents that the manifest names for the layer, even if parts are not fetched. */
  readonly anchor?: LayerAnchor;
  /** Set if parts of the bytes may be fetched instead of all bytes. */
  readonly parts?: LayerParts;
  /**
   * Looks for parts that the manifest does not name; called only if the layer is not stored. Absent if `parts` is set.
   *
   * @throws the abort reason of the signal
   */
  readonly findParts?: (signal?: AbortSignal) => Promise<LayerParts | undefined>;
  /** Whether the bytes contain only the members that detectors read. */
  readonly isPartial?: true;
  /**
   * Returns the location of the bytes in a local file, which a reading thread can then open itself.
   *
   * @throws ClairError as `open`
   */
  readonly file?: () => FilePart;
  /**
   * Opens the bytes from the start; may be called again.
   *
   * @throws ClairError `bytes/…`; for a layer of an image also `image/…` or `registry/…`, and for a layer of a manifest
   * `manifest/…`, `layer/…` or `server/…`; on opening or while the stream is read.
   */
  readonly open: (signal?: AbortSignal) => Promise<ByteStream>;
};
