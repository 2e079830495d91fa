import { sourceOf } from '../../src/model/feature.ts';
import type { Queries } from '../../src/database/engines/engine.ts';
import type { LocatedFeature } from '../../src/model/layer.ts';
import { NOT_FINDINGS, type Status } from '../../src/model/advisories/status.ts';
import { compareDpkgVersions } from './dpkg-compare.ts';

/** How the reference reads the texts of advisories. */
export type ReferenceForm =
  /** Selects the texts of each advisory, as Clair v4 does (claircore, datastore/postgres/get.go). */
  | 'texts at once'
  /** Selects the texts of the matches in a second query. */
  | 'texts of matches';

export type ReferenceMatch = {
  readonly feed: string;
  readonly vulnerability: string;
  readonly link: string;
  readonly description: string;
  readonly severity: number;
  readonly fixed: string | null;
  readonly package: LocatedFeature;
};

export type ReferenceAnswer = {
  readonly matches: readonly ReferenceMatch[];
  readonly undecided: number;
  readonly read: number;
};

/**
 * Finds the vulnerabilities of packages as Clair v4 and most scanners do: one query reads all advisories of all names
 * by an index, and the program compares the versions. The reference reads the same tables as Clair. These tables store
 * the rows of a name side by side, the best order for the reference. The reference does not use the version keys.
 */
export async function referenceMatches(
  read: Queries,
  installed: readonly LocatedFeature[],
  form: ReferenceForm,
): Promise<ReferenceAnswer> {
  const byName = new Map<string, LocatedFeature[]>();
  for (const each of installed) {
    const key = JSON.stringify([each.namespace, sourceOf(each.feature).name]);
    const same = byName.get(key);
    if (same === undefined) byName.set(key, [each]);
    else same.push(each);
  }
  const rows = await read.all<AdvisoryRow>(form === 'texts at once' ? SELECT_WITH_TEXTS : SELECT_WITHOUT_TEXTS, [
    `[${[...byName.keys()].join(',')}]`,
  ]);
  const found: { row: AdvisoryRow; of: LocatedFeature }[] = [];
  let undecided = 0;
  for (const row of rows) {
    for (const of of byName.get(JSON.stringify([row.namespace, row.package])) ?? []) {
      if (!isAffected(sourceOf(of.feature).version, row)) continue;
      if (NOT_FINDINGS.includes(row.status)) undecided += 1;
      else found.push({ row, of });
    }
  }
  const texts = form === 'texts at once' ? undefined : await textsOf(read, found);
  const matches = found.map(({ row, of }): ReferenceMatch => {
    const { feed, vulnerability, link, description } = texts?.get(row.id) ?? row;
    return { feed, vulnerability, link, description, severity: row.severity, fixed: row.fixed, package: of };
  });
  return { matches: matches.toSorted(bySeverity), undecided, read: rows.length };
}

type Texts = {
  readonly id: number;
  readonly feed: string;
  readonly vulnerability: string;
  readonly link: string;
  readonly description: string;
};

/**
 * A row of the reference query. If a second query selects the texts, the row has the column `id` of {@link Texts}, but
 * not the other columns.
 */
type AdvisoryRow = Texts & {
  readonly namespace: string;
  readonly package: string;
  readonly introduced: string | null;
  readonly fixed: string | null;
  readonly last_affected: string | null;
  readonly severity: number;
  readonly status: Status;
};

function isAffected(version: string, { introduced, fixed, last_affected: last }: AdvisoryRow): boolean {
  if (introduced !== null && compareDpkgVersions(version, introduced) < 0) return false;
  if (fixed !== null) return compareDpkgVersions(version, fixed) < 0;
  return last === null || compareDpkgVersions(version, last) <= 0;
}

async function textsOf(
  read: Queries,
  found: readonly { readonly row: AdvisoryRow }[],
): Promise<ReadonlyMap<number, Texts>> {
  const ids = [...new Set(found.map(({ row }) => row.id))];
  const rows = await read.all<Texts>(SELECT_TEXTS, [JSON.stringify(ids)]);
  return new Map(rows.map((row) => [row.id, row]));
}

function bySeverity(a: ReferenceMatch, b: ReferenceMatch): number {
  return b.severity - a.severity || (a.vulnerability < b.vulnerability ? -1 : 1);
}

const ADVISORIES_OF_NAMES = `
FROM json_each(?) AS wanted CROSS JOIN namespace CROSS JOIN line CROSS JOIN affected`;

const OF_NAME = `
WHERE namespace.name = wanted.value ->> 0
  AND line.namespace = namespace.id
  AND line.name = wanted.value ->> 1
  AND line.role = ''
  AND affected.line = line.id`;

const COLUMNS = `
  namespace.name AS namespace, line.name AS package, affected.introduced, affected.fixed, affected.last_affected,
  affected.severity, affected.status, affected.vulnerability AS id`;

const TEXTS = 'vulnerability.feed, vulnerability.name AS vulnerability, vulnerability.link, vulnerability.description';

const SELECT_WITHOUT_TEXTS = `SELECT ${COLUMNS} ${ADVISORIES_OF_NAMES} ${OF_NAME}`;

const SELECT_WITH_TEXTS = `
SELECT ${COLUMNS}, ${TEXTS} ${ADVISORIES_OF_NAMES} CROSS JOIN vulnerability ${OF_NAME}
  AND vulnerability.id = affected.vulnerability`;

const SELECT_TEXTS = `
SELECT vulnerability.id, ${TEXTS}
FROM json_each(?) AS wanted CROSS JOIN vulnerability
WHERE vulnerability.id = CAST(wanted.value AS BIGINT)`;
