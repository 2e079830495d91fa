import type Database from 'better-sqlite3';
import type { Engine, KeyedTarget, Queries, SqlValue, TransactionQueries } from '../engine.ts';
import { connect, whileBusy } from './connection.ts';
import { inTransaction, singleConnection } from './engine.ts';
import { explained } from './errors.ts';
import { statementsOn, transactionQueries } from './queries.ts';

/** The tables in memory: the layer tables and the locks. All other tables are read from the file. */
const OWN_TABLES = [
  'feature',
  'feature_point',
  'layer_contents',
  'blob',
  'layer',
  'layer_feature',
  'feature_owner',
  'program',
  'layer_program',
  'layer_statements',
  'lock',
] as const;

/** The ids of layers in memory are above this id, so that they differ from the ids in the file. */
export const FIRST_OVERLAY_LAYER: number = 2 ** 40;

/**
 * Opens an engine with the advisories of a file and with separate layers, which are in memory and are lost when the
 * engine closes. The connection contains the layer tables and attaches the file. SQLite looks up a table first among
 * the connection's own tables (sqlite.org/lang_naming.html). Namespaces and version lines are stored in the file, as
 * for any layer, because advisories refer to them. Housekeeping removes namespaces and version lines that no stored
 * layer uses.
 *
 * @param path a database whose schema is migrated
 * @throws ClairError `database/unavailable` when the file cannot be opened
 */
export async function openSqliteOverlay(path: string): Promise<Omit<Engine, 'schema'>> {
  return await explained(path, async () => {
    const connection = await whileBusy(() => connect(':memory:'));
    try {
      // Foreign keys are off, because a foreign key cannot refer to a table in another file.
      connection.pragma('foreign_keys = OFF');
      connection.prepare('ATTACH DATABASE ? AS stored').run(path);
      await whileBusy(() => createOwnTables(connection));
      const lines = createSharedLines(connection, path);
      const engine = singleConnection(connection, lines.queries, {
        // IMMEDIATE would take the write lock of the file, too.
        begin: 'BEGIN',
        path,
        snapshots: lines,
      });
      return {
        ...engine,
        async close() {
          lines.close();
          await engine.close();
        },
      };
    } catch (error) {
      connection.close();
      throw error;
    }
  });
}

function createOwnTables(connection: Database.Database): void {
  const created = connection.prepare<[string], string>(SELECT_DEFINITIONS).pluck().all(JSON.stringify(OWN_TABLES));
  connection.exec(created.join(';\n'));
  connection.prepare(INSERT_FIRST_LAYER).run(FIRST_OVERLAY_LAYER);
}

/** The definitions, with each table before its indexes. */
const SELECT_DEFINITIONS = `
SELECT sql FROM stored.sqlite_schema
WHERE tbl_name IN (SELECT value FROM json_each(?)) AND sql IS NOT NULL
ORDER BY type DESC`;

const INSERT_FIRST_LAYER = `
INSERT INTO layer (id, name, engine_version, digest, depth, content_sets, diagnostics, created_at)
VALUES (?, '', -1, '', 0, '[]', '[]', 0)`;

type Line = { readonly namespace: number; readonly name: SqlValue; readonly role: SqlValue };
type Namespace = { readonly name: SqlValue; readonly scheme: SqlValue };

/** The queries of an overlay, whose namespaces and version lines are in the file. */
type SharedLines = {
  readonly queries: TransactionQueries;
  /** Returns whether the namespaces and version lines of the layers still have their ids. */
  readonly areValid: (queries: Queries) => Promise<boolean>;
  /** Restores the namespaces and version lines that housekeeping removed, and corrects the features in memory. */
  readonly mend: (queries: TransactionQueries) => Promise<void>;
  readonly close: () => void;
};

