import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Store } from '../database/contracts/store.ts';
import type { Channel } from './channels/channel.ts';
import { closeChannels } from './channels/index.ts';
import type { NotifierSettings } from './notifier-settings.ts';
import { createPlanner, type IgnoredChanges, type WantedNotifications } from './planner.ts';
import { createSender, type DeliveryObserver, type SenderLog } from './sender.ts';
import { runUpdateSender } from './update-sender.ts';
import type { UpdateWebhook } from './update-webhook.ts';

export type NotifierOptions = {
  readonly store: Pick<
    Store,
    'changeLog' | 'ignoreRules' | 'locks' | 'matches' | 'notifications' | 'updateNotifications'
  >;
  /** The channels, which `stop` closes. */
  readonly channels: readonly Channel[];
  /** The Clair v4 webhook, which `stop` closes; absent if the webhook is off. */
  readonly webhook?: UpdateWebhook | undefined;
  readonly settings: Pick<NotifierSettings, 'attempts' | 'renotifyInterval' | 'v4'>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: SenderLog;
  readonly observer?: NotifierObserver;
  /** Returns a number from 0 to 1; by default `Math.random`. */
  readonly random?: () => number;
  readonly timing?: Partial<NotifierTiming>;
};

/** Receives the outcome of deliveries, and the number of changes that ignore rules left out of notifications. */
export type NotifierObserver = DeliveryObserver & {
  readonly changesIgnored: (ignored: { readonly changes: number }) => void;
};

/** The intervals of the notifier, in milliseconds. */
export type NotifierTiming = {
  /**
   * The interval between reads of the change log (`planEvery`), and the interval between reads of the queue
   * (`sendEvery`).
   */
  readonly planEvery: number;
  readonly sendEvery: number;
  /**
   * The duration of the lease of a notification or of the change log; another instance takes over when the lease
   * expires.
   */
  readonly lease: number;
};

export type Notifier = {
  /** Searches for due notifications immediately, for example after notifications were requeued. */
  readonly wake: () => void;
  /** Stops deliveries and releases leased notifications. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts the notifier, which sends notifications about changes that affect indexed layers. Any number of instances can
 * share a database, and each instance may stop at any time. Without channels and without the webhook, the notifier does
 * nothing, and leaves the changes in the change log unread.
 */
export function startNotifier(options: NotifierOptions): Notifier {
  const { store, channels, webhook, settings, now, log, observer, random = Math.random } = options;
  const { planEvery, sendEvery, lease } = { ...TIMING, lease: leaseFor([...channels, webhook]), ...options.timing };
  const stop = new AbortController();
  const { signal } = stop;
  const owner = randomUUID();
  const { v4 } = settings;
  const wanted: WantedNotifications = {
    changes: channels.length > 0,
    ...(webhook && { updates: v4?.isSummary === false ? 'all' : 'summary' }),
  };
  const changesIgnored = (ignored: IgnoredChanges): void => {
    log.info(ignored, 'created no notifications for changes to vulnerabilities that ignore rules suppress');
    observer?.changesIgnored(ignored);
  };
  const planner = createPlanner({ store, owner, lease, now, newName: randomUUID, wanted, changesIgnored });
  const timing = { lease, poll: sendEvery, now, random };
  const sender = createSender({ store, channels, owner, ...settings, ...timing, log, ...(observer && { observer }) });

  async function planOften(): Promise<void> {
    while (!signal.aborted) {
      try {
        const made = await planner.plan(signal);
        if (made > 0) log.info({ notifications: made }, 'notifications created');
      } catch (error) {
        log.error({ err: error }, 'could not create notifications from the change log; will retry');
      }
      await setTimeout(planEvery, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  const interval = v4?.interval ?? 0;
  const observed = { log, ...(observer && { observer }) };
  const running = [
    ...(channels.length > 0 || webhook ? [planOften()] : []),
    ...(channels.length > 0 ? [sender.run(signal)] : []),
    ...(webhook ? [runUpdateSender({ store, webhook, owner, interval, ...timing, ...observed }, signal)] : []),
  ];
  return {
    wake: sender.wake,
    async stop() {
      stop.abort();
      await Promise.all(running);
      await Promise.all([closeChannels(channels), webhook?.close()]);
    },
  };
}

const TIMING = { planEvery: 5000, sendEvery: 1000 };

const MIN_LEASE_MS = 60_000;

/**
 * Returns twice the longest delivery, but at least a minute, so that no other instance repeats a delivery in progress.
 */
function leaseFor(channels: readonly (Pick<Channel, 'maxDelivery'> | undefined)[]): number {
  return Math.max(MIN_LEASE_MS, ...channels.map((channel) => 2 * (channel?.maxDelivery ?? 0)));
}
