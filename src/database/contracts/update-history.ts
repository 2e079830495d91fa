import type { Change } from '../../model/feed.ts';

/** The updates of feeds that changed advisories. Updates without a change are not recorded. */
export type UpdateHistory = {
  /** Returns at most `limit` updates, newest first, without forgotten updates. */
  readonly list: (limit: number) => Promise<readonly FeedUpdateRow[]>;
  /** Returns the newest update of each feed that is not forgotten. */
  readonly latest: () => Promise<readonly LatestUpdate[]>;
  /** Returns an update, even a forgotten one; undefined if it never existed, or was removed by housekeeping. */
  readonly find: (id: number) => Promise<(FeedUpdateRow & { readonly isForgotten: boolean }) | undefined>;
  /** Returns the ids of the updates of a feed above `after` up to `upTo`, oldest first, even of forgotten updates. */
  readonly between: (range: {
    readonly feed: string;
    readonly after: number;
    readonly upTo: number;
    readonly limit: number;
  }) => Promise<readonly number[]>;
  /** Returns the changes of an update with ids above `after`, oldest first. */
  readonly changes: (
    update: number,
    page: { readonly after: number; readonly limit: number },
  ) => Promise<readonly Pick<Change, 'id' | 'name'>[]>;
  /**
   * Forgets an update, which `list` and `latest` then leave out; its changes stay. Returns false if the update does not
   * exist.
   */
  readonly forget: (id: number, at: number) => Promise<boolean>;
};

export type FeedUpdateRow = {
  readonly id: number;
  readonly feed: string;
  /** Milliseconds since 1970. */
  readonly at: number;
};

export type LatestUpdate = FeedUpdateRow & {
  /** The id of the last change of the update, by which updates were committed in order; 0 if housekeeping removed it. */
  readonly lastChange: number;
};