function createSharedLines(connection: Database.Database, path: string): SharedLines {
  const own = transactionQueries(statementsOn(connection), path);
  const namespaces = new Map<number, Namespace>();
  const lines = new Map<number, Line>();
  let writer: Database.Database | undefined;

  /** Takes the write lock of the file only for missing rows, because most version lines exist. */
  async function ensureStored(target: KeyedTarget, rows: readonly (readonly SqlValue[])[]): Promise<number[]> {
    const { table, key } = target;
    const keys = rows.map((row) => row.slice(0, key.length));
    const found = await own.findMany({ table: `stored.${table}`, key }, keys);
    const missing = rows.filter((_, at) => found[at] === undefined);
    const made = missing.length === 0 ? [] : await insertStored(target, missing);
    let next = 0;
    return found.map((id) => id ?? made[next++] ?? 0);
  }

  async function insertStored(target: KeyedTarget, rows: readonly (readonly SqlValue[])[]): Promise<number[]> {
    const opened = writer ?? (await explained(path, () => whileBusy(() => connect(path))));
    writer = opened;
    const queries = transactionQueries(statementsOn(opened), path);
    return await inTransaction(opened, queries, path, async () => await queries.ensureMany(target, rows));
  }

  const ensureNamespaces = async (target: KeyedTarget, rows: readonly (readonly SqlValue[])[]): Promise<number[]> => {
    const ids = await ensureStored(target, rows);
    for (const [at, id] of ids.entries())
      namespaces.set(id, { name: rows[at]?.[0] ?? '', scheme: rows[at]?.[1] ?? '' });
    return ids;
  };
  const ensureLines = async (target: KeyedTarget, rows: readonly (readonly SqlValue[])[]): Promise<number[]> => {
    const ids = await ensureStored(target, rows);
    for (const [at, id] of ids.entries()) {
      const [namespace, name = '', role = ''] = rows[at] ?? [];
      lines.set(id, { namespace: Number(namespace), name, role });
    }
    return ids;
  };

  return {
    queries: {
      ...own,
      async ensureMany(target, rows) {
        if (target.table === NAMESPACES.table) return await ensureNamespaces(target, rows);
        if (target.table === LINES.table) return await ensureLines(target, rows);
        return await own.ensureMany(target, rows);
      },
    },
    async areValid(queries) {
      for (const [id, { name }] of namespaces) {
        if ((await queries.get<Namespace>(SELECT_NAMESPACE, [id]))?.name !== name) return false;
      }
      for (const [id, line] of lines) {
        const stored = await queries.get<Line>(SELECT_LINE, [id]);
        if (stored?.namespace !== line.namespace || stored.name !== line.name || stored.role !== line.role)
          return false;
      }
      return true;
    },
    async mend(queries) {
      const before = [...lines];
      const oldNamespaces = [...namespaces];
      namespaces.clear();
      lines.clear();
      const ids = await ensureNamespaces(
        NAMESPACES,
        oldNamespaces.map(([, { name, scheme }]) => [name, scheme]),
      );
      const namespaceIds = new Map(oldNamespaces.map(([id], at) => [id, ids[at] ?? 0]));
      const lineIds = await ensureLines(
        LINES,
        before.map(([, { namespace, name, role }]) => [namespaceIds.get(namespace) ?? 0, name, role]),
      );
      // An id may now belong to another version line, so give all features negative line ids first.
      for (const [at, [id]] of before.entries()) {
        for (const table of WITH_LINES)
          await queries.run(`UPDATE ${table} SET line = ? WHERE line = ?`, [-(lineIds[at] ?? 0), id]);
      }
      for (const table of WITH_LINES) await queries.run(`UPDATE ${table} SET line = -line WHERE line < 0`);
    },
    close: () => void writer?.close(),
  };
}

const NAMESPACES: KeyedTarget = { table: 'namespace', key: ['name'], columns: ['scheme'] };

const LINES: KeyedTarget = { table: 'line', key: ['namespace', 'name', 'role'], columns: [] };

const WITH_LINES = ['feature', 'feature_point'] as const;

const SELECT_NAMESPACE = 'SELECT name, scheme FROM namespace WHERE id = ?';

const SELECT_LINE = 'SELECT namespace, name, role FROM line WHERE id = ?';
