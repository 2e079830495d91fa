import type { AffectedPackage } from '../model/advisory.ts';
import { severityOfRank, severityRank } from '../model/severity.ts';
import type { Status } from '../model/status.ts';
import { SCHEMES } from '../versions/index.ts';
import { INFINITY_KEY, type SchemeId, ZERO_KEY } from '../versions/scheme.ts';
import type { InsertTarget, Queries } from './engine.ts';
import { ensureNamespace, ensureStream } from './package-rows.ts';

/** Reads all that a vulnerability affects, given its id. */
export async function readAffected(queries: Queries, vulnerability: number): Promise<AffectedPackage[]> {
  const rows = await queries.all<AffectedRow>(SELECT_AFFECTED, [vulnerability]);
  return rows.map((row) => ({
    namespace: row.namespace,
    package: row.package,
    ...(row.introduced === null ? {} : { introduced: row.introduced }),
    ...(row.fixed === null ? {} : { fixed: row.fixed }),
    severity: severityOfRank(row.severity),
    status: row.status,
  }));
}

/** Makes the rows of what vulnerabilities affect: intervals of version keys on streams. For one transaction. */
export type AffectedRows = {
  /** @throws ClairError `version/invalid` for a bound that the scheme cannot order. */
  readonly of: (vulnerability: number, affected: readonly AffectedPackage[]) => Promise<AffectedValues[]>;
};

/** One row of {@link AFFECTED}. */
export type AffectedValues = readonly [
  stream: number,
  hi: Uint8Array,
  vulnerability: number,
  lo: Uint8Array,
  severity: number,
  status: Status,
  introduced: string | null,
  fixed: string | null,
];

/** Of several entries with one interval the first one counts; advisories come with the surest one first. */
export const AFFECTED: InsertTarget = {
  table: 'affected',
  columns: ['stream', 'hi', 'vulnerability', 'lo', 'severity', 'status', 'introduced', 'fixed'],
  skipExisting: true,
};

/** Remembers the streams, which a feed repeats for each of its vulnerabilities, and makes those that are new. */
export function createAffectedRows(queries: Queries, scheme: SchemeId): AffectedRows {
  const { key } = SCHEMES[scheme];
  const namespaces = new Map<string, { readonly id: number; readonly streams: Map<string, number> }>();

  async function makeStream(of: AffectedPackage): Promise<number> {
    let namespace = namespaces.get(of.namespace);
    if (namespace === undefined) {
      namespace = { id: await ensureNamespace(queries, of.namespace, scheme), streams: new Map() };
      namespaces.set(of.namespace, namespace);
    }
    const stream = await ensureStream(queries, namespace.id, of.package);
    namespace.streams.set(of.package, stream);
    return stream;
  }

  return {
    async of(vulnerability, affected) {
      const rows: AffectedValues[] = [];
      for (const each of affected) {
        rows.push([
          namespaces.get(each.namespace)?.streams.get(each.package) ?? (await makeStream(each)),
          each.fixed === undefined ? INFINITY_KEY : key(each.fixed),
          vulnerability,
          each.introduced === undefined ? ZERO_KEY : key(each.introduced),
          severityRank(each.severity),
          each.status,
          each.introduced ?? null,
          each.fixed ?? null,
        ]);
      }
      return rows;
    },
  };
}

type AffectedRow = {
  readonly namespace: string;
  readonly package: string;
  readonly introduced: string | null;
  readonly fixed: string | null;
  readonly severity: number;
  readonly status: Status;
};

const SELECT_AFFECTED = `
SELECT
  namespace.name AS namespace, stream.name AS package,
  affected.introduced, affected.fixed, affected.severity, affected.status
FROM affected
  CROSS JOIN stream
  CROSS JOIN namespace
WHERE affected.vulnerability = ? AND stream.id = affected.stream AND namespace.id = stream.namespace
ORDER BY namespace.name, stream.name, affected.lo`;
