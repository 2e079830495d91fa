/**
 * What a change of a vulnerability means for layers that are known.
 *
 * - `new`: a vulnerability that was not known before is in some of them.
 * - `severity-increased`: one that is in some of them is worse than was known.
 * - `packages-changed`: it is in other layers than was known.
 * - `withdrawn`: its feed no longer knows it; it was in some of them.
 */
export type NotificationKind = 'new' | 'severity-increased' | 'packages-changed' | 'withdrawn';

/** A notification, and how far its delivery has come. Times are milliseconds since 1970. */
export type Notification = {
  readonly id: number;
  /** A random UUID, by which clients ask for it. */
  readonly name: string;
  readonly kind: NotificationKind;
  /** The id of the change in the change log, which says what was and what became of it. */
  readonly change: number;
  readonly feed: string;
  /** The source's identifier of the vulnerability. */
  readonly vulnerability: string;
  readonly createdAt: number;
  /** When all channels took it, the last time; null before that. */
  readonly notifiedAt: number | null;
  /** When it was marked read; it is not delivered again. */
  readonly readAt: number | null;
  /** When the last of the attempts failed; it is not delivered again until somebody says so. */
  readonly deadAt: number | null;
  /** The attempts that failed since it was last delivered or retried. */
  readonly attempts: number;
  /** Why the last attempt since the last delivery failed. */
  readonly error: string | null;
  /** When it is delivered next; null when it is read or dead. */
  readonly dueAt: number | null;
  /** The channels that took it, at one delivery or another: `webhook`, `amqp`. */
  readonly channels: readonly string[];
  /** How often it was delivered: the first time and as a reminder. */
  readonly deliveries: number;
  /** All attempts so far, delivered or failed. */
  readonly totalAttempts: number;
  /** The last attempt that failed, also one before the last delivery; `at` is null where an older release noted it. */
  readonly lastFailure: { readonly at: number | null; readonly reason: string } | null;
};

/** How far the delivery of a notification has come. */
export type NotificationState = 'waiting' | 'delivered' | 'dead';
