import type { FeedUpdate, OrderedAdvisory } from '../../contracts/vulnerabilities.ts';
import type { Queries } from '../../engines/engine.ts';
import { orderedByNamespace } from './advisory-order.ts';
import { ADVISORIES_OF_NAMESPACE } from './namespace-advisories.ts';
import { readStoredAdvisory, type StoredVulnerability } from './stored-vulnerabilities.ts';

/** The stored packages of a feed outside the namespaces of an update (`FeedUpdate.within`), which the update keeps. */
export type OutsidePackages = {
  /** Returns whether the update keeps packages of a stored advisory. */
  readonly has: (stored: StoredVulnerability) => boolean;
  /** Returns the advisory of an update together with the stored packages that the update keeps. */
  readonly joined: (stored: StoredVulnerability, advisory: OrderedAdvisory) => Promise<OrderedAdvisory>;
  /**
   * Returns an advisory without its packages in the namespaces of the update. Returns `untouched` if the advisory has
   * no package in these namespaces, and undefined if all its packages are in these namespaces.
   */
  readonly rest: (stored: StoredVulnerability) => Promise<OrderedAdvisory | 'untouched' | undefined>;
};

/** Finds the packages outside the namespaces of an update; undefined if there are no such packages. */
export async function findOutsidePackages(
  queries: Queries,
  { feed, within }: Pick<FeedUpdate, 'feed' | 'within'>,
): Promise<OutsidePackages | undefined> {
  if (within === undefined) return undefined;
  const stored = await queries.all<{ namespace: string }>(SELECT_NAMESPACES, [feed]);
  const names = stored.map(({ namespace }) => namespace);
  const others = names.filter((name) => !within.includes(name));
  if (others.length === 0) return undefined;
  const inside = await advisoriesIn(
    queries,
    feed,
    names.filter((name) => within.includes(name)),
  );
  const outside = await advisoriesIn(queries, feed, others);

  async function packagesOutside(id: number): ReturnType<typeof readStoredAdvisory> {
    const advisory = await readStoredAdvisory(queries, id);
    if (advisory === undefined) return undefined;
    return { ...advisory, affected: advisory.affected.filter(({ namespace }) => !within?.includes(namespace)) };
  }

  return {
    has: ({ id }) => outside.has(id),
    async joined({ id }, advisory) {
      const kept = (await packagesOutside(id))?.affected ?? [];
      const read = advisory.read();
      return orderedByNamespace({ ...read, affected: [...read.affected, ...kept] });
    },
    async rest({ id }) {
      if (!inside.has(id)) return 'untouched';
      const kept = outside.has(id) ? await packagesOutside(id) : undefined;
      return kept && orderedByNamespace(kept);
    },
  };
}

async function advisoriesIn(queries: Queries, feed: string, namespaces: readonly string[]): Promise<Set<number>> {
  const found = new Set<number>();
  for (const namespace of namespaces) {
    const rows = await queries.all<{ id: number }>(SELECT_ADVISORIES, [namespace, feed]);
    for (const { id } of rows) found.add(id);
  }
  return found;
}

const SELECT_NAMESPACES = 'SELECT namespace FROM feed_namespace WHERE feed = ?';

const SELECT_ADVISORIES = `SELECT DISTINCT vulnerability.id ${ADVISORIES_OF_NAMESPACE}`;
