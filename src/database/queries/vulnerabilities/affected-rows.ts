import { setImmediate } from 'node:timers/promises';
import type { LineRole } from '../../../ecosystems/ecosystem.ts';
import type { AffectedImport, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { type SeverityOrigin, severityOfRank, severityRank } from '../../../model/severity.ts';
import type { Status } from '../../../model/advisories/status.ts';
import { SCHEMES, type SchemeId } from '../../../versions/index.ts';
import { type CollectedRow, compareKeys, rangeOf, type RangeLine } from './affected-ranges.ts';
import type { InsertTarget, KeyedTarget, Queries, SqlValue, TransactionQueries } from '../../engines/engine.ts';
import { NAMESPACES, LINES } from '../layers/feature-rows.ts';
import { NO_LINES, type StoredLines } from './stored-lines.ts';
import { sortedFew } from '../../../model/advisories/sorted-few.ts';

/** Reads the affected packages of vulnerabilities by id; vulnerabilities without affected packages are absent. */
export async function readAffected(
  queries: Queries,
  vulnerabilities: readonly number[],
): Promise<ReadonlyMap<number, readonly AffectedPackage[]>> {
  const rows = await queries.all<AffectedRow>(SELECT_AFFECTED, [JSON.stringify(vulnerabilities)]);
  return byVulnerability(rows, (row) => ({
    namespace: row.namespace,
    package: row.package,
    ...(row.role !== '' && { role: row.role }),
    ...(row.introduced === null ? {} : { introduced: row.introduced }),
    ...(row.fixed === null ? {} : { fixed: row.fixed }),
    ...(row.last_affected === null ? {} : { lastAffected: row.last_affected }),
    severity: severityOfRank(row.severity),
    ...(row.severity_from === 'feed' ? {} : { severityFrom: row.severity_from }),
    status: row.status,
    ...(row.archs === '' ? {} : { archs: row.archs.slice(1, -1).split(',') }),
    ...(row.module === '' ? {} : { module: row.module }),
    ...(row.cpe === '' ? {} : { cpe: row.cpe }),
    ...(row.imports === '' ? {} : { imports: storedImports(row.imports) }),
  }));
}

/** Parses the column `affected_imports.imports`. */
export function storedImports(text: string): readonly AffectedImport[] {
  return JSON.parse(text);
}

/** Reads the aliases of vulnerabilities by id; vulnerabilities without aliases are absent. */
export async function readAliases(
  queries: Queries,
  vulnerabilities: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const rows = await queries.all<AliasRow>(SELECT_ALIASES, [JSON.stringify(vulnerabilities)]);
  return byVulnerability(rows, ({ name }) => name);
}

/**
 * Creates and inserts the rows of affected packages, which are intervals of version keys on version lines. Valid for
 * one transaction.
 */
export type AffectedRows = {
  /**
   * Collects the rows of a vulnerability.
   *
   * @throws ClairError `version/invalid` for a bound that the scheme cannot order
   */
  readonly add: (vulnerability: number, affected: readonly AffectedPackage[]) => void;
  /** Returns the number of collected rows. */
  readonly size: () => number;
  /**
   * Inserts the missing version lines, and then the collected rows in the order of the primary key, so that consecutive
   * rows are on the same page. If a vulnerability has several rows with the same interval, inserts the first row. In the
   * update of a feed, the first row has the most certain status.
   */
  readonly write: () => Promise<void>;
};

/** The values of {@link AFFECTED}. */
type AffectedValues = readonly [
  line: number,
  hi: Uint8Array,
  vulnerability: number,
  lo: Uint8Array,
  severity: number,
  severityFrom: SeverityOrigin,
  status: Status,
  introduced: string | null,
  fixed: string | null,
  lastAffected: string | null,
  archs: string,
  module: string,
  cpe: string,
];

/** Deletes the rows of vulnerabilities by id. */
export async function deleteAffected(queries: Queries, vulnerabilities: readonly number[]): Promise<void> {
  const ids = vulnerabilities.map((id) => [id]);
  await queries.deleteMany({ table: 'affected', key: ['vulnerability'] }, ids);
  await queries.deleteMany({ table: 'affected_imports', key: ['vulnerability'] }, ids);
}

/** The number of rows that are sorted and inserted per turn of the event loop. */
const ROWS_PER_TURN = 5000;

type SortedRows = { readonly affected: readonly AffectedValues[]; readonly imports: readonly SqlValue[][] };

/**
 * Yields the rows in the order of the primary key, and only the first row of each key. Sorts one version line at a time,
 * so that no step is long.
 */
function* inOrderOfKey(lines: readonly Line[]): Generator<SortedRows> {
  let affected: AffectedValues[] = [];
  let imports: SqlValue[][] = [];
  for (const { id, rows } of lines.toSorted((one, other) => one.id - other.id)) {
    let previous: CollectedRow | undefined;
    for (const row of sortedFew(rows, compareKeys)) {
      if (previous !== undefined && compareKeys(previous, row) === 0) continue;
      previous = row;
      affected.push(affectedValues(id, row));
      if (row.range.imports !== undefined) imports.push(importsValues(id, row, row.range.imports));
    }
    if (affected.length < ROWS_PER_TURN) continue;
    yield { affected, imports };
    affected = [];
    imports = [];
  }
  if (affected.length > 0) yield { affected, imports };
}

function affectedValues(line: number, { vulnerability, range }: CollectedRow): AffectedValues {
  const { hi, lo, severity, severityFrom, status, introduced, fixed, lastAffected, archs, module, cpe } = range;
  const rank = severityRank(severity);
  return [line, hi, vulnerability, lo, rank, severityFrom, status, introduced, fixed, lastAffected, archs, module, cpe];
}

function importsValues(line: number, { vulnerability, range }: CollectedRow, imports: string): SqlValue[] {
  const { hi, lo, archs, module, cpe } = range;
  return [vulnerability, line, hi, lo, archs, module, cpe, imports];
}

/**
 * Creates the rows of one feed. Looks up or inserts each version line once, because most advisories share version lines
 * with other advisories.
 *
 * @param schemeOf returns the scheme of a namespace; each namespace must have a scheme
 * @param stored the namespaces and version lines that need no lookup
 */
export function createAffectedRows(
  queries: TransactionQueries,
  schemeOf: (namespace: string) => SchemeId | undefined,
  stored: Pick<StoredLines, 'namespaceId' | 'lineId'> = NO_LINES,
): AffectedRows {
  const namespaces = new Map<string, Namespace>();
  const schemes = new Map<SchemeId, Line['keyOf']>();
  /** The namespaces by name, and the version lines with a package of each, that have no id yet. */
  const newNamespaces = new Map<string, Namespace>();
  const newLines = new Map<Line, AffectedPackage>();
  /** The version lines with collected rows. */
  let collected: Line[] = [];
  let size = 0;

  /** Returns the function for all namespaces of a scheme, because releases often have the same versions. */
  function keysOf(id: SchemeId): Line['keyOf'] {
    const keyOf = schemes.get(id) ?? rememberedKeys(SCHEMES[id].key);
    schemes.set(id, keyOf);
    return keyOf;
  }

  function namespaceOf(name: string): Namespace {
    const known = namespaces.get(name);
    if (known !== undefined) return known;
    const scheme = schemeOf(name);
    if (scheme === undefined) throw new Error(`the namespace ${name} has no version scheme`);
    const id = stored.namespaceId(name) ?? Number.NaN;
    const made = { id, scheme, keyOf: keysOf(scheme), lines: new Map(), sourceLines: new Map() };
    namespaces.set(name, made);
    if (Number.isNaN(id)) newNamespaces.set(name, made);
    return made;
  }

  function lineOf(of: AffectedPackage): Line {
    const namespace = namespaceOf(of.namespace);
    const lines = linesOf(namespace, of.role);
    const known = lines.get(of.package);
    if (known !== undefined) return known;
    const made: Line = { id: stored.lineId(of) ?? Number.NaN, keyOf: namespace.keyOf, rows: [] };
    lines.set(of.package, made);
    if (Number.isNaN(made.id)) newLines.set(made, of);
    return made;
  }

  /** Looks up or inserts the new namespaces and version lines, and sets their ids. */
  async function insertNew(): Promise<void> {
    const schemesByName = [...newNamespaces].map(([name, namespace]) => [name, namespace.scheme]);
    await ensure(NAMESPACES, newNamespaces.values(), schemesByName);
    newNamespaces.clear();
    const lines = [...newLines.values()].map((of) => [namespaceOf(of.namespace).id, of.package, of.role ?? '']);
    await ensure(LINES, newLines.keys(), lines);
    newLines.clear();
  }

  async function ensure(target: KeyedTarget, made: Iterable<{ id: number }>, rows: SqlValue[][]): Promise<void> {
    if (rows.length === 0) return;
    const ids = await queries.ensureMany(target, rows);
    for (const [place, each] of [...made].entries()) each.id = ids[place] ?? Number.NaN;
  }

  return {
    add(vulnerability, affected) {
      for (const each of affected) {
        const line = lineOf(each);
        if (line.rows.length === 0) collected.push(line);
        line.rows.push({ vulnerability, range: rangeOf(line, each) });
      }
      size += affected.length;
    },
    size: () => size,
    async write() {
      await insertNew();
      let written = 0;
      for (const { affected, imports } of inOrderOfKey(collected)) {
        if (written > 0) await setImmediate();
        await queries.insertMany(AFFECTED, affected);
        if (imports.length > 0) await queries.insertMany(AFFECTED_IMPORTS, imports);
        written += affected.length;
      }
      for (const line of collected) line.rows = [];
      collected = [];
      size = 0;
    },
  };
}

/** The maximum number of remembered keys of a scheme. */
const MAX_REMEMBERED_KEYS = 5000;

/**
 * Returns a function that remembers the last keys, because one version often fixes many advisories with successive
 * identifiers.
 */
function rememberedKeys(keyOf: (version: string) => Uint8Array): (version: string) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (version) => {
    const found = known.get(version);
    if (found !== undefined) return found;
    if (known.size === MAX_REMEMBERED_KEYS) known.clear();
    const key = keyOf(version);
    known.set(version, key);
    return key;
  };
}

