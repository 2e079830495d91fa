/**
 * What configuration files of the original say that is called otherwise here, or has no meaning any more. Files are
 * accepted with them, and whoever starts the server is told.
 */

/** Keys of the same meaning, by the path that the original had. */
export const RENAMED_KEYS: ReadonlyMap<string, string> = new Map([['database.options.source', 'database.path']]);

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
  ...['bolt', 'leveldb', 'sql', 'mongo'].map((type) => insteadOf(type, 'is no database here')),
  ...['pgsql', 'postgres', 'postgresql'].map((type) => insteadOf(type, 'is not built yet')),
]);

type DatabaseType = { readonly same: string } | { readonly instead: string };

function insteadOf(type: string, why: string): [string, DatabaseType] {
  return [type, { instead: `${type} ${why}: use sqlite, and name its file in database.path` }];
}
