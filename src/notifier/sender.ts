import { setTimeout } from 'node:timers/promises';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Notification } from '../model/notification.ts';
import { backOff } from './back-off.ts';
import type { Channel } from './channels/channel.ts';
import { fullPayload } from './full-payload.ts';
import { readMessageFacts } from './message-facts.ts';
import type { PayloadForm } from './notifier-settings.ts';

export type SenderOptions = {
  readonly store: Pick<Store, 'changeLog' | 'matches' | 'notifications'>;
  readonly channels: readonly Channel[];
  /** The name of this sender in leases; no other sender can lease its notifications until the lease expires. */
  readonly owner: string;
  readonly attempts: number;
  /**
   * The time after which an unread notification is sent again. With 0, only notifications whose last delivery failed
   * are sent again, and a delivered notification counts as read. All times are in milliseconds.
   */
  readonly renotifyInterval: number;
  /** The duration of a lease, which must be longer than the longest delivery of any channel. */
  readonly lease: number;
  /** The interval between searches for due notifications. */
  readonly poll: number;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** Returns a number from 0 to 1, like `Math.random()`. */
  readonly random: () => number;
  readonly log: SenderLog;
  readonly observer?: DeliveryObserver;
  /** Waits until the time has elapsed or the signal aborts. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Receives the outcome of deliveries. */
export type DeliveryObserver = {
  /** Receives the time from creation to delivery on all channels. */
  readonly notificationSent: (latency: { readonly milliseconds: number }) => void;
  /** Receives the channel of a failed delivery. */
  readonly notificationFailed: (at: { readonly backend: string }) => void;
};

/** The part of a pino logger that the sender uses. */
export type SenderLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type Sender = {
  /** Delivers due notifications until the signal aborts, and then releases the leases. Never throws. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Searches for due notifications immediately and ends the pause of an outage. */
  readonly wake: () => void;
};

/** The maximum number of concurrent deliveries. */
const PARALLEL_DELIVERIES = 16;

/** The maximum pause of the queue while receivers are unreachable. */
const MAX_REST_MS = 15_000;

/**
 * Creates the sender, which delivers notifications at least once. The sender leases each notification, sends the
 * notification on all channels, and retries the delivery unless all channels confirm. While a receiver is unreachable,
 * the sender retries only one notification, with increasing delays, so that an outage does not use up the attempts of
 * all notifications.
 */
export function createSender(options: SenderOptions): Sender {
  const {
    store,
    channels,
    owner,
    attempts,
    renotifyInterval,
    lease,
    poll,
    now,
    random,
    log,
    observer,
    pause = pauseOfClock,
  } = options;
  const { notifications } = store;
  const underWay = new Set<Promise<void>>();
  /** The number of consecutive outages; concurrent deliveries that fail together count as a single outage. */
  let outages = 0;
  let restsUntil = 0;
  /** Aborting this controller ends the current or next pause. */
  let pausing = new AbortController();

  async function deliver(notification: Notification, signal: AbortSignal): Promise<void> {
    const { id } = notification;
    const isReminder = notification.notifiedAt !== null;
    const reminded = channels.filter(({ payload }) => payload === 'reference');
    const hasReminders = renotifyInterval > 0 && reminded.length > 0;
    // The reminder was queued before the reminders were turned off. A reminder that failed is sent, because a client may
    // have requeued it after it failed permanently.
    if (isReminder && !hasReminders && notification.error === null) {
      await notifications.markRead(notification.name, now());
      return;
    }
    // A full message contains the whole change, so reminders are sent only on `reference` channels, if there are any.
    const wanted = isReminder && reminded.length > 0 ? reminded : channels;
    try {
      await tell(notification, wanted, signal);
    } catch (error) {
      if (signal.aborted) await notifications.release(id, { owner, at: now() });
      else await noteFailure(notification, error);
      return;
    }
    if (!isReminder) {
      observer?.notificationSent({ milliseconds: now() - notification.createdAt });
    }
    outages = 0;
    restsUntil = 0;
    const dueAt = hasReminders ? now() + renotifyInterval : null;
    const taken = new Set([...notification.channels, ...wanted.map((channel) => channel.id)]);
    await notifications.recordDelivery(id, { at: now(), dueAt, channels: [...taken] });
    const { name, feed, vulnerability, deliveries } = notification;
    const fields = { notification: name, feed, vulnerability, channels: wanted.map((channel) => channel.id) };
    log.info({ ...fields, deliveries: deliveries + 1 }, 'notification delivered');
  }

  async function tell(notification: Notification, wanted: readonly Channel[], signal: AbortSignal): Promise<void> {
    const bodies = new Map<PayloadForm, Buffer>();
    for (const { payload } of wanted) {
      if (!bodies.has(payload)) bodies.set(payload, Buffer.from(JSON.stringify(await bodyOf(notification, payload))));
    }
    const outcomes = await Promise.allSettled(
      wanted.map(async (channel) => {
        const body = bodies.get(channel.payload) ?? Buffer.alloc(0);
        await channel.deliver({ id: notification.name, body }, signal);
      }),
    );
    const reasons = outcomes.flatMap((outcome, at) => {
      if (outcome.status === 'fulfilled') return [];
      const backend = wanted[at]?.id ?? '';
      if (!signal.aborted) observer?.notificationFailed({ backend });
      return [`${backend}: ${reasonOf(outcome.reason)}`];
    });
    if (reasons.length === 0) return;
    const isAnyOut = outcomes.some((outcome) => outcome.status === 'rejected' && isOutage(outcome.reason));
    throw new ClairError(isAnyOut ? 'notification/undeliverable' : 'notification/refused', reasons.join('; '));
  }

  async function bodyOf(notification: Notification, payload: PayloadForm): Promise<object> {
    if (payload === 'reference') return { Notification: { Name: notification.name } };
    return fullPayload(await readMessageFacts(store, notification));
  }

  async function noteFailure({ id, name, attempts: before }: Notification, error: unknown): Promise<void> {
    const failed = before + 1;
    const isDead = failed >= attempts;
    if (isOutage(error) && restsUntil <= now()) {
      outages += 1;
      // The pause has no random part, so that the failed notification is normally due when the pause ends, and is
      // retried first.
      restsUntil = now() + Math.min(backOff(outages, 0), MAX_REST_MS);
    }
    const dueAt = isDead ? null : now() + backOff(failed, random());
    const reason = reasonOf(error);
    await notifications.recordFailure(id, { owner, at: now(), error: reason, dueAt });
    if (isDead) log.error({ notification: name, attempts: failed, reason }, 'notification failed permanently');
    else log.warn({ notification: name, attempts: failed, reason }, 'notification delivery failed');
  }

  /** Starts as many deliveries as the limit allows; returns the time until the next search, in milliseconds. */
  async function startDue(signal: AbortSignal): Promise<number> {
    if (restsUntil > now()) return Math.min(restsUntil - now(), poll);
    const limit = (outages > 0 ? 1 : PARALLEL_DELIVERIES) - underWay.size;
    if (limit <= 0) return poll;
    const due = await notifications.nextDue();
    if (due === undefined) return poll;
    if (due > now()) return Math.min(due - now(), poll);
    const claimed = await notifications.claim({ owner, lease, limit, failedFirst: outages > 0 });
    for (const notification of claimed) {
      const delivery = deliver(notification, signal)
        .catch((error: unknown) =>
          log.error(
            { err: error },
            'could not update a notification in the database; the notification may be sent again',
          ),
        )
        .finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    }
    return claimed.length < limit ? poll : 0;
  }

  /** Waits until a delivery ends, `wake` is called, the signal aborts, or the time has elapsed. */
  async function untilOneIsOver(milliseconds: number, signal: AbortSignal): Promise<void> {
    await Promise.race([pause(milliseconds, AbortSignal.any([signal, pausing.signal])), ...underWay]);
    pausing.abort();
    pausing = new AbortController();
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        const wait = await startDue(signal).catch((error: unknown) => {
          log.error({ err: error }, 'could not read the notification queue; will retry');
          return poll;
        });
        await untilOneIsOver(wait, signal);
      }
      await Promise.all(underWay);
    },
    wake() {
      restsUntil = 0;
      pausing.abort();
    },
  };
}

async function pauseOfClock(milliseconds: number, signal: AbortSignal): Promise<void> {
  // The timer must not keep the process alive.
  await setTimeout(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}

function isOutage(error: unknown): boolean {
  return error instanceof ClairError && error.code === 'notification/undeliverable';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
