import type { Digest } from '../../model/digest.ts';

/** An image without a configuration, as Clair v4 clients post it; base layer first. */
export type Manifest = {
  /** Identifies the image. The hash is not verified, and need not be the digest of any bytes. */
  readonly hash: Digest;
  readonly layers: readonly ManifestLayer[];
};

export type ManifestLayer = {
  /** The digest of the bytes as the registry stores them. */
  readonly hash: Digest;
  /** An `http(s)` URL, often signed: its query is a secret, and must be sent unchanged. */
  readonly uri: string;
  /** The headers of the request, often valid for only a minute. */
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Returns the stored target of a posted manifest; no command can open the target, because only the client can provide
 * access to the layers.
 */
export function targetOf(hash: Digest): string {
  return `${SCHEME}${hash}`;
}

/** Returns whether a stored image was posted as a manifest. */
export function isPosted({ target }: { readonly target: string }): boolean {
  return target.startsWith(SCHEME);
}

const SCHEME = 'clair-v4:';
