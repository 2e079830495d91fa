import { setImmediate } from 'node:timers/promises';
import type { Engine, Queries } from '../../engines/engine.ts';
import { expiredChanges, expiredUpdates } from './expired-changes.ts';
import { expiredLayers } from './expired-layers.ts';
import { OBSOLETE_ROWS } from './obsolete-rows.ts';
import { orphanFeatures } from './orphan-features.ts';
import { orphanPrograms } from './orphan-programs.ts';
import {
  OBSOLETE_KINDS,
  type ObsoleteKind,
  type RetentionCounts,
  type RetentionPlan,
  type RetentionStore,
} from '../../contracts/retention.ts';
import { partsOf } from '../row-pages.ts';

/** Finds obsolete data in one snapshot and removes it in many small transactions. */
export function createRetentionStore({ read, transaction, snapshot, clock }: Engine): RetentionStore {
  return {
    async plan(bounds) {
      return await snapshot(async (queries) => {
        const layers = await expiredLayers(queries, bounds);
        const changes = await expiredChanges(queries, bounds);
        const updates = await expiredUpdates(queries, bounds);
        return {
          bounds,
          ...layers,
          ...changes,
          update_notification: updates.expired,
          undelivered: updates.undelivered,
          ...(await orphansOf(queries, layers.layer)),
        };
      });
    },
    async *list(plan) {
      for (const { kind, rows } of turnsOf(plan)) {
        const named = await read.all<{ name: string }>(OBSOLETE_ROWS[kind].names, [rows]);
        yield* named.map(({ name }) => ({ kind, name }));
      }
    },
    async apply(plan, signal) {
      const counts: Record<ObsoleteKind, number> = { ...NOTHING };
      for (const { kind, rows } of turnsOf(plan)) {
        signal?.throwIfAborted();
        const { removeParts, remove } = OBSOLETE_ROWS[kind];
        await removeParts?.({ transaction, clock }, rows, plan.bounds, signal);
        counts[kind] += await transaction((queries) => remove(queries, rows, plan.bounds));
        await setImmediate();
      }
      return counts;
    },
  };
}

async function orphansOf(
  queries: Queries,
  layers: RetentionPlan['layer'],
): Promise<Pick<RetentionPlan, 'program' | 'feature' | 'line' | 'namespace'>> {
  return { program: await orphanPrograms(queries, layers), ...(await orphanFeatures(queries, layers)) };
}

/** Yields one JSON list per transaction, in the order of removal. */
function* turnsOf(plan: RetentionPlan): Generator<{ readonly kind: ObsoleteKind; readonly rows: string }> {
  for (const kind of OBSOLETE_KINDS) {
    const groups: readonly (readonly unknown[])[] = kind === 'layer' ? plan.layer : [plan[kind]];
    for (const group of groups) {
      for (const rows of partsOf(group, OBSOLETE_ROWS[kind].perTurn)) yield { kind, rows: JSON.stringify(rows) };
    }
  }
}

const NOTHING: RetentionCounts = {
  image: 0,
  layer: 0,
  layer_contents: 0,
  notification: 0,
  update_notification: 0,
  change_log: 0,
  program: 0,
  feature: 0,
  line: 0,
  namespace: 0,
};
