import type { Digest } from './digest.ts';
import type { LayerProgress } from './layer-progress.ts';

/** How far a submission has come: it waits, it is read, or it is over. */
export type SubmissionState = 'queued' | 'reading' | 'done' | 'failed';

/** Why a submission failed, in the words of the table of errors. */
export type SubmissionError = { readonly code: string; readonly message: string; readonly remedy: string };

/** An image that a client submitted, and what has become of it. Times are milliseconds since 1970. */
export type Submission = {
  readonly id: number;
  /** A random UUID, by which clients ask for it. */
  readonly name: string;
  /** The reference of the image, or what an archive was called. */
  readonly target: string;
  /** `os/architecture[/variant]`; null for Linux on the processor of whoever reads it. */
  readonly platform: string | null;
  readonly state: SubmissionState;
  readonly layers: LayerProgress;
  readonly images: readonly Digest[];
  readonly error: SubmissionError | null;
  /** How often its reading was begun. */
  readonly attempts: number;
  /** Whether it is an archive, which only the instance that it was sent to can read. */
  readonly isUpload: boolean;
  readonly createdAt: number;
  readonly finishedAt: number | null;
};
