import type { Change } from '../../model/feed.ts';

/** The updates of feeds that changed advisories. Updates without a change are not recorded. */
export type UpdateHistory = {
  /** Returns the newest `perFeed` updates of each feed, newest first, without deleted updates. */
  readonly latest: (perFeed: number) => Promise<readonly FeedUpdateRow[]>;
  /**
   * Returns an update, even if a client deleted it. Returns undefined if the update never existed, if housekeeping
   * removed the update, or if an older release removed all changes of the update.
   */
  readonly find: (id: number) => Promise<(FeedUpdateRow & { readonly isDeleted: boolean }) | undefined>;
  /**
   * Returns the ids of the updates of a feed with positions above `after` up to `upTo`, in the order of their commits,
   * including deleted updates.
   */
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
   * Returns the position after which all changes of a feed are stored; 0 if housekeeping never removed a change.
   * Callers must read the changes first, because housekeeping may remove changes between the two reads.
   */
  readonly completeAfter: (feed: string) => Promise<number>;
  /** Marks an update as deleted by a client; its changes stay. Returns false for an unknown update. */
  readonly markDeleted: (id: number, at: number) => Promise<boolean>;
};

export type FeedUpdateRow = {
  readonly id: number;
  readonly feed: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /**
   * The id of the last change of the update, even if housekeeping removed the change. Updates are sorted by this id,
   * because ids of changes follow the order of commits, but ids of updates do not.
   */
  readonly position: number;
};
