import type { ResolvedChange } from '../database/contracts/change-log.ts';
import type { CursorStep } from '../database/contracts/notifications.ts';
import type { Store } from '../database/contracts/store.ts';
import { createTurns } from '../threads/turns.ts';
import type { ChangeText, FeatureEffect, UpdateEffects } from '../database/contracts/update-notifications.ts';
import type { Advisory, AffectedPackage } from '../model/advisories/advisory.ts';
import { dayText } from '../model/time/day.ts';
import type { NotificationKind } from '../model/notification.ts';
import { type ChangeEffects, changeEffects } from './change-effects.ts';
import { followStoredRules } from '../suppression/followed-rules.ts';
import { ignoredChanges } from './ignored-change.ts';
import { severityIncrease } from './severity-increase.ts';

export type PlannerOptions = {
  readonly store: Pick<
    Store,
    'changeLog' | 'ignoreRules' | 'locks' | 'matches' | 'notifications' | 'updateNotifications'
  >;
  /** The notifications to create; by default, one notification per change. */
  readonly wanted?: WantedNotifications;
  /** The name of this instance in leases; only one instance at a time reads the log. */
  readonly owner: string;
  /** The duration of the lease on the log in milliseconds; one minute by default. */
  readonly lease?: number;
  /** Receives the changes that ignore rules left out of notifications, for each step. */
  readonly changesIgnored?: (ignored: IgnoredChanges) => void;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  /** Returns a random notification name (UUID). */
  readonly newName: () => string;
};

/** The changes that affect indexed layers but cause no notifications because of ignore rules. */
export type IgnoredChanges = {
  readonly changes: number;
  /** The ID of the vulnerability in the last change. */
  readonly last: string;
};

export type WantedNotifications = {
  /** Whether to create a notification per change. */
  readonly changes: boolean;
  /**
   * Whether to create a notification per update, with the most severe change of each image (`summary`) or with all
   * changes (`all`); none when absent.
   */
  readonly updates?: 'summary' | 'all';
};

export type Planner = {
  /**
   * Reads the change log from the cursor to its end, and creates the wanted notifications about changes that affect an
   * indexed layer. Creates no notification if ignore rules suppress the vulnerability in all images, layers and
   * packages. Notifications about ignored changes are not created later either. Returns the number of notifications; 0
   * while another instance holds the lease.
   *
   * @throws ClairError `database/unavailable`; the notifications that were already created are kept, and the call can
   * be repeated
   */
  readonly plan: (signal: AbortSignal) => Promise<number>;
};

/** The maximum number of changes per step; each step is a transaction. */
const CHANGES_PER_STEP = 200;

/** The number of effects at which a step ends, to limit the transaction and the memory. */
const MAX_EFFECTS_PER_STEP = 10_000;

const LOCK = 'notifier';

/**
 * The default duration of the lease, which each step renews. A step has no effect if another instance advanced the
 * cursor first (see `NotificationStore.advance`).
 */
const LEASE_MS = 60_000;

/** Creates the planner, which turns the change log into notifications. */
export function createPlanner({
  store,
  owner,
  lease = LEASE_MS,
  now,
  newName,
  changesIgnored,
  wanted = { changes: true },
}: PlannerOptions): Planner {
  const { changeLog, locks, notifications, updateNotifications } = store;
  const ignoreRules = followStoredRules(store.ignoreRules);

  /**
   * Returns the number of created notifications; undefined at the end of the log, or if another instance holds the
   * lease or moved the cursor.
   */
  async function step(): Promise<number | undefined> {
    if (!(await locks.acquire(LOCK, owner, lease))) return undefined;
    const from = await notifications.cursor();
    const changes = await changeLog.read({ after: from, limit: CHANGES_PER_STEP });
    if (changes.length === 0) return undefined;
    const isIgnored = ignoredChanges((await ignoreRules()).rules, dayText(now()));
    let to = from;
    let found = 0;
    const turns = createTurns();
    const made: { name: string; change: number; kind: NotificationKind; createdAt: number }[] = [];
    const effects = createEffectGroups(newName, now);
    const ignored: string[] = [];
    for (const { id, isInitial } of changes) {
      if (found >= MAX_EFFECTS_PER_STEP) break;
      to = id;
      if (turns.areDue()) await turns.take();
      const change = isInitial ? undefined : await changeLog.find(id);
      if (change === undefined) continue;
      const kinds = wanted.changes ? await kindsOf(change, store) : [];
      const own = wanted.updates === undefined ? undefined : await changeEffects(change, store.matches);
      if (isIgnored(change)) {
        if (kinds.length > 0 || own !== undefined) ignored.push((change.after ?? change.before)?.id ?? '');
        continue;
      }
      for (const kind of kinds) made.push({ name: newName(), change: id, kind, createdAt: now() });
      if (own === undefined) continue;
      effects.add(change, own);
      found += own.features.length;
    }
    const updates = wanted.updates && { effects: effects.all(), isSummary: wanted.updates === 'summary' };
    const advance: CursorStep = { from, to, notifications: made, ...(updates && { updates }) };
    if (!(await notifications.advance(advance))) return undefined;
    const last = ignored.at(-1);
    if (last !== undefined) changesIgnored?.({ changes: ignored.length, last });
    return made.length;
  }

  /**
   * Completes the notifications about updates whose changes were all read, and discards notifications without entries.
   * Returns the number of completed notifications.
   */
  async function completeUpdates(signal: AbortSignal): Promise<number> {
    let sum = 0;
    for (const id of wanted.updates === undefined ? [] : await updateNotifications.read()) {
      if (signal.aborted || !(await locks.acquire(LOCK, owner, lease))) break;
      const hasEntries = await updateNotifications.hasEntries(id, signal);
      if (hasEntries === undefined) break;
      if (hasEntries) {
        await updateNotifications.complete(id, now());
        sum += 1;
      } else await updateNotifications.discard(id);
    }
    return sum;
  }

  return {
    async plan(signal) {
      let sum = 0;
      try {
        while (!signal.aborted) {
          const made = await step();
          sum += made ?? 0;
          sum += await completeUpdates(signal);
          if (made === undefined) break;
        }
      } finally {
        await locks.release(LOCK, owner);
      }
      return sum;
    },
  };
}

/** Groups the effects of changes by update. */
function createEffectGroups(
  newName: () => string,
  now: () => number,
): { readonly add: (change: ResolvedChange, effects: ChangeEffects) => void; readonly all: () => UpdateEffects[] } {
  const groups = new Map<string, UpdateEffects & { changes: ChangeText[]; features: FeatureEffect[] }>();
  return {
    add({ feed, update, at }, { text, features }) {
      // Changes that an older release logged have no update, so changes with the same time are grouped as an update.
      const id = update ?? -at;
      const key = `${feed} ${id}`;
      let group = groups.get(key);
      if (group === undefined) {
        group = { name: newName(), feed, update: id, createdAt: now(), changes: [], features: [] };
        groups.set(key, group);
      }
      group.changes.push(text);
      for (const each of features) group.features.push(each);
    },
    all: () => [...groups.values()],
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
