import type { FeedState } from '../../model/feed.ts';

export type FeedStore = {
  readonly all: () => Promise<readonly FeedState[]>;
  readonly find: (feed: string) => Promise<FeedState | undefined>;
  /** Notes an attempt that found the upstream unchanged. */
  readonly recordUnchanged: (feed: string, at: number) => Promise<void>;
  /** Records a failed attempt; the data stays. With `isRefused` the newest data is known and was not accepted. */
  readonly recordFailure: (
    feed: string,
    at: number,
    error: string,
    options?: { readonly isRefused?: boolean },
  ) => Promise<void>;
  /** Keeps from when on the data of a feed is too old, in milliseconds; as by default with null. For one that was tried. */
  readonly setStaleAfter: (feed: string, staleAfter: number | null) => Promise<void>;
  /** The feeds that hold data for a namespace. */
  readonly covering: (namespace: string) => Promise<readonly string[]>;
};
