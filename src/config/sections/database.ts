import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { type Duration, optionalDurationKey, secretFileKey, secretKey, textKey } from '../key-forms.ts';

/** The database. `sqlite` without a path uses the file of `--db`; `postgres` requires a connection string. */
export type DatabaseConfig = {
  readonly type: 'memory' | 'sqlite' | 'postgres';
  readonly path?: string;
  readonly source?: string;
  readonly sourcefile?: string;
  readonly replica?: string;
  readonly replicafile?: string;
  readonly replicalag?: Duration;
};

const KEYS = mapOf({
  type: Type.Enum(['sqlite', 'postgres', 'memory'], {
    default: 'sqlite',
    title: 'sqlite, postgres or memory',
    description: 'Kind of database: an SQLite file, PostgreSQL, or an in-memory database that is lost at exit',
  }),
  path: textKey(
    'the path of a file',
    'SQLite database file, created if it does not exist',
    'the file of `--db`, by default `~/.local/share/clair/clair.db`',
  ),
  source: secretKey('a postgres:// URL or libpq keyword=value pairs', 'PostgreSQL connection string', {
    accepts: (text) => text.trim() !== '',
  }),
  sourcefile: secretFileKey('source'),
  replica: secretKey(
    'a postgres:// URL or libpq keyword=value pairs',
    'Connection string of a PostgreSQL standby that answers the read requests of the server',
    { accepts: (text) => text.trim() !== '' },
  ),
  replicafile: secretFileKey('replica'),
  replicalag: optionalDurationKey('`10s`', '10s', 'Lag beyond which the primary answers instead of the replica'),
});

/** The section `database`. */
export const DATABASE: ConfigSection<DatabaseConfig> = {
  name: 'database',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
