import type { ErrorCode } from '../../errors.ts';

/** The error codes for a document, by fault. */
export type DocumentErrors = {
  readonly empty: ErrorCode;
  readonly invalid: ErrorCode;
  readonly truncated: ErrorCode;
  readonly beyondLimit: ErrorCode;
};

/** The error codes for a feed document. */
export const FEED_DOCUMENT: DocumentErrors = {
  empty: 'feed/empty',
  invalid: 'feed/invalid',
  truncated: 'feed/truncated',
  beyondLimit: 'feed/limit-exceeded',
};
