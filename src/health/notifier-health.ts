import type { Store } from '../database/contracts/store.ts';
import type { ServiceHealth } from './health.ts';

/** How many notifications wait to be delivered, and how many were given up; healthy while there are none of the latter. */
export async function notifierHealth({ notifications }: Pick<Store, 'notifications'>): Promise<ServiceHealth> {
  try {
    const { waiting, delivered, dead } = await notifications.count();
    const details = { QueueSize: waiting, NotRead: delivered, DeadLetters: dead };
    return { isHealthy: dead === 0, isEssential: false, details };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { isHealthy: false, isEssential: false, details: { error: reason } };
  }
}
