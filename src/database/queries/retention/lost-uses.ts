import { setImmediate } from 'node:timers/promises';
import type { RetentionPlan } from '../../contracts/retention.ts';
import type { Queries } from '../../engines/engine.ts';
import { partsOf } from '../row-pages.ts';

/** The maximum number of ids in the parameter of a statement. */
export const IDS_PER_STATEMENT = 100;

/** The number of removed uses of each row, by id. */
export type LostUses = Map<number, number>;

export type Uses = { readonly id: number; readonly count: number };

/**
 * Counts how often the layers that will be removed use each row.
 *
 * @param statement a query that returns {@link Uses} for a JSON list of layers
 */
export async function usesOfLayers(
  queries: Queries,
  layers: RetentionPlan['layer'],
  statement: string,
): Promise<LostUses> {
  const lost: LostUses = new Map();
  for (const group of layers) {
    for (const ids of partsOf(group, IDS_PER_STATEMENT)) {
      addUses(lost, await queries.all<Uses>(statement, [JSON.stringify(ids)]));
      await setImmediate();
    }
  }
  return lost;
}

/** Adds uses to the counts of the same ids. */
export function addUses(lost: LostUses, uses: readonly Uses[]): void {
  for (const { id, count } of uses) lost.set(id, (lost.get(id) ?? 0) + count);
}

/**
 * Returns whether a row has no uses other than the `going` uses, which will be removed.
 *
 * @param statement a query that counts the uses of an id up to a limit
 */
export async function hasNoOther(queries: Queries, statement: string, id: number, going: number): Promise<boolean> {
  const row = await queries.get<{ count: number }>(statement, [id, going + 1]);
  return row?.count === going;
}
