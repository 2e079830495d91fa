import type { RepositoryCpes } from '../../../model/repository-cpes.ts';
import type { Engine, InsertTarget, Queries } from '../../engines/engine.ts';
import type { RepositoryStore } from '../../contracts/repositories.ts';

/** Reads the products (CPEs) of repositories. */
export function createRepositoryStore({ read }: Engine): RepositoryStore {
  return {
    async cpesOf(repositories) {
      return grouped(await read.all<RepositoryRow>(SELECT_NAMED, [JSON.stringify([...new Set(repositories)])]));
    },
  };
}

/** Reads all repositories of a feed, by ascending name. */
export async function readRepositories(queries: Queries, feed: string): Promise<RepositoryCpes> {
  return grouped(await queries.all<RepositoryRow>(SELECT_OF_FEED, [feed]));
}

/**
 * Replaces the stored repositories of a feed in the transaction of the update; writes only differences. Returns the
 * number of repositories before the update, and the number of changed rows.
 */
export async function updateRepositories(
  queries: Queries,
  feed: string,
  listed: RepositoryCpes,
): Promise<{ readonly stored: number; readonly changed: number }> {
  const stored = await readRepositories(queries, feed);
  const gone = [...stored].flatMap(([repository, cpes]) => {
    const kept = new Set(listed.get(repository));
    return cpes.filter((cpe) => !kept.has(cpe)).map((cpe) => [repository, cpe, feed]);
  });
  await queries.deleteMany({ table: 'repository_cpe', key: ['repository', 'cpe', 'feed'] }, gone);
  const rows = [...listed].flatMap(([repository, cpes]) => {
    const present = new Set(stored.get(repository));
    return cpes.filter((cpe) => !present.has(cpe)).map((cpe) => [repository, cpe, feed]);
  });
  await queries.insertMany(REPOSITORIES, rows);
  return { stored: stored.size, changed: gone.length + rows.length };
}

type RepositoryRow = { readonly repository: string; readonly cpe: string };

const REPOSITORIES: InsertTarget = {
  table: 'repository_cpe',
  columns: ['repository', 'cpe', 'feed'],
  skipExisting: true,
};

/** Parameter: the names as a JSON list. */
const SELECT_NAMED = `
SELECT DISTINCT repository_cpe.repository, repository_cpe.cpe
FROM json_each(?) AS wanted CROSS JOIN repository_cpe
WHERE repository_cpe.repository = wanted.value
ORDER BY repository_cpe.repository, repository_cpe.cpe`;

const SELECT_OF_FEED = 'SELECT repository, cpe FROM repository_cpe WHERE feed = ? ORDER BY repository, cpe';

function grouped(rows: readonly RepositoryRow[]): RepositoryCpes {
  const found = new Map<string, string[]>();
  for (const { repository, cpe } of rows) {
    const cpes = found.get(repository);
    if (cpes === undefined) found.set(repository, [cpe]);
    else cpes.push(cpe);
  }
  return found;
}
