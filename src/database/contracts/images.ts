import type { Digest } from '../../model/digest.ts';
import type { EngineVersion } from '../../model/engine/engine-version.ts';

export type ImageStore = {
  /** Stores an image with its contents, or records that it was scanned again. */
  readonly record: (image: IndexedImage & ImageContents) => Promise<void>;
  readonly find: (digest: Digest) => Promise<IndexedImage | undefined>;
  readonly whole: (digest: Digest) => Promise<(IndexedImage & ImageContents) | undefined>;
  /** Returns at most `limit` images of a reference for all platforms, most recently scanned first. */
  readonly ofReference: (reference: string, limit: number) => Promise<readonly IndexedImage[]>;
  /** Returns the stored image to which a reference and platform referred at a time, according to the scans. */
  readonly current: (at: ReferenceTime) => Promise<IndexedImage | undefined>;
  /** Returns the stored image with a reference and platform that was scanned first. */
  readonly first: (of: Omit<ReferenceTime, 'at'>) => Promise<ImageSince | undefined>;
  /** Removes an image; housekeeping removes its unused layers. Returns false if the image does not exist. */
  readonly remove: (digest: Digest) => Promise<boolean>;
  /**
   * Returns the given layers that are the topmost layer of an indexed image, with the references of the images. The
   * engine version does not matter.
   */
  readonly topmostAmong: (
    names: readonly string[],
  ) => Promise<readonly { readonly layer: string; readonly reference: string }[]>;
  /**
   * Returns the images whose topmost layer is not current for an engine ({@link isCurrent}), by digest, above `after`
   * ('' for the first page).
   */
  readonly outdated: (
    engineVersion: EngineVersion,
    page: { readonly after: Digest | ''; readonly limit: number },
  ) => Promise<readonly IndexedImage[]>;
};

/** `since` is milliseconds since 1970. */
export type ImageSince = { readonly image: IndexedImage; readonly since: number };

export type IndexedImage = {
  readonly digest: Digest;
  readonly reference: string;
  /** The target of the last scan: a reference or a path, or the name of an uploaded archive or SBOM. */
  readonly target: string;
  readonly platform: string;
  /** The topmost layer; null for an image without layers. */
  readonly leaf: number | null;
  /** The time of the last scan in milliseconds since 1970. */
  readonly scannedAt: number;
};

/** `at` is milliseconds since 1970. */
export type ReferenceTime = Pick<IndexedImage, 'reference' | 'platform'> & { readonly at: number };

/** The metadata of an image, without the analysis of its layers. */
export type ImageContents = {
  /** The layers, base first. */
  readonly layers: readonly ImageLayerFacts[];
  /** The digest of the base image, if the image states it. */
  readonly baseDigest: Digest | null;
  /** For each CMD and ENTRYPOINT of the history, the number of layers before it. */
  readonly commands: readonly number[];
};

export type ImageLayerFacts = {
  /** The digest of the layer's bytes in the form that the image contains. */
  readonly digest: Digest;
  readonly diffId: Digest;
  /** The instruction that created the layer; empty if unknown. */
  readonly createdBy: string;
  /** The size of the layer as stored; null if unknown. */
  readonly size: number | null;
};
