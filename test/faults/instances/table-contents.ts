import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Engine, SqlValue } from '../../../src/database/engines/engine.ts';
import { TABLES } from '../../../src/database/queries/tables.ts';

/** The sorted rows of each table as texts, independent of the time and order of writes. */
export type TableContents = ReadonlyMap<string, readonly string[]>;

/** Reads all tables except `flag`, and replaces each id with a digest of the row that the id refers to. */
export async function readContents({ read }: Pick<Engine, 'read'>): Promise<TableContents> {
  const contents = new Map<string, readonly string[]>();
  /** Digests of rows by table and id. */
  const meant = new Map<string, string>();
  for (const { name, key, columns } of TABLES) {
    if (name === 'flag') continue;
    const rows = await read.all<Readonly<Record<string, SqlValue>>>(
      `SELECT ${columns.join(', ')} FROM ${name} ORDER BY ${key.join(', ')}`,
    );
    const texts = rows.map((row) => {
      const told = columns.filter((column) => column !== 'id' && !isPassing(name, column));
      const text = JSON.stringify(told.map((column) => [column, shown(name, column, row[column])]));
      meant.set(`${name} ${Number(row['id'])}`, digestOf(text));
      return text;
    });
    contents.set(name, texts.toSorted());
  }
  return contents;

  function shown(table: string, column: string, value: SqlValue | undefined): unknown {
    const target = REFERENCES[`${table}.${column}`];
    if (target !== undefined && typeof value === 'number') return meant.get(`${target} ${value}`) ?? `no ${target}`;
    if (table === 'layer_contents' && value instanceof Uint8Array) return gunzipSync(value).toString();
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  }
}

/** Describes the rows that only one side has; empty when both sides are equal. */
export function differences(actual: TableContents, expected: TableContents): readonly string[] {
  return [...expected].flatMap(([table, rows]) => {
    const found = actual.get(table) ?? [];
    const missing = without(rows, found);
    const tooMuch = without(found, rows);
    if (missing.length + tooMuch.length === 0) return [];
    const examples = [...missing.slice(0, 2).map((row) => `- ${row}`), ...tooMuch.slice(0, 2).map((row) => `+ ${row}`)];
    const sums = `${missing.length} rows are missing and ${tooMuch.length} are unexpected`;
    return [`of table ${table} ${sums}:\n${examples.map((row) => row.slice(0, 600)).join('\n')}`];
  });
}

export function digestOfContents(contents: TableContents): string {
  return digestOf(JSON.stringify([...contents]));
}

function without(list: readonly string[], other: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const each of other) left.set(each, (left.get(each) ?? 0) + 1);
  return list.filter((each) => {
    const count = left.get(each) ?? 0;
    left.set(each, count - 1);
    return count <= 0;
  });
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Returns whether a column differs between runs: times, random names, and the attempts and outcomes of deliveries. The
 * outcome depends on whether a delivery is recorded before the receiver reads the notification.
 */
function isPassing(table: string, column: string): boolean {
  if (/_(at|on|attempt|success)$|^(at|since|last_modified)$/.test(column)) return column !== 'dead_at';
  // How often an image is recorded or changed before its findings are counted depends on the instances.
  if (table === 'image' && /^(generation|is_counted|counts|counted_|valid_until|risk|findings|worst|is_)/.test(column))
    return true;
  return table === 'notification' && PASSING_OF_NOTIFICATIONS.has(column);
}

const PASSING_OF_NOTIFICATIONS: ReadonlySet<string> = new Set([
  'name',
  'attempts',
  'error',
  'claimed_by',
  'channels',
  'deliveries',
  'total_attempts',
  'failure',
]);

/** The table whose ids a `table.column` contains. */
const REFERENCES: Readonly<Record<string, string>> = {
  'line.namespace': 'namespace',
  'feature.line': 'line',
  'feature_point.line': 'line',
  'feature_point.feature': 'feature',
  'layer.parent': 'layer',
  'layer_feature.layer': 'layer',
  'layer_feature.feature': 'feature',
  'feature_owner.layer': 'layer',
  'feature_owner.feature': 'feature',
  'feature_owner.owner': 'feature',
  'layer_program.layer': 'layer',
  'layer_program.program': 'program',
  'image.leaf': 'layer',
  'image_layer.image': 'image',
  'image_reference.image': 'image',
  'image_chain.layer': 'layer',
  'image_chain.image': 'image',
  'vulnerability_alias.vulnerability': 'vulnerability',
  'affected.line': 'line',
  'affected.vulnerability': 'vulnerability',
  'affected_imports.line': 'line',
  'affected_imports.vulnerability': 'vulnerability',
  'manual_metadata.vulnerability': 'vulnerability',
  'change_log.feed_update': 'feed_update',
  'notification.change': 'change_log',
  'update_notification.feed_update': 'feed_update',
  'update_notification_change.notification': 'update_notification',
  'update_notification_change.change': 'change_log',
  'update_notification_feature.notification': 'update_notification',
  'update_notification_feature.feature': 'feature',
  'update_notification_feature.change': 'change_log',
};
