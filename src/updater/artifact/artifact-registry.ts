import type { ByteStream } from '../../bytes/byte-stream.ts';

/** Reads one repository of a registry; the registry client implements this type. */
export type ArtifactReader = {
  /**
   * Requests `manifests/REFERENCE` or `blobs/DIGEST`.
   *
   * @throws ClairError `image/not-found` for a missing manifest, `bytes/not-found` for a missing blob, `registry/…`,
   * `bytes/unreachable`
   */
  readonly get: (name: string, signal?: AbortSignal) => Promise<{ readonly body: ByteStream }>;
};

/** Writes to one repository of a registry; the registry client implements this type. */
export type ArtifactWriter = {
  /**
   * Uploads a blob unless the repository already contains the blob. Returns whether the blob was uploaded. @throws
   * ClairError `registry/…`, `bytes/unreachable`
   */
  readonly putBlob: (
    blob: {
      readonly digest: string;
      readonly size: number;
      readonly open: (start: number, end: number) => ByteStream;
    },
    signal: AbortSignal,
  ) => Promise<boolean>;
  readonly putManifest: (
    reference: string,
    manifest: { readonly mediaType: string; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ) => Promise<void>;
};

/** The place of a published database: a repository, and a tag or digest in the repository. */
export type ArtifactPlace = {
  /** The complete reference, for messages. */
  readonly where: string;
  /** The tag or digest. */
  readonly reference: string;
  readonly reader: ArtifactReader;
  /**
   * Returns the digests of the referrers of a manifest with one of the types; absent if referrers are not supported.
   *
   * @throws ClairError `image/…`, `registry/…`, `bytes/…`
   */
  readonly listReferrers?: (
    digest: string,
    artifactTypes: readonly string[],
    signal?: AbortSignal,
  ) => Promise<readonly string[]>;
};
