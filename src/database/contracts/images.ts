import type { Digest } from '../../model/digest.ts';

/** The scanned images. */
export type ImageStore = {
  /** Stores an image with its contents, or records that it was scanned again. */
  readonly record: (image: IndexedImage & ImageContents) => Promise<void>;
  readonly find: (digest: Digest) => Promise<IndexedImage | undefined>;
  /** Returns an image with its contents. */
  readonly whole: (digest: Digest) => Promise<(IndexedImage & ImageContents) | undefined>;
  /** Returns at most `limit` images of a reference for all platforms, last scanned first. */
  readonly ofReference: (reference: string, limit: number) => Promise<readonly IndexedImage[]>;
  /**
   * Returns the image under a reference and platform at a time: of the stored images, the one scanned last by then;
   * undefined without one.
   */
  readonly current: (at: ReferenceTime) => Promise<IndexedImage | undefined>;
  /** Returns the first stored image under a reference and platform, and the time since when. */
  readonly first: (of: Omit<ReferenceTime, 'at'>) => Promise<ImageSince | undefined>;
  /** Removes an image; housekeeping removes its unused layers. Returns false if it does not exist. */
  readonly remove: (digest: Digest) => Promise<boolean>;
  /**
   * Returns which of these layers are the topmost layer of an indexed image, for any engine version, with the
   * references of the images.
   */
  readonly topmostAmong: (
    names: readonly string[],
  ) => Promise<readonly { readonly layer: string; readonly reference: string }[]>;
  /**
   * Returns the images above `after` ('' for the first page) whose topmost layer was analysed by an older engine, by
   * digest.
   */
  readonly outdated: (
    engineVersion: number,
    page: { readonly after: Digest | ''; readonly limit: number },
  ) => Promise<readonly IndexedImage[]>;
};

/** An image and the time in milliseconds since 1970 since when it is under its reference. */
export type ImageSince = { readonly image: IndexedImage; readonly since: number };

export type IndexedImage = {
  readonly digest: Digest;
  readonly reference: string;
  /** The target that opens the image again, as on the command line. */
  readonly target: string;
  readonly platform: string;
  /** The topmost layer; null for an image without layers. */
  readonly leaf: number | null;
  /** Milliseconds since 1970. */
  readonly scannedAt: number;
};

/** A reference and a platform, at a time in milliseconds since 1970. */
export type ReferenceTime = Pick<IndexedImage, 'reference' | 'platform'> & { readonly at: number };

/** The metadata of an image besides the analysis of its layers. */
export type ImageContents = {
  /** Base first. */
  readonly layers: readonly ImageLayerFacts[];
  /** The digest of the base image, if the image states it. */
  readonly baseDigest: Digest | null;
  /** For each CMD and ENTRYPOINT of the history, the number of layers before it. */
  readonly commands: readonly number[];
};

export type ImageLayerFacts = {
  /** The digest of the layer's bytes as the image stores them. */
  readonly digest: Digest;
  readonly diffId: Digest;
  /** The instruction that created the layer; empty if unknown. */
  readonly createdBy: string;
  /** The size of the layer as stored; null if unknown. */
  readonly size: number | null;
};
