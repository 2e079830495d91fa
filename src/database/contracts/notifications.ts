import type { Notification, NotificationKind, NotificationState } from '../../model/notification.ts';
import type { UpdateEffects } from './update-notifications.ts';

/** The notifications of changes and their delivery queue, which all instances share. */
export type NotificationStore = {
  /**
   * Returns the id of the last change whose notifications were created; the first call sets this id to the end of the
   * log.
   */
  readonly cursor: () => Promise<number>;
  /**
   * Moves the cursor and creates the notifications of the changes in between, in one transaction. Returns false and
   * does nothing if another instance has already moved the cursor from `from`.
   */
  readonly advance: (step: CursorStep) => Promise<boolean>;
  /**
   * Leases at most `limit` due notifications to `owner`. Without a recorded outcome, a notification is due again after
   * `lease` milliseconds.
   */
  readonly claim: (claim: NotificationClaim) => Promise<readonly Notification[]>;
  readonly recordDelivery: (id: number, delivery: Delivery) => Promise<void>;
  /** Records a failed attempt unless another owner holds the lease; `dueAt` is null after the last attempt. */
  readonly recordFailure: (id: number, failure: DeliveryFailure) => Promise<void>;
  /** Ends the lease of a notification without a delivery attempt, so that the notification is due at `at`. */
  readonly release: (id: number, claim: { readonly owner: string; readonly at: number }) => Promise<void>;
  /** Returns when the next notification is due; undefined if no notification is waiting. */
  readonly nextDue: () => Promise<number | undefined>;
  readonly find: (name: string) => Promise<Notification | undefined>;
  /** Prevents further deliveries of a notification; returns false if the notification does not exist. */
  readonly markRead: (name: string, at: number) => Promise<boolean>;
  /** Lists notifications by ascending id, above `after` (0 for the first page). */
  readonly list: (
    state: Exclude<NotificationState, 'delivered'>,
    page: { readonly after: number; readonly limit: number },
  ) => Promise<readonly Notification[]>;
  /**
   * Returns delivered notifications, read or unread, most recently delivered first, starting below the position
   * `before` if it is set. Excludes dead notifications, even if only a reminder failed.
   */
  readonly history: (page: {
    readonly before?: DeliveryPosition | undefined;
    readonly limit: number;
  }) => Promise<readonly Notification[]>;
  /** Counts notifications by state; delivered notifications are counted only if they are unread. */
  readonly count: () => Promise<Readonly<Record<NotificationState, number>>>;
  /**
   * Puts all dead notifications, or the dead notifications with these names, back in the queue. The notifications are
   * due at `at` and have the full number of attempts. Returns the names of the notifications, oldest first. `all` runs
   * in many transactions.
   */
  readonly retry: (names: readonly string[] | 'all', at: number) => Promise<readonly string[]>;
};

export type CursorStep = {
  readonly from: number;
  readonly to: number;
  readonly notifications: readonly NewNotification[];
  /** The effects for the per-update notifications; absent if no receiver is configured for these notifications. */
  readonly updates?: {
    readonly effects: readonly UpdateEffects[];
    /** Whether to keep only the most severe change for each feature, reason and product. */
    readonly isSummary: boolean;
  };
};

export type NewNotification = {
  readonly name: string;
  readonly change: number;
  readonly kind: NotificationKind;
  /** The time when the notification was created and from which it is due. */
  readonly createdAt: number;
};

export type NotificationClaim = {
  readonly owner: string;
  readonly lease: number;
  readonly limit: number;
  /**
   * Whether notifications with the most failures come first; by default, the notifications that have been due longest
   * come first.
   */
  readonly failedFirst?: boolean;
};

/** A delivery that all channels accepted. */
export type Delivery = {
  readonly at: number;
  /**
   * The time of the next delivery, unless the notification is read before then; null if the delivery marks the
   * notification as read.
   */
  readonly dueAt: number | null;
  /** The channels that accepted the notification, now or earlier. */
  readonly channels: readonly string[];
};

export type DeliveryPosition = Readonly<Pick<Notification, 'id'>> & { readonly notifiedAt: number };

export type DeliveryFailure = {
  readonly owner: string;
  readonly at: number;
  readonly error: string;
  readonly dueAt: number | null;
};