const AFFECTED: InsertTarget = {
  table: 'affected',
  columns: [
    'line',
    'hi',
    'vulnerability',
    'lo',
    'severity',
    'severity_from',
    'status',
    'introduced',
    'fixed',
    'last_affected',
    'archs',
    'module',
    'cpe',
  ],
};

const AFFECTED_IMPORTS: InsertTarget = {
  table: 'affected_imports',
  columns: ['vulnerability', 'line', 'hi', 'lo', 'archs', 'module', 'cpe', 'imports'],
};

function byVulnerability<Row extends { readonly vulnerability: number }, Item>(
  rows: readonly Row[],
  itemOf: (row: Row) => Item,
): ReadonlyMap<number, readonly Item[]> {
  const found = new Map<number, Item[]>();
  for (const row of rows) {
    const items = found.get(row.vulnerability);
    if (items === undefined) found.set(row.vulnerability, [itemOf(row)]);
    else items.push(itemOf(row));
  }
  return found;
}

/** A namespace with its version lines by name. */
type Namespace = {
  /** NaN until the namespace is looked up or inserted. */
  id: number;
  readonly scheme: SchemeId;
  readonly keyOf: (version: string) => Uint8Array;
  readonly lines: Map<string, Line>;
  /** The version lines of the role `source`. */
  readonly sourceLines: Map<string, Line>;
};

