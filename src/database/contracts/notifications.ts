import type { Notification, NotificationKind, NotificationState } from '../../model/notification.ts';

/** The notifications of changes, and the queue of their deliveries, which all instances share. */
export type NotificationStore = {
  /** Returns the id of the change up to which notifications were created; the first call sets it to the end of the log. */
  readonly cursor: () => Promise<number>;
  /**
   * Moves the cursor and creates the notifications of the changes in between, in one transaction. Returns false and does
   * nothing when another instance has moved the cursor from `from`.
   */
  readonly advance: (step: CursorStep) => Promise<boolean>;
  /**
   * Leases the notifications that have been due longest, at most `limit`, to `owner`. Unless the owner records the outcome of a
   * delivery, its notification is due again after `lease` milliseconds.
   */
  readonly claim: (claim: NotificationClaim) => Promise<readonly Notification[]>;
  readonly recordDelivery: (id: number, delivery: Delivery) => Promise<void>;
  /** Records an attempt that failed, unless another owner holds the lease; `dueAt` is the time of the next attempt, or null. */
  readonly recordFailure: (id: number, failure: DeliveryFailure) => Promise<void>;
  /** Ends the lease of a notification that was not tried: it is due at once. */
  readonly release: (id: number, claim: { readonly owner: string; readonly at: number }) => Promise<void>;
  /** Returns when the next notification is due; undefined when none is. */
  readonly nextDue: () => Promise<number | undefined>;
  readonly find: (name: string) => Promise<Notification | undefined>;
  /** Marks a notification read, so that it is not delivered again; false when there is none of that name. */
  readonly markRead: (name: string, at: number) => Promise<boolean>;
  /** Lists the notifications in a state by ascending id, those above `after` (0 for the first page). */
  readonly list: (
    state: Exclude<NotificationState, 'delivered'>,
    page: { readonly after: number; readonly limit: number },
  ) => Promise<readonly Notification[]>;
  /**
   * Lists delivered notifications, read or not, the last delivery first; those behind `before`, or the first page without it.
   * Dead notifications are left out, also where only a reminder failed.
   */
  readonly history: (page: {
    readonly before?: DeliveryPosition | undefined;
    readonly limit: number;
  }) => Promise<readonly Notification[]>;
  /** Counts the notifications in each state; of delivered ones only those that are not read. */
  readonly count: () => Promise<Readonly<Record<NotificationState, number>>>;
  /**
   * Puts dead notifications, all or those of these names, back in the queue, due at `at` and with all attempts again;
   * returns their names, the oldest first. `all` visits each once, in many transactions.
   */
  readonly retry: (names: readonly string[] | 'all', at: number) => Promise<readonly string[]>;
};

export type CursorStep = {
  readonly from: number;
  readonly to: number;
  readonly notifications: readonly NewNotification[];
};

export type NewNotification = {
  readonly name: string;
  readonly change: number;
  readonly kind: NotificationKind;
  /** When it was made, which is when it is due. */
  readonly createdAt: number;
};

export type NotificationClaim = {
  readonly owner: string;
  readonly lease: number;
  readonly limit: number;
  /** Whether those that failed most often come before those that are due longest; they do not when absent. */
  readonly failedFirst?: boolean;
};

/** What all channels took. */
export type Delivery = {
  readonly at: number;
  /** When it is delivered again unless it is read; null for never: it is read. */
  readonly dueAt: number | null;
  /** The channels that took it, now or before. */
  readonly channels: readonly string[];
};

/** Where a notification stands in the history of deliveries. */
export type DeliveryPosition = Readonly<Pick<Notification, 'id'>> & { readonly notifiedAt: number };

export type DeliveryFailure = {
  readonly owner: string;
  readonly at: number;
  readonly error: string;
  readonly dueAt: number | null;
};
