import { withLease } from '../database/queries/lease.ts';
import type { ObsoleteRow, RetentionBounds, RetentionCounts } from '../database/contracts/retention.ts';
import type { TableSize } from '../database/contracts/sizes.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { LayerUse } from './layer-use.ts';

/** The retention of unused data in milliseconds; 0 keeps the data forever. */
export type Retention = Readonly<Record<keyof RetentionBounds, number>>;

export type HousekeeperOptions = {
  readonly store: Pick<Store, 'flags' | 'locks' | 'retention' | 'sizes' | 'under'>;
  readonly retention: Retention;
  /** The layer uses that this process has not written yet. */
  readonly asked: Pick<LayerUse, 'flush'>;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
};

/** Deletes expired data. */
export type Housekeeper = {
  /**
   * Deletes expired data, measures the tables and records the run.
   *
   * @throws ClairError `housekeeping/locked` while another process runs housekeeping; `database/…`, including
   *   `database/lease-lost` if another process took over; the abort reason of the signal. Rows that were deleted before
   *   the error remain deleted.
   */
  readonly run: (signal?: AbortSignal) => Promise<HousekeepingRun>;
  /** Lists the rows that a run would delete now, in deletion order. */
  readonly preview: () => AsyncIterable<ObsoleteRow>;
  /** Returns the end time of the last run of any process, with the table sizes, or undefined before the first run. */
  readonly last: () => Promise<LastHousekeeping | undefined>;
};

export type HousekeepingRun = {
  /** The number of deleted rows of each kind. */
  readonly removed: RetentionCounts;
  /** The names of the deleted Clair v4 notifications that no receiver confirmed. */
  readonly undelivered: readonly string[];
};

export type LastHousekeeping = {
  /** The end of the run in milliseconds since 1970. */
  readonly at: number;
  readonly tables: readonly Pick<TableSize, 'table' | 'rows' | 'bytes'>[];
};

const FLAG = 'housekeeping/last';

/** Creates the housekeeper. Only one process at a time runs housekeeping. */
export function createHousekeeper({ store, retention, asked, now }: HousekeeperOptions): Housekeeper {
  const { locks, sizes } = store;
  return {
    async run(signal) {
      return await withLease('housekeeping', { store, taken: lockedError }, async ({ store: held, signal: lost }) => {
        await asked.flush();
        await locks.removeExpired();
        const plan = await held.retention.plan(boundsAt(now(), retention));
        const stop = signal === undefined ? lost : AbortSignal.any([signal, lost]);
        const removed = await held.retention.apply(plan, stop);
        const tables = (await sizes.tables()).map(({ table, rows, bytes }) => ({ table, rows, bytes }));
        const last: LastHousekeeping = { at: now(), tables };
        await held.flags.set(FLAG, JSON.stringify(last));
        return { removed, undelivered: plan.undelivered };
      });
    },
    async *preview() {
      yield* store.retention.list(await store.retention.plan(boundsAt(now(), retention)));
    },
    last: async () => await lastHousekeeping(store),
  };
}

/** Returns the last run of housekeeping, as {@link Housekeeper.last} does. */
export async function lastHousekeeping({ flags }: Pick<Store, 'flags'>): Promise<LastHousekeeping | undefined> {
  const text = await flags.get(FLAG);
  return text === undefined ? undefined : JSON.parse(text);
}

function boundsAt(now: number, { images, layers, notifications, changeLog }: Retention): RetentionBounds {
  return {
    ...(images > 0 && { images: now - images }),
    ...(layers > 0 && { layers: now - layers }),
    ...(notifications > 0 && { notifications: now - notifications }),
    ...(changeLog > 0 && { changeLog: now - changeLog }),
  };
}

function lockedError(): ClairError {
  return new ClairError('housekeeping/locked', 'another process is running housekeeping');
}
