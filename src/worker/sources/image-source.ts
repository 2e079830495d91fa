import type { Digest } from '../../model/digest.ts';
import type { LayerSource } from './layer-source.ts';

/** The forms of a target, which are also the scheme prefixes of the command line. */
export type TargetKind = 'docker-archive' | 'oci' | 'oci-archive' | 'rootfs' | 'registry';

/** One layer of an image, with the instruction of the image's history that made it. */
export type ImageLayer = {
  readonly source: LayerSource;
  /** The digest of the layer's bytes as the image stores them. */
  readonly digest: Digest;
  /** The digest of the layer's uncompressed tar (image-spec, config.md, `rootfs.diff_ids`). */
  readonly diffId: Digest;
  readonly createdBy: string;
  /** Bytes as the image stores the layer; absent where nothing tells it. */
  readonly size?: number;
  /** Why the bytes cannot be had here (a foreign layer); then `source` is never opened, and the report says so. */
  readonly absent?: string;
};

/** An image that was opened: its identity and its layers, base first. Close it when it has been read. */
export type ImageSource = {
  readonly kind: TargetKind;
  /** The repository tag that the image carries or was asked for by, else the path it was read from. */
  readonly reference: string;
  /** By what this very image can be opened again, as the command line names targets. */
  readonly target: string;
  /**
   * The digest of the manifest; where there is none, of the configuration (docker-archive), of the file that stands for it
   * (the oldest docker-archives), or of the only layer (rootfs).
   */
  readonly digest: Digest;
  /** `os/architecture[/variant]` of the configuration. */
  readonly platform: string;
  readonly layers: readonly ImageLayer[];
  /** The digest of the base image, where the manifest tells it (image-spec, annotations.md, `base.digest`). */
  readonly baseDigest?: Digest;
  /** For each CMD and ENTRYPOINT of the history, how many layers had been made before; absent where there is no history. */
  readonly commands?: readonly number[];
  readonly close: () => Promise<void>;
};
