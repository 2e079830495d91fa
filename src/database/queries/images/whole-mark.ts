import type { CountMark } from '../../contracts/image-counts.ts';
import type { Queries } from '../../engines/engine.ts';

/** Reads the mark that applies to the counts of all images; undefined if some counts may be out of date. */
export async function readWhole(queries: Queries): Promise<CountMark | undefined> {
  const row = await queries.get<{ value: string }>('SELECT value FROM flag WHERE name = ?', [WHOLE]);
  return row && JSON.parse(row.value);
}

/** Records a mark that applies to the counts of all images. */
export async function writeWhole(queries: Queries, mark: CountMark): Promise<void> {
  await queries.run(UPSERT_WHOLE, [WHOLE, JSON.stringify(mark)]);
}

/** Removes the mark, because some counts may be out of date. */
export async function removeWhole(queries: Queries): Promise<void> {
  await queries.run('DELETE FROM flag WHERE name = ?', [WHOLE]);
}

/** The flag with the mark of the counts of all images, as JSON. */
const WHOLE = 'images/counted';

const UPSERT_WHOLE =
  'INSERT INTO flag (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
