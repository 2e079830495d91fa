import type { UpdateCounts } from '../database/contracts/vulnerabilities.ts';
import type { FeedState } from '../model/feed.ts';

/** The outcome of an update of a feed. */
export type UpdateResult =
  | { readonly kind: 'not-modified' }
  | {
      readonly kind: 'updated';
      readonly counts: UpdateCounts;
      readonly recordDiagnostics: FeedState['recordDiagnostics'];
    };
