import type { ErrorCode } from '../../errors.ts';

/** The error codes for the possible faults of a document. */
export type DocumentErrors = {
  readonly empty: ErrorCode;
  readonly invalid: ErrorCode;
  readonly truncated: ErrorCode;
  readonly beyondLimit: ErrorCode;
};

export const FEED_DOCUMENT: DocumentErrors = {
  empty: 'feed/empty',
  invalid: 'feed/invalid',
  truncated: 'feed/truncated',
  beyondLimit: 'feed/limit-exceeded',
};
