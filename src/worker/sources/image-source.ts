import type { Digest } from '../../model/digest.ts';
import type { DaemonKind } from './daemon/daemon-address.ts';
import type { AttachmentPlace } from './registry/attachment-place.ts';
import type { LayerLayout } from '../layer/layer-layout.ts';
import type { LayerSource } from './layer-source.ts';

/** The kinds of targets, which are also the scheme prefixes on the command line. */
export type TargetKind = 'docker-archive' | 'oci' | 'oci-archive' | 'rootfs' | 'registry' | 'sbom' | DaemonKind;

/** One layer of an image, with the instruction in the image's history that created it. */
export type ImageLayer = {
  readonly source: LayerSource;
  /** The digest of the layer's bytes as stored. */
  readonly digest: Digest;
  /** The digest of the layer's uncompressed tar (image-spec, config.md, `rootfs.diff_ids`). */
  readonly diffId: Digest;
  readonly createdBy: string;
  /** Defaults to the Docker layout. */
  readonly layout?: LayerLayout;
  /** The stored size in bytes; absent if unknown. */
  readonly size?: number;
  /**
   * The reason why the bytes are not available, for example for a foreign layer; if set, `source` is never opened, and
   * the report states the reason.
   */
  readonly absent?: string;
};

/** An opened image: its identity and its layers, base first. The caller closes it. */
export type ImageSource = {
  readonly kind: TargetKind;
  /** The name or tag of the image or of the request; without a name or tag, the path of the image. */
  readonly reference: string;
  /** A command-line target that opens the same image again. */
  readonly target: string;
  /**
   * The digest of the manifest (OCI layouts and registries), of the configuration (docker-archive, docker, podman), of
   * the topmost layer's JSON file (the oldest docker-archives), of the only layer (rootfs), or of the document (sbom).
   */
  readonly digest: Digest;
  /** `os/architecture[/variant]` of the configuration. */
  readonly platform: string;
  readonly layers: readonly ImageLayer[];
  /**
   * Whether the digests of the layers were computed from the bytes of the layers; otherwise the image states the
   * digests.
   */
  readonly areDigestsComputed?: true;
  /** The digest of the base image, if the manifest states it (image-spec, annotations.md, `base.digest`). */
  readonly baseDigest?: Digest;
  /** For each CMD and ENTRYPOINT in the history, the number of layers before it; absent if there is no history. */
  readonly commands?: readonly number[];
  /** The place of documents that are attached to the image; absent for images outside registries. */
  readonly attachments?: AttachmentPlace;
  readonly close: () => Promise<void>;
};
