import type { FeedState } from '../../model/feed.ts';

export type FeedStore = {
  /**
   * In the states that `all` and `find` return, a limit that is set for this process replaces the stored `staleAfter`.
   */
  readonly all: () => Promise<readonly FeedState[]>;
  readonly find: (feed: string) => Promise<FeedState | undefined>;
  /** Records an attempt that found upstream unchanged. */
  readonly recordUnchanged: (feed: string, at: number) => Promise<void>;
  /**
   * Records a failed attempt and keeps the stored data. `isRefused` means that the update was read but not accepted.
   */
  readonly recordFailure: (
    feed: string,
    at: number,
    error: string,
    options?: { readonly isRefused?: boolean },
  ) => Promise<void>;
  /**
   * Stores the age, in milliseconds, at which a feed is stale for processes without their own limit; null for the
   * default.
   */
  readonly setStaleAfter: (feed: string, staleAfter: number | null) => Promise<void>;
  /** Returns the feeds with data for a namespace. */
  readonly covering: (namespace: string) => Promise<readonly string[]>;
  /**
   * Returns the given domains that contain a package named by an advisory of this namespace. For example, `org.example`
   * contains `org.example:core` and `org.example.web:ui`.
   */
  readonly namedDomains: (namespace: string, domains: readonly string[]) => Promise<ReadonlySet<string>>;
  /**
   * Returns the namespaces whose advisories replace library advisories for files of distribution packages. A feed
   * covers each of these namespaces, and the support of the release has not ended.
   */
  readonly judges: () => Promise<ReadonlySet<string>>;
};
