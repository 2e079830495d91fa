/**
 * What configuration files of the original say that is called otherwise here, or has no meaning any more. Files are
 * accepted with them, and whoever starts the server is told.
 */

/**
 * What a key is called here, by the path that the original had; undefined for one that it did not have.
 *
 * @param databaseType what the file says of `database.type`, if anything
 */
export function renamedKey(original: string, databaseType: unknown): string | undefined {
  if (original !== 'database.options.source') return undefined;
  const known = DATABASE_TYPES.get(databaseType);
  const type = known !== undefined && 'same' in known ? known.same : databaseType;
  return type === 'postgres' ? 'database.source' : 'database.path';
}

/** Keys that change nothing, and why. */
export const KEYS_WITHOUT_EFFECT: ReadonlyMap<string, string> = new Map([
  ['api.servername', 'the server goes by what its certificate says'],
  ['database.options.cachesize', 'the database needs no cache of that kind'],
  ['database.options.managedatabaselifecycle', 'the database is made when it is not there, and kept'],
  ['database.options.fixturepath', 'it was for the tests of the original'],
]);

/** The maps that only such keys stand in. */
export const ORIGINAL_MAPS: ReadonlySet<string> = new Set(['database.options']);

/** What an empty section, or an empty map in it, switches off: the values that it stands for. */
export const OFF_WHEN_EMPTY: ReadonlyMap<string, readonly (readonly [string, unknown])[]> = new Map([
  ['updater', [['updater.interval', '0']]],
  ['tracing', []],
  ['notifier', []],
  ['notifier.http', []],
  ['notifier.amqp', []],
]);

/** The types of databases of both generations: what is the same here, or what to use instead. */
export const DATABASE_TYPES: ReadonlyMap<unknown, DatabaseType> = new Map<unknown, DatabaseType>([
  ['memstore', { same: 'memory' }],
  ...['bolt', 'leveldb', 'sql', 'mongo'].map(insteadOf),
  ['pgsql', { same: 'postgres' }],
  ['postgresql', { same: 'postgres' }],
]);

type DatabaseType = { readonly same: string } | { readonly instead: string };

function insteadOf(type: string): [string, DatabaseType] {
  return [type, { instead: `${type} is no database here: use sqlite, and name its file in database.path` }];
}
