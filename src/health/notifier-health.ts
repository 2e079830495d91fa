import type { Store } from '../database/contracts/store.ts';
import type { ServiceHealth } from './health.ts';

/**
 * Returns the health of the notifier with its queue counts. The notifier is unhealthy while dead notifications exist.
 */
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
