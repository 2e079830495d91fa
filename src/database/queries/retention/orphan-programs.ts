import type { RetentionPlan } from '../../contracts/retention.ts';
import type { Queries } from '../../engines/engine.ts';
import { rowPages } from '../row-pages.ts';
import { hasNoOther, usesOfLayers } from './lost-uses.ts';

/**
 * Returns the programs that no layer installs.
 *
 * @param layers the layers that will be removed, which are not counted
 */
export async function orphanPrograms(queries: Queries, layers: RetentionPlan['layer']): Promise<readonly number[]> {
  const lost = await usesOfLayers(queries, layers, COUNT_PROGRAMS_OF_LAYERS);
  const orphans: number[] = [];
  const pages = rowPages<{ id: number; used: 0 | 1 }>((last, limit) =>
    queries.all(SELECT_PROGRAMS_IN_USE, [last?.id ?? 0, limit]),
  );
  for await (const page of pages) {
    for (const { id, used } of page) {
      const going = lost.get(id) ?? 0;
      const isOrphan = going === 0 ? used === 0 : await hasNoOther(queries, COUNT_PROGRAM_USES, id, going);
      if (isOrphan) orphans.push(id);
    }
  }
  return orphans;
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
