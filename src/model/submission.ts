import type { Digest } from './digest.ts';
import type { LayerProgress } from './layer-progress.ts';

/** The state of a submission. */
export type SubmissionState = 'queued' | 'reading' | 'done' | 'failed';

/** The error of a failed submission. */
export type SubmissionError = { readonly code: string; readonly message: string; readonly remedy: string };

/** A submitted image and its state. Times are milliseconds since 1970. */
export type Submission = {
  readonly id: number;
  /** A random UUID, by which clients fetch it. */
  readonly name: string;
  /** The image reference, or the name of the archive. */
  readonly target: string;
  /** `os/architecture[/variant]`; null for Linux on the architecture of the server. */
  readonly platform: string | null;
  readonly state: SubmissionState;
  readonly layers: LayerProgress;
  readonly images: readonly Digest[];
  readonly error: SubmissionError | null;
  /** The number of started attempts. */
  readonly attempts: number;
  /** Whether the submission is an uploaded archive, which only the receiving instance can read. */
  readonly isUpload: boolean;
  readonly createdAt: number;
  readonly finishedAt: number | null;
};
