/**
 * The limits for reading the documents attached to an image. Limits are needed because anyone who can push to the
 * repository can attach documents.
 */
export type AttestationLimits = {
  /** The maximum number of attached manifests. An image can have hundreds of signatures, but only a few documents. */
  readonly maxManifests: number;
  /** The maximum number of pages of a list of referrers. */
  readonly maxPages: number;
  readonly maxDocuments: number;
  readonly maxDocumentBytes: number;
  /** The maximum total size of all documents. */
  readonly maxBytes: number;
  /** The time limit for reading all documents, in milliseconds. */
  readonly maxMilliseconds: number;
};

export const ATTESTATION_LIMITS: AttestationLimits = {
  maxManifests: 100,
  maxPages: 20,
  maxDocuments: 50,
  maxDocumentBytes: 32 * 1024 * 1024,
  maxBytes: 128 * 1024 * 1024,
  maxMilliseconds: 60_000,
};
