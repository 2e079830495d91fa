import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Store } from '../database/contracts/store.ts';
import type { Channel } from './channels/channel.ts';
import { closeChannels } from './channels/index.ts';
import type { NotifierSettings } from './notifier-settings.ts';
import { createPlanner } from './planner.ts';
import { createSender, type DeliveryObserver, type SenderLog } from './sender.ts';

export type NotifierOptions = {
  readonly store: Pick<Store, 'changeLog' | 'locks' | 'matches' | 'notifications'>;
  /** They are closed when the notifier is stopped. */
  readonly channels: readonly Channel[];
  readonly settings: Pick<NotifierSettings, 'attempts' | 'renotifyInterval'>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: SenderLog;
  readonly observer?: DeliveryObserver;
  /** From 0 to 1, as `Math.random()`, which it is when absent. */
  readonly random?: () => number;
  readonly timing?: Partial<NotifierTiming>;
};

/** In milliseconds. */
export type NotifierTiming = {
  /** How often the change log is looked at, and the queue. */
  readonly planEvery: number;
  readonly sendEvery: number;
  /** How long what an instance took, and died with, waits for another one: a notification, or the change log. */
  readonly lease: number;
};

export type Notifier = {
  /** Looks for what is due at once: notifications were put back in the queue. */
  readonly wake: () => void;
  /** Ends what is under way, and gives back what was claimed. */
  readonly stop: () => Promise<void>;
};

/**
 * Tells of changes that touch known layers until it is stopped. Any number of instances may do so on one database, and any
 * may die at any time. Without channels it does nothing, and the cursor stays where it is.
 */
export function startNotifier(options: NotifierOptions): Notifier {
  const { store, channels, settings, now, log, observer, random = Math.random } = options;
  const { planEvery, sendEvery, lease } = { ...TIMING, lease: leaseFor(channels), ...options.timing };
  const stop = new AbortController();
  const { signal } = stop;
  const owner = randomUUID();
  const planner = createPlanner({ store, owner, lease, now, newName: randomUUID });
  const timing = { lease, poll: sendEvery, now, random };
  const sender = createSender({ store, channels, owner, ...settings, ...timing, log, ...(observer && { observer }) });

  async function planOften(): Promise<void> {
    while (!signal.aborted) {
      try {
        const made = await planner.plan(signal);
        if (made > 0) log.info({ notifications: made }, 'notifications made');
      } catch (error) {
        log.error({ err: error }, 'changes not read: they will be read later');
      }
      await setTimeout(planEvery, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  const running = channels.length === 0 ? [] : [planOften(), sender.run(signal)];
  return {
    wake: sender.wake,
    async stop() {
      stop.abort();
      await Promise.all(running);
      await closeChannels(channels);
    },
  };
}

const TIMING = { planEvery: 5000, sendEvery: 1000 };

const MIN_LEASE_MS = 60_000;

/** Much longer than any delivery may take: otherwise others would deliver the same meanwhile. */
function leaseFor(channels: readonly Channel[]): number {
  return Math.max(MIN_LEASE_MS, ...channels.map(({ maxDelivery }) => 2 * maxDelivery));
}
