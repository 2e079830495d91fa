import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { SchemeId } from '../../../versions/index.ts';
import type { Queries } from '../../engines/engine.ts';
import { isStorable } from './storable-text.ts';

/** The stored namespaces and version lines of affected packages. */
export type StoredLines = {
  readonly schemeOf: (namespace: string) => SchemeId | undefined;
  readonly namespaceId: (namespace: string) => number | undefined;
  /** Returns undefined for every line with a role, because manual advisories have none. */
  readonly lineId: (of: LineName) => number | undefined;
};

type LineName = Pick<AffectedPackage, 'namespace' | 'package' | 'role'>;

/** No stored lines, for callers that have not read them. */
export const NO_LINES: Pick<StoredLines, 'namespaceId' | 'lineId'> = {
  namespaceId: () => undefined,
  lineId: () => undefined,
};

/**
 * Reads the stored namespaces and version lines of affected packages, with one statement for each namespace. Does
 * not lock these rows: if another transaction removes one, the foreign key rejects the new row that refers to it, and the
 * edit runs again. Omits packages whose names cannot be in a JSON list.
 */
export async function readStoredLines(queries: Queries, affected: readonly LineName[]): Promise<StoredLines> {
  const packages = new Map<string, Set<string>>();
  for (const { namespace, package: name } of affected) {
    // The empty name returns the namespace even if no other name can be in the list.
    const names = packages.get(namespace) ?? new Set(['']);
    if (isStorable(name)) names.add(name);
    packages.set(namespace, names);
  }
  const namespaces = new Map<string, LineRow>();
  const lines = new Map<string, number>();
  const readNamespace = async (namespace: string, names: Iterable<string>): Promise<void> => {
    const [statement, values] = selectLines([...names]);
    for (const row of await queries.all<LineRow>(statement, [...values, namespace])) {
      namespaces.set(namespace, row);
      if (row.line !== null) lines.set(`${namespace}\n${row.package}`, row.line);
    }
  };
  const entries = [...packages];
  while (entries.length > 0) {
    const next = entries.splice(0, NAMESPACES_AT_ONCE);
    await Promise.all(next.map(([namespace, names]) => readNamespace(namespace, names)));
  }
  return {
    schemeOf: (namespace) => namespaces.get(namespace)?.scheme,
    namespaceId: (namespace) => namespaces.get(namespace)?.namespace,
    lineId: ({ namespace, package: name, role }) =>
      role === undefined ? lines.get(`${namespace}\n${name}`) : undefined,
  };
}

/** The line is null for a package without a stored line. */
type LineRow = {
  readonly namespace: number;
  readonly scheme: SchemeId;
  readonly package: string;
  readonly line: number | null;
};

/** The number of namespaces that are read together; more would block the event loop for too long. */
const NAMESPACES_AT_ONCE = 100;

/** The maximum number of packages that are parameters of their own, because a call of `json_each` takes longer. */
const MAX_PARAMETERS = 4;

/** Returns the statement for the lines of packages, and its parameters before the namespace. */
function selectLines(packages: readonly string[]): readonly [statement: string, values: readonly string[]] {
  if (packages.length > MAX_PARAMETERS) {
    return [selectLinesOf('json_each(?)'), [JSON.stringify(packages)]];
  }
  const rows = packages.map(() => 'SELECT CAST(? AS TEXT) AS value');
  return [selectLinesOf(`(${rows.join(' UNION ALL ')})`), packages];
}

/**
 * The nested query makes PostgreSQL look up each line. For a join, it may read all lines of the namespace.
 *
 * @param packages a table with the column `value`
 */
function selectLinesOf(packages: string): string {
  return `
SELECT namespace.id AS namespace, namespace.scheme, wanted.value AS package, (
    SELECT line.id FROM line WHERE line.namespace = namespace.id AND line.name = wanted.value AND line.role = ''
  ) AS line
FROM ${packages} AS wanted CROSS JOIN namespace
WHERE namespace.name = ?`;
}
