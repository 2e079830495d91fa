import type { Digest } from '../../model/digest.ts';
import type { LayerProgress } from '../../model/layer-progress.ts';
import type { Submission, SubmissionError } from '../../model/submission.ts';

/** The images that clients submitted: a queue that all instances share. */
export type SubmissionStore = {
  /**
   * Puts a submission at the end of the queue, and forgets those that were over a week ago.
   *
   * @throws ClairError `submission/queue-full`
   */
  readonly add: (submission: NewSubmission) => Promise<Submission>;
  readonly find: (name: string) => Promise<Submission | undefined>;
  /** The newest first; those with an id below `before`, at most `limit`. */
  readonly list: (page: { readonly before: number; readonly limit: number }) => Promise<readonly Submission[]>;
  /** Those that are not over, the oldest first. */
  readonly unfinished: (limit: number) => Promise<readonly Submission[]>;
  /** How many wait, and how many are read. */
  readonly count: () => Promise<{ readonly queued: number; readonly reading: number }>;
  /** Notes that its reading begins. */
  readonly begin: (name: string) => Promise<void>;
  /** Gives it back to the queue, as if its reading had never begun. */
  readonly release: (name: string) => Promise<void>;
  readonly noteProgress: (name: string, layers: LayerProgress) => Promise<void>;
  /** Ends it; one that is over already stays as it is. */
  readonly finish: (name: string, outcome: SubmissionOutcome) => Promise<void>;
};

export type NewSubmission = Pick<Submission, 'name' | 'target' | 'platform' | 'isUpload' | 'createdAt'>;

export type SubmissionOutcome = {
  readonly at: number;
  /** The images that are known by now; none of one that failed. */
  readonly images: readonly Digest[];
  readonly error: SubmissionError | null;
};
