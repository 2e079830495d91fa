import type { Notification, NotificationKind, NotificationState } from '../model/notification.ts';

/** What is to be told of changes, and the queue of its deliveries, which all instances share. */
export type NotificationStore = {
  /** The id of the change up to which notifications were made; at the first call it becomes the end of the log. */
  readonly cursor: () => Promise<number>;
  /**
   * Moves the cursor and makes the notifications of the changes in between, in one transaction; false, and nothing is
   * done, when somebody else has moved it from `from`.
   */
  readonly advance: (step: CursorStep) => Promise<boolean>;
  /**
   * Takes the notifications that are due longest, at most `limit`, for `owner` to deliver. Unless he says what became of
   * them they are due again after `lease` milliseconds.
   */
  readonly claim: (claim: NotificationClaim) => Promise<readonly Notification[]>;
  readonly recordDelivery: (id: number, delivery: Delivery) => Promise<void>;
  /** Notes an attempt that failed, unless somebody else has claimed it; `dueAt` is when the next is, null for never. */
  readonly recordFailure: (id: number, failure: DeliveryFailure) => Promise<void>;
  /** Gives back what was claimed and not tried: it is due at once. */
  readonly release: (id: number, claim: { readonly owner: string; readonly at: number }) => Promise<void>;
  /** When the next one is due; undefined when none is. */
  readonly nextDue: () => Promise<number | undefined>;
  readonly find: (name: string) => Promise<Notification | undefined>;
  /** Ends its delivery; false when there is none of that name. */
  readonly markRead: (name: string, at: number) => Promise<boolean>;
  /** Those in a state by their id, from above `after` (0 for the first) on. */
  readonly list: (
    state: Exclude<NotificationState, 'delivered'>,
    page: { readonly after: number; readonly limit: number },
  ) => Promise<readonly Notification[]>;
  /**
   * Those that were delivered, read or not, from the last delivery on; behind `before`, or from the first page on without
   * it. Dead ones are left out, also where only a reminder was given up.
   */
  readonly history: (page: {
    readonly before?: DeliveryPosition | undefined;
    readonly limit: number;
  }) => Promise<readonly Notification[]>;
  /** How many are in each state; `delivered` are those that wait to be read. */
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
