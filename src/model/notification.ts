/**
 * The kind of a notification: the effect of a change to a vulnerability on stored layers.
 *
 * - `new`: a new vulnerability affects layers.
 * - `severity-increased`: the severity of a vulnerability in affected layers increased.
 * - `packages-changed`: the vulnerability affects different layers than before.
 * - `withdrawn`: the feed removed a vulnerability that affected layers.
 */
export type NotificationKind = 'new' | 'severity-increased' | 'packages-changed' | 'withdrawn';

/** A notification and its delivery state. Times are milliseconds since 1970. */
export type Notification = {
  readonly id: number;
  /** A random UUID, which clients use to fetch the notification. */
  readonly name: string;
  readonly kind: NotificationKind;
  /** The id of the change in the change log. */
  readonly change: number;
  readonly feed: string;
  /** The identifier of the vulnerability in its feed. */
  readonly vulnerability: string;
  readonly createdAt: number;
  /** The time of the last complete delivery, including reminders; null before the first delivery. */
  readonly notifiedAt: number | null;
  /**
   * The time when the notification was marked as read or, if no reminder follows, was delivered. Delivery ends at this
   * time.
   */
  readonly readAt: number | null;
  /** The time when the last allowed attempt failed; delivery resumes only after a retry request. */
  readonly deadAt: number | null;
  /** The number of failed attempts since the last delivery or retry request. */
  readonly attempts: number;
  /** The reason for the last failure since the last delivery; null without a failure. */
  readonly error: string | null;
  /** The time of the next delivery; null if read or dead. */
  readonly dueAt: number | null;
  /** The channels that ever confirmed the notification, such as `webhook` or `amqp`. */
  readonly channels: readonly string[];
  /** The number of deliveries, including reminders. */
  readonly deliveries: number;
  /** The number of successful and failed attempts since the notification was created. */
  readonly totalAttempts: number;
  /** The last failed attempt, even before the last delivery; `at` is null if an older release recorded the attempt. */
  readonly lastFailure: { readonly at: number | null; readonly reason: string } | null;
};

export type NotificationState = 'waiting' | 'delivered' | 'dead';
