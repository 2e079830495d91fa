import type { ResolvedChange } from '../database/contracts/change-log.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Advisory, AffectedPackage } from '../model/advisories/advisory.ts';
import type { NotificationKind } from '../model/notification.ts';
import { severityIncrease } from './severity-increase.ts';

export type PlannerOptions = {
  readonly store: Pick<Store, 'changeLog' | 'locks' | 'matches' | 'notifications'>;
  /** Identifies this instance: one instance at a time reads the log. */
  readonly owner: string;
  /** Duration of the lease on the log in milliseconds; one minute by default. */
  readonly lease?: number;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** Returns a random notification name (UUID). */
  readonly newName: () => string;
};

export type Planner = {
  /**
   * Reads the change log from the cursor to its end and creates a notification for each change that affects an indexed layer.
   * Returns the number of notifications; 0 while another instance holds the lease.
   *
   * @throws ClairError `database/unavailable`; notifications created so far stay, and the call can be repeated
   */
  readonly plan: (signal: AbortSignal) => Promise<number>;
};

/** Changes per step; each step is one transaction. */
const CHANGES_PER_STEP = 200;

const LOCK = 'notifier';

/**
 * The duration of the lease, which each step renews. A step fails if another instance advanced first: see
 * `NotificationStore.advance`.
 */
const LEASE_MS = 60_000;

/** Creates the planner, which turns the change log into notifications. */
export function createPlanner({ store, owner, lease = LEASE_MS, now, newName }: PlannerOptions): Planner {
  const { changeLog, locks, notifications } = store;

  /** Returns the number of notifications; undefined at the end of the log or if another instance moved the cursor. */
  async function step(): Promise<number | undefined> {
    if (!(await locks.acquire(LOCK, owner, lease))) return undefined;
    const from = await notifications.cursor();
    const changes = await changeLog.read({ after: from, limit: CHANGES_PER_STEP });
    const last = changes.at(-1);
    if (last === undefined) return undefined;
    const made: { name: string; change: number; kind: NotificationKind; createdAt: number }[] = [];
    for (const { id, isInitial } of changes) {
      const change = isInitial ? undefined : await changeLog.find(id);
      const kinds = change === undefined ? [] : await kindsOf(change, store);
      for (const kind of kinds) made.push({ name: newName(), change: id, kind, createdAt: now() });
    }
    return (await notifications.advance({ from, to: last.id, notifications: made })) ? made.length : undefined;
  }

  return {
    async plan(signal) {
      let sum = 0;
      try {
        while (!signal.aborted) {
          const made = await step();
          if (made === undefined) break;
          sum += made;
        }
      } finally {
        await locks.release(LOCK, owner);
      }
      return sum;
    },
  };
}

/** Returns the kinds of notifications for a change; an empty list if the change affects no indexed layer. */
async function kindsOf(
  { before, after }: ResolvedChange,
  { matches }: PlannerOptions['store'],
): Promise<readonly NotificationKind[]> {
  const touches = async (
    affected: readonly AffectedPackage[],
    except: readonly AffectedPackage[] = [],
  ): Promise<boolean> => (await matches.affectedLayers({ affected, except }, { after: 0, limit: 1 })).length > 0;
  if (before === null) return (await touches(after?.affected ?? [])) ? ['new'] : [];
  if (after === null) return (await touches(before.affected)) ? ['withdrawn'] : [];
  const raised = severityIncrease(before, after)?.affected ?? [];
  const kinds: NotificationKind[] = (await touches(raised)) ? ['severity-increased'] : [];
  if (await isElsewhere(before, after, touches)) kinds.push('packages-changed');
  return kinds;
}

async function isElsewhere(
  before: Advisory,
  after: Advisory,
  touches: (affected: readonly AffectedPackage[], except: readonly AffectedPackage[]) => Promise<boolean>,
): Promise<boolean> {
  return (await touches(after.affected, before.affected)) || (await touches(before.affected, after.affected));
}
