import type { Severity } from '../../model/severity.ts';
import type { ImagePosition } from './matches.ts';

/**
 * The notifications about whole feed updates, which Clair v4 clients read page by page. All instances share the
 * delivery queue. `NotificationStore.advance` writes the effects of the changes.
 */
export type UpdateNotificationStore = {
  /** Returns the ids of the incomplete notifications whose update the planner has read completely. */
  readonly read: () => Promise<readonly number[]>;
  /**
   * Returns whether a change in the notification affects an image; undefined if the signal aborts the search, or if
   * housekeeping removes the notification.
   */
  readonly hasEntries: (id: number, signal: AbortSignal) => Promise<boolean | undefined>;
  /** Returns the number of notifications that wait for delivery. */
  readonly waiting: () => Promise<number>;
  /** Returns at most `limit` notifications that wait for delivery, earliest due first. */
  readonly listWaiting: (limit: number) => Promise<readonly WaitingUpdateNotification[]>;
  /** Makes a notification visible and due; does nothing if the notification is complete or deleted. */
  readonly complete: (id: number, at: number) => Promise<void>;
  /** Removes an incomplete notification that affects no image. */
  readonly discard: (id: number) => Promise<void>;
  /** Returns a complete notification by its name, even if it was deleted. */
  readonly find: (name: string) => Promise<UpdateNotification | undefined>;
  /**
   * Returns at most `limit` entries after a position, ordered by image; undefined if the notification was deleted, even
   * during the read. A page may have fewer entries, or no entries, while `next` is set, because a call examines a
   * limited number of images and returns a limited number of bytes.
   */
  readonly page: (
    id: number,
    page: { readonly after: EntryPosition | undefined; readonly limit: number },
  ) => Promise<EntryPage | undefined>;
  /** Marks a notification as deleted and ends its delivery; returns false if the notification does not exist. */
  readonly remove: (name: string, at: number) => Promise<boolean>;
  /**
   * Leases at most `limit` due notifications to `owner`. Without a recorded outcome, a notification is due again after
   * `lease` milliseconds.
   */
  readonly claim: (claim: {
    readonly owner: string;
    readonly lease: number;
    readonly limit: number;
  }) => Promise<readonly UpdateNotification[]>;
  /** Returns when the next notification is due; undefined if no notification is waiting. */
  readonly nextDue: () => Promise<number | undefined>;
  /** Records a delivery, even if another owner has claimed the notification since. */
  readonly recordDelivery: (id: number, at: number) => Promise<void>;
  /** Records a failed attempt unless another owner holds the lease; `dueAt` is the next attempt. */
  readonly recordFailure: (
    id: number,
    failure: { readonly owner: string; readonly error: string; readonly dueAt: number },
  ) => Promise<void>;
  /** Ends the lease of a notification without a delivery attempt, so that the notification is due at `at`. */
  readonly release: (id: number, claim: { readonly owner: string; readonly at: number }) => Promise<void>;
};

/**
 * A notification about all changes of one update of a feed, and its delivery state. Times are milliseconds since 1970.
 */
export type UpdateNotification = {
  readonly id: number;
  /** A random UUID, which clients use to read the notification. */
  readonly name: string;
  readonly feed: string;
  readonly createdAt: number;
  /** The time when the receiver confirmed the notification; null before then. */
  readonly notifiedAt: number | null;
  /** The time when a client deleted the notification; null before then. Deletion ends the delivery. */
  readonly deletedAt: number | null;
  readonly attempts: number;
};

export type WaitingUpdateNotification = UpdateNotification & {
  /** The time of the next attempt. */
  readonly dueAt: number;
  /** The error of the last failed attempt; null if no attempt failed. */
  readonly error: string | null;
};

/** The effects of the changes of one update on stored features. */
export type UpdateEffects = {
  /** The name of the notification if these effects are its first part. */
  readonly name: string;
  readonly feed: string;
  /** The id of the update; a negative number for changes without an update. */
  readonly update: number;
  readonly createdAt: number;
  readonly changes: readonly ChangeText[];
  readonly features: readonly FeatureEffect[];
};

export type ChangeText = {
  /** The id of the change in the change log. */
  readonly change: number;
  readonly name: string;
  readonly description: string;
  /** URLs, separated by spaces. */
  readonly links: string;
};

export type EffectReason = 'added' | 'removed';

/** A change after which an advisory affects a feature, or no longer affects the feature. */
export type FeatureEffect = {
  readonly change: number;
  readonly reason: EffectReason;
  readonly feature: number;
  /** The product to which the effect is limited; empty for all products. */
  readonly cpe: string;
  /** The effect does not apply to images of these products. */
  readonly unless: readonly string[];
  readonly severity: Severity;
  readonly namespace: string;
  /** The package name in the advisory. */
  readonly package: string;
  /** The fixed version; empty if there is no fix. */
  readonly fixed: string;
};

/** The effect of a change on an image. */
export type UpdateEntry = Omit<FeatureEffect, 'feature' | 'cpe' | 'unless'> &
  Omit<ChangeText, 'change'> & { readonly image: string };

/**
 * A position in the order by image, then by change. Without an entry, the position is after all changes of the image.
 */
export type EntryPosition = ImagePosition & {
  readonly entry: { readonly change: number; readonly reason: EffectReason } | undefined;
};

export type EntryPage = {
  readonly entries: readonly UpdateEntry[];
  /** The start of the next page; undefined on the last page. */
  readonly next: EntryPosition | undefined;
};
