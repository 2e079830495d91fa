import type { Store } from '../database/contracts/store.ts';
import type { ServiceHealth } from './health.ts';

type Queues = Pick<Store, 'notifications' | 'updateNotifications'>;

/** Counts the notifications about changes by state; `waiting` also counts the waiting notifications about updates. */
export async function countNotifications({
  notifications,
  updateNotifications,
}: Queues): ReturnType<Queues['notifications']['count']> {
  const counts = await notifications.count();
  return { ...counts, waiting: counts.waiting + (await updateNotifications.waiting()) };
}

/**
 * Returns the health of the notifier with its queue counts. The notifier is unhealthy while dead notifications exist.
 */
export async function notifierHealth(store: Queues): Promise<ServiceHealth> {
  try {
    const { waiting, delivered, dead } = await countNotifications(store);
    const details = { QueueSize: waiting, NotRead: delivered, DeadLetters: dead };
    return { isHealthy: dead === 0, isEssential: false, details };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { isHealthy: false, isEssential: false, details: { error: reason } };
  }
}
