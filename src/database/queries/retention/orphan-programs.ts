import { setImmediate } from 'node:timers/promises';
import type { RetentionPlan } from '../../contracts/retention.ts';
import type { Queries } from '../../engines/engine.ts';
import { partsOf, rowPages } from '../row-pages.ts';

/** The number of layers that one statement reads. */
const IDS_PER_STATEMENT = 100;

/**
 * Finds the programs that no layer installs.
 *
 * @param layers the layers to be removed, which do not count
 */
export async function orphanPrograms(queries: Queries, layers: RetentionPlan['layer']): Promise<readonly number[]> {
  const lost = new Map<number, number>();
  for (const group of layers) {
    for (const ids of partsOf(group, IDS_PER_STATEMENT)) {
      const uses = await queries.all<{ id: number; count: number }>(COUNT_PROGRAMS_OF_LAYERS, [JSON.stringify(ids)]);
      for (const { id, count } of uses) lost.set(id, (lost.get(id) ?? 0) + count);
      await setImmediate();
    }
  }
  const orphans: number[] = [];
  const pages = rowPages<{ id: number; used: 0 | 1 }>((last, limit) =>
    queries.all(SELECT_PROGRAMS_IN_USE, [last?.id ?? 0, limit]),
  );
  for await (const page of pages) {
    for (const { id, used } of page) {
      const going = lost.get(id) ?? 0;
      const isOrphan = going === 0 ? used === 0 : (await countUses(queries, id, going + 1)) === going;
      if (isOrphan) orphans.push(id);
    }
  }
  return orphans;
}

/** Counts no further than `limit`. */
async function countUses(queries: Queries, id: number, limit: number): Promise<number> {
  return (await queries.get<{ count: number }>(COUNT_PROGRAM_USES, [id, limit]))?.count ?? 0;
}

export const COUNT_PROGRAMS_OF_LAYERS = `
SELECT program AS id, COUNT(*) AS count FROM layer_program
WHERE layer IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND program IS NOT NULL
GROUP BY program`;

export const SELECT_PROGRAMS_IN_USE = `
SELECT id,
  CASE WHEN (SELECT 1 FROM layer_program WHERE layer_program.program = program.id LIMIT 1) IS NULL THEN 0 ELSE 1 END AS used
FROM program
WHERE id > ?
ORDER BY id
LIMIT ?`;

export const COUNT_PROGRAM_USES = `
SELECT COUNT(*) AS count FROM (SELECT 1 FROM layer_program WHERE program = ? LIMIT ?) AS found`;
