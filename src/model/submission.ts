import type { Digest } from './digest.ts';
import type { LayerProgress } from './layer-progress.ts';

export type SubmissionState = 'queued' | 'reading' | 'done' | 'failed';

export type SubmissionError = { readonly code: string; readonly message: string; readonly remedy: string };

/**
 * The registry credentials that a client sends with a submission. Clair uses the credentials only for this submission.
 */
export type LentAccess = {
  /** The value of an `Authorization` header with basic or bearer credentials; empty for anonymous access. */
  readonly authorization: string;
  /** Whether the registry is accessed without TLS. */
  readonly isPlain: boolean;
};

/**
 * The time after which a submission with credentials of the client fails, in milliseconds. A Harbor job polls without
 * its own time limit and occupies one of Harbor's ten workers.
 */
export const MAX_LENT_MS: number = 25 * 60_000;

/**
 * A submitted SBOM. The database stores the bytes until the submission finishes, so that any instance can read them.
 */
export type SubmittedDocument = {
  /** The digest of the bytes that the client sent. */
  readonly digest: Digest;
  /**
   * The release that the client chose for the packages, such as `debian:12`; null to use the release in the document.
   */
  readonly distribution: string | null;
  /** Whether the VEX statements of the SBOM suppress findings. */
  readonly appliesVex: boolean;
  /** The digest of the image that the SBOM must describe; absent for any image. */
  readonly image?: Digest;
};

/** A submitted image and its state. Times are milliseconds since 1970. */
export type Submission = {
  readonly id: number;
  /** A random UUID, with which clients fetch the submission. */
  readonly name: string;
  /** The image reference, or the name of the archive or SBOM. */
  readonly target: string;
  /** The platform in the form `os/architecture[/variant]`; null for Linux on the architecture of the server. */
  readonly platform: string | null;
  readonly state: SubmissionState;
  readonly layers: LayerProgress;
  readonly images: readonly Digest[];
  readonly error: SubmissionError | null;
  /** The number of started attempts, not counting attempts after which the submission returned to the queue. */
  readonly attempts: number;
  /** Whether the submission is an uploaded archive, which only the receiving instance can read. */
  readonly isUpload: boolean;
  /** The SBOM; null for an image. */
  readonly document: SubmittedDocument | null;
  /**
   * The credentials that replace the credentials of the server. Null if the client sent no credentials, and after the
   * submission finished.
   */
  readonly access: LentAccess | null;
  /** The request of an API other than `/v2`, as JSON; null for `/v2`. */
  readonly request: string | null;
  readonly createdAt: number;
  readonly finishedAt: number | null;
};
