import type { ErrorCode } from '../../errors.ts';

/** The codes of the errors of a document, by its faults. */
export type DocumentErrors = {
  readonly empty: ErrorCode;
  readonly invalid: ErrorCode;
  readonly truncated: ErrorCode;
  readonly beyondLimit: ErrorCode;
};

/** The codes of a document of a feed. */
export const FEED_DOCUMENT: DocumentErrors = {
  empty: 'feed/empty',
  invalid: 'feed/invalid',
  truncated: 'feed/truncated',
  beyondLimit: 'feed/limit-exceeded',
};
