/**
 * The keys and values of Clair v2 configuration files that have a different name or no effect in this release. Clair
 * accepts the former names with a notice.
 */

/**
 * Returns the current path of a renamed Clair v2 key, or undefined for any other key.
 *
 * @param databaseType the value of `database.type` in the file, if any
 */
export function renamedKey(original: string, databaseType: unknown): string | undefined {
  if (original !== 'database.options.source') return undefined;
  const known = DATABASE_TYPES.get(databaseType);
  const type = known !== undefined && 'same' in known ? known.same : databaseType;
  return type === 'postgres' ? 'database.source' : 'database.path';
}

/** The keys without effect, each with the reason. */
export const KEYS_WITHOUT_EFFECT: ReadonlyMap<string, string> = new Map([
  ['api.servername', 'the certificate determines the server name'],
  ['database.options.cachesize', 'the database does not use this cache'],
  ['database.options.managedatabaselifecycle', 'Clair creates the database if it does not exist, and never deletes it'],
  ['database.options.fixturepath', 'the key is for tests of Clair v2'],
]);

/** Maps that only Clair v2 files have. */
export const ORIGINAL_MAPS: ReadonlySet<string> = new Set(['database.options']);

/**
 * The sections and maps that turn a feature off in Clair v2 when they are empty, with the values that turn the feature
 * off in this release.
 */
export const OFF_WHEN_EMPTY: ReadonlyMap<string, readonly (readonly [string, unknown])[]> = new Map([
  ['updater', [['updater.interval', '0']]],
  ['tracing', []],
  ['notifier', []],
  ['notifier.http', []],
  ['notifier.amqp', []],
]);

/** The database types of Clair v1 and v2, each with the current name or the replacement. */
export const DATABASE_TYPES: ReadonlyMap<unknown, DatabaseType> = new Map<unknown, DatabaseType>([
  ['memstore', { same: 'memory' }],
  ...['bolt', 'leveldb', 'sql', 'mongo'].map(insteadOf),
  ['pgsql', { same: 'postgres' }],
  ['postgresql', { same: 'postgres' }],
]);

type DatabaseType = { readonly same: string } | { readonly instead: string };

function insteadOf(type: string): [string, DatabaseType] {
  return [type, { instead: `${type} is not supported: use sqlite, with its file in database.path` }];
}