/**
 * A version line, with the function that returns the keys of its versions, and the collected rows. The id is NaN until
 * the version line is looked up or inserted.
 */
type Line = RangeLine & Pick<Namespace, 'id'> & { rows: CollectedRow[] };

function linesOf({ lines, sourceLines }: Namespace, role: LineRole | undefined): Map<string, Line> {
  return role === undefined ? lines : sourceLines;
}

type AliasRow = { readonly vulnerability: number; readonly name: string };

type AffectedRow = {
  readonly vulnerability: number;
  readonly namespace: string;
  readonly package: string;
  readonly role: '' | LineRole;
  readonly introduced: string | null;
  readonly fixed: string | null;
  readonly last_affected: string | null;
  readonly severity: number;
  readonly severity_from: SeverityOrigin;
  readonly status: Status;
  readonly archs: string;
  readonly module: string;
  readonly cpe: string;
  readonly imports: string;
};

/**
 * An SQL expression for queries of `affected`. The expression returns the packages and functions that the advisory
 * names, as JSON; empty if the advisory names none.
 */
export const IMPORTS_SQL = `COALESCE((
    SELECT affected_imports.imports
    FROM affected_imports
    WHERE affected_imports.vulnerability = affected.vulnerability
      AND affected_imports.line = affected.line
      AND affected_imports.hi = affected.hi
      AND affected_imports.lo = affected.lo
      AND affected_imports.archs = affected.archs
      AND affected_imports.module = affected.module
      AND affected_imports.cpe = affected.cpe
  ), '')`;

/** Parameter of this statement and of `SELECT_ALIASES`: the ids of vulnerabilities as a JSON list. */
export const SELECT_AFFECTED: string = `
SELECT
  affected.vulnerability, namespace.name AS namespace, line.name AS package, line.role,
  affected.introduced, affected.fixed, affected.last_affected, affected.severity, affected.severity_from,
  affected.status, affected.archs, affected.module, affected.cpe, ${IMPORTS_SQL} AS imports
FROM json_each(?) AS wanted
  CROSS JOIN affected
  CROSS JOIN line
  CROSS JOIN namespace
WHERE affected.vulnerability = CAST(wanted.value AS BIGINT)
  AND line.id = affected.line
  AND namespace.id = line.namespace
ORDER BY affected.vulnerability, namespace.name, line.name, line.role, affected.lo, affected.hi,
  affected.module, affected.archs, affected.cpe`;

export const SELECT_ALIASES: string = `
SELECT vulnerability_alias.vulnerability, vulnerability_alias.name
FROM json_each(?) AS wanted CROSS JOIN vulnerability_alias
WHERE vulnerability_alias.vulnerability = CAST(wanted.value AS BIGINT)
ORDER BY vulnerability_alias.vulnerability, vulnerability_alias.name`;
