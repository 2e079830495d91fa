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
  /** Who delivers: what he claims nobody else takes while his lease lasts. */
  readonly owner: string;
  readonly attempts: number;
  /** In milliseconds, as `lease` and `poll`. */
  readonly renotifyInterval: number;
  /** Longer than any channel takes for a message. */
  readonly lease: number;
  /** How often to look for what is due. */
  readonly poll: number;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1, as `Math.random()`. */
  readonly random: () => number;
  readonly log: SenderLog;
  readonly observer?: DeliveryObserver;
  /** Waits, at most until the signal is aborted. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Who counts deliveries. */
export type DeliveryObserver = {
  /** A notification was told on all channels, so long after it was made. */
  readonly notificationSent: (latency: { readonly milliseconds: number }) => void;
  /** A channel did not take one. */
  readonly notificationFailed: (at: { readonly backend: string }) => void;
};

/** Where a sender tells what it did; pino is one. */
export type SenderLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type Sender = {
  /** Delivers what is due until the signal is aborted; then gives back what it has claimed. Never throws. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Looks for what is due at once, and ends the rest that an outage caused: somebody says that the receiver is back. */
  readonly wake: () => void;
};

/** Deliveries under way at a time. */
const PARALLEL_DELIVERIES = 16;

/** How long the whole queue rests at most while nobody can be reached. */
const MAX_REST_MS = 15_000;

/**
 * Delivers notifications at least once: each is claimed for a while, told on all channels, and due again unless all took it.
 * While a receiver cannot be reached one at a time is tried, always the same, with longer and longer rests: not every
 * notification is to use up its attempts on one outage.
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
  /** How often in a row nobody could be reached, what was under way together counted once. */
  let outages = 0;
  let restsUntil = 0;
  /** Aborted to end the present pause, also before it begins. */
  let pausing = new AbortController();

  async function deliver(notification: Notification, signal: AbortSignal): Promise<void> {
    const { id } = notification;
    // A full message was all there is to say: only who was given a name is reminded of it.
    const wanted = channels.filter(({ payload }) => notification.notifiedAt === null || payload === 'reference');
    try {
      await tell(notification, wanted, signal);
    } catch (error) {
      if (signal.aborted) await notifications.release(id, { owner, at: now() });
      else await noteFailure(notification, error);
      return;
    }
    if (notification.notifiedAt === null) {
      observer?.notificationSent({ milliseconds: now() - notification.createdAt });
    }
    outages = 0;
    restsUntil = 0;
    const dueAt = channels.some(({ payload }) => payload === 'reference') ? now() + renotifyInterval : null;
    const taken = new Set([...notification.channels, ...wanted.map((channel) => channel.id)]);
    await notifications.recordDelivery(id, { at: now(), dueAt, channels: [...taken] });
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
      // At least as long as what failed waits: that is what is tried next.
      restsUntil = now() + Math.min(backOff(outages, 0), MAX_REST_MS);
    }
    const dueAt = isDead ? null : now() + backOff(failed, random());
    const reason = reasonOf(error);
    await notifications.recordFailure(id, { owner, at: now(), error: reason, dueAt });
    if (isDead) log.error({ notification: name, attempts: failed, reason }, 'notification given up');
    else log.warn({ notification: name, attempts: failed, reason }, 'notification not delivered');
  }

  /** Starts as many deliveries as may be; tells when to look again at the latest, in milliseconds from now. */
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
        .catch((error: unknown) => log.error({ err: error }, 'delivery not noted: it will be repeated'))
        .finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    }
    return claimed.length < limit ? poll : 0;
  }

  /** Waits until a delivery is over, the sender is woken or the signal is aborted, for so many milliseconds at most. */
  async function untilOneIsOver(milliseconds: number, signal: AbortSignal): Promise<void> {
    await Promise.race([pause(milliseconds, AbortSignal.any([signal, pausing.signal])), ...underWay]);
    pausing.abort();
    pausing = new AbortController();
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        const wait = await startDue(signal).catch((error: unknown) => {
          log.error({ err: error }, 'notifications not looked for');
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
  // A server that only waits may end.
  await setTimeout(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}

function isOutage(error: unknown): boolean {
  return error instanceof ClairError && error.code === 'notification/undeliverable';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
