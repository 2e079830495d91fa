import type { Digest } from '../../model/digest.ts';
import type { LayerProgress } from '../../model/layer-progress.ts';
import type { Submission, SubmissionError, SubmittedDocument } from '../../model/submission.ts';

/** The queue of the images that clients submitted, which all instances share. */
export type SubmissionStore = {
  /**
   * Appends a submission, and removes submissions that finished more than a week ago. If an unfinished submission of
   * the same SBOM with the same options and target exists, returns that submission.
   *
   * @throws ClairError `submission/queue-full`
   */
  readonly add: (submission: NewSubmission) => Promise<Submission>;
  readonly find: (name: string) => Promise<Submission | undefined>;
  /**
   * Returns a part of a submitted SBOM, by its number from 0; undefined beyond the last part, and after the submission
   * finished.
   */
  readonly part: (name: string, number: number) => Promise<Uint8Array | undefined>;
  /** Submissions with an id below `before`, newest first. */
  readonly list: (page: { readonly before: number; readonly limit: number }) => Promise<readonly Submission[]>;
  /** Returns unfinished submissions, oldest first. */
  readonly unfinished: (limit: number) => Promise<readonly Submission[]>;
  readonly count: () => Promise<{ readonly queued: number; readonly reading: number }>;
  /** Records the start of the analysis. */
  readonly begin: (name: string) => Promise<void>;
  /** Puts a submission back into the queue, as if its analysis had not started. */
  readonly release: (name: string) => Promise<void>;
  readonly noteProgress: (name: string, layers: LayerProgress) => Promise<void>;
  /**
   * Records the outcome of a submission, and deletes the client's credentials and the parts of the submitted SBOM. A
   * submission that has already finished stays unchanged.
   */
  readonly finish: (name: string, outcome: SubmissionOutcome) => Promise<void>;
};

export type NewSubmission = Pick<Submission, 'name' | 'target' | 'platform' | 'isUpload' | 'createdAt'> &
  Partial<Pick<Submission, 'access' | 'request'>> & { readonly document?: DocumentParts };

/** A submitted SBOM with its bytes, compressed with gzip. */
export type DocumentParts = SubmittedDocument & { readonly parts: readonly Uint8Array[] };

export type SubmissionOutcome = {
  readonly at: number;
  /** The images that were indexed; empty for a failed submission. */
  readonly images: readonly Digest[];
  readonly error: SubmissionError | null;
};
