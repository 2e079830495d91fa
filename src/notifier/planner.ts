import type { ResolvedChange } from '../database/contracts/change-log.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Advisory, AffectedPackage } from '../model/advisories/advisory.ts';
import type { NotificationKind } from '../model/notification.ts';
import { severityIncrease } from './severity-increase.ts';

export type PlannerOptions = {
  readonly store: Pick<Store, 'changeLog' | 'locks' | 'matches' | 'notifications'>;
  /** Who asks: of many instances one reads the log at a time. */
  readonly owner: string;
  /** How long one that died holds up the others, in milliseconds; a minute when absent. */
  readonly lease?: number;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** Makes the random names of notifications (UUID). */
  readonly newName: () => string;
};

export type Planner = {
  /**
   * Reads what was logged since the cursor, and makes a notification for each change that touches a known layer, until
   * the end of the log. Tells how many it made; none when another instance is at it.
   *
   * @throws ClairError `database/unavailable`; what was made until then stays, and it can be called again.
   */
  readonly plan: (signal: AbortSignal) => Promise<number>;
};

/** Changes that are read, and whose notifications are made, in one step. */
const CHANGES_PER_STEP = 200;

const LOCK = 'notifier';

/** It is renewed at each step, and any step that somebody else makes meanwhile fails: see `NotificationStore.advance`. */
const LEASE_MS = 60_000;

/** Turns the change log into notifications. */
export function createPlanner({ store, owner, lease = LEASE_MS, now, newName }: PlannerOptions): Planner {
  const { changeLog, locks, notifications } = store;

  /** Gives how many notifications it made; undefined at the end of the log, or when somebody else moves the cursor. */
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

/** What a change means for known layers; nothing where it touches none. */
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
