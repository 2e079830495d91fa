import type { Digest } from '../../model/digest.ts';

/** The images that were scanned. */
export type ImageStore = {
  /** Remembers an image with what it is made of, or that it was scanned again. */
  readonly record: (image: IndexedImage & ImageContents) => Promise<void>;
  readonly find: (digest: Digest) => Promise<IndexedImage | undefined>;
  /** An image with what it is made of. */
  readonly whole: (digest: Digest) => Promise<(IndexedImage & ImageContents) | undefined>;
  /** The images of a reference, whatever their platform, those that were scanned last first, at most `limit`. */
  readonly ofReference: (reference: string, limit: number) => Promise<readonly IndexedImage[]>;
  /**
   * The image that was under a reference, for a platform, at a time: the one that was scanned last by then, of those that are
   * still known; undefined when none was.
   */
  readonly current: (at: ReferenceTime) => Promise<IndexedImage | undefined>;
  /** The first image that was under a reference, for a platform, of those that are still known, and since when it was. */
  readonly first: (of: Omit<ReferenceTime, 'at'>) => Promise<ImageSince | undefined>;
  /** Forgets an image; its layers stay until housekeeping finds them unused. False when there is none. */
  readonly remove: (digest: Digest) => Promise<boolean>;
  /**
   * Those of the layers of these names that are the topmost one of indexed images, whichever engine analysed it, with what each
   * of these was asked for by.
   */
  readonly topmostAmong: (
    names: readonly string[],
  ) => Promise<readonly { readonly layer: string; readonly reference: string }[]>;
  /** The images whose topmost layer an older engine analysed, by digest, from above `after` ('' for the first) on. */
  readonly outdated: (
    engineVersion: number,
    page: { readonly after: Digest | ''; readonly limit: number },
  ) => Promise<readonly IndexedImage[]>;
};

/** An image, and the time in milliseconds since 1970 from which it was under its reference. */
export type ImageSince = { readonly image: IndexedImage; readonly since: number };

export type IndexedImage = {
  readonly digest: Digest;
  readonly reference: string;
  /** By what it can be opened again, as the command line names targets. */
  readonly target: string;
  readonly platform: string;
  /** The topmost layer; null for an image without layers. */
  readonly leaf: number | null;
  /** Milliseconds since 1970. */
  readonly scannedAt: number;
};

/** A reference and a platform, at a time in milliseconds since 1970. */
export type ReferenceTime = Pick<IndexedImage, 'reference' | 'platform'> & { readonly at: number };

/** What an image says of itself beside what is known of its layers. */
export type ImageContents = {
  /** Base first. */
  readonly layers: readonly ImageLayerFacts[];
  /** The digest of the base image, where the image tells it. */
  readonly baseDigest: Digest | null;
  /** For each CMD and ENTRYPOINT of its history, how many layers had been made before. */
  readonly commands: readonly number[];
};

export type ImageLayerFacts = {
  /** The digest of the layer's bytes as the image stores them. */
  readonly digest: Digest;
  readonly diffId: Digest;
  /** The instruction that made it; empty where that is not told. */
  readonly createdBy: string;
  /** Bytes as the image stores the layer; null where that is not told. */
  readonly size: number | null;
};
