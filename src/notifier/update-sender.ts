import { setTimeout } from 'node:timers/promises';
import type { Store } from '../database/contracts/store.ts';
import type { UpdateNotification } from '../database/contracts/update-notifications.ts';
import { backOff } from './back-off.ts';
import type { DeliveryObserver, SenderLog } from './sender.ts';
import type { UpdateWebhook } from './update-webhook.ts';

type UpdateSenderOptions = {
  readonly store: Pick<Store, 'updateNotifications'>;
  readonly webhook: UpdateWebhook;
  /** The name of this sender in leases; no other sender can lease its notifications until the lease expires. */
  readonly owner: string;
  /** The maximum pause between two attempts. All times are in milliseconds. */
  readonly interval: number;
  /** The duration of a lease, which must be longer than a delivery. */
  readonly lease: number;
  /** The interval between searches for due notifications. */
  readonly poll: number;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** Returns a number from 0 to 1, like `Math.random()`. */
  readonly random: () => number;
  readonly log: SenderLog;
  readonly observer?: DeliveryObserver;
};

/** The number of notifications that are delivered at the same time. */
const PARALLEL_DELIVERIES = 4;

const BACKEND = 'v4';

/**
 * Delivers due per-update notifications until the signal aborts, and then releases the leases. As in Clair v4, the
 * sender retries a notification until the receiver confirms the notification or a client deletes the notification, and
 * sends no reminders. Never throws.
 */
export async function runUpdateSender(options: UpdateSenderOptions, signal: AbortSignal): Promise<void> {
  const { store, owner, lease, poll, now, log } = options;
  const { updateNotifications: queue } = store;

  async function deliverDue(): Promise<number> {
    const due = await queue.nextDue();
    if (due === undefined || due > now()) return Math.min(poll, Math.max((due ?? Number.MAX_SAFE_INTEGER) - now(), 0));
    const claimed = await queue.claim({ owner, lease, limit: PARALLEL_DELIVERIES });
    const outcomes = await Promise.allSettled(claimed.map((each) => deliver(each, options, signal)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        log.error(
          { err: outcome.reason },
          'could not update a notification in the database; the notification may be sent again',
        );
      }
    }
    return claimed.length === 0 ? poll : 0;
  }

  while (!signal.aborted) {
    const wait = await deliverDue().catch((error: unknown) => {
      log.error({ err: error }, 'could not read the notification queue; will retry');
      return poll;
    });
    // The timer must not keep the process alive.
    await setTimeout(wait, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function deliver(
  { id, name, feed, attempts, createdAt }: UpdateNotification,
  { store, webhook, owner, interval, now, random, log, observer }: UpdateSenderOptions,
  signal: AbortSignal,
): Promise<void> {
  const { updateNotifications: queue } = store;
  try {
    await webhook.deliver(name, signal);
  } catch (error) {
    if (signal.aborted) {
      await queue.release(id, { owner, at: now() });
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const dueAt = now() + Math.min(backOff(attempts + 1, random()), interval);
    await queue.recordFailure(id, { owner, error: reason, dueAt });
    observer?.notificationFailed({ backend: BACKEND });
    log.warn({ notification: name, attempts: attempts + 1, reason }, 'notification delivery failed');
    return;
  }
  await queue.recordDelivery(id, now());
  observer?.notificationSent({ milliseconds: now() - createdAt });
  log.info({ notification: name, feed, channels: [BACKEND] }, 'notification delivered');
}
