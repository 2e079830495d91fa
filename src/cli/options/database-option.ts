import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { env } from 'node:process';
import { Option } from 'commander';
import type { Config } from '../../config/schema.ts';
import { parseDuration } from '../../config/duration.ts';
import { parsePostgresAddress } from '../../database/engines/postgres/address.ts';
import { replicationMemory } from '../../database/engines/postgres/replica/replication-state.ts';
import type { DatabaseOptions } from '../../database/open-store.ts';

/** The default of `database.replicalag`. */
const DEFAULT_LAG = '10s';

/** Returns the option `--db` of every command that needs the database. */
export function databaseOption(): Option {
  const option = new Option('--db <file or URL>', 'SQLite file, postgres:// URL, or memory').default(defaultPath());
  // An empty variable counts as unset, because an empty file name would open a temporary database.
  return env['CLAIR_DB'] === '' ? option : option.env('CLAIR_DB');
}

/** Returns the database that a value of `--db` names. */
export function databaseOptions(value: string): DatabaseOptions {
  if (value === 'memory') return { type: 'memory' };
  return /^postgres(ql)?:/.test(value) ? { type: 'postgres', source: value } : { type: 'sqlite', path: value };
}

/** Returns the name of a database for messages: the absolute path, or the address without user and password. */
export function databaseText(options: DatabaseOptions): string {
  switch (options.type) {
    case 'memory':
      return options.type;
    case 'sqlite':
      return resolve(options.path);
    case 'postgres': {
      const { client, servers } = parsePostgresAddress(options.source);
      const shown = servers.map(({ host = 'localhost', port }) => `${host}${port === undefined ? '' : `:${port}`}`);
      return `postgres://${shown.join(',')}/${client.database ?? ''}`;
    }
  }
}

/**
 * Returns the database that the section `database` of the configuration names.
 *
 * @param file the SQLite file to use if the section names no file
 */
export function configuredDatabase({ database }: Pick<Config, 'database'>, file: string): DatabaseOptions {
  const { type, path = file, source = '', replica, replicalag = DEFAULT_LAG } = database;
  switch (type) {
    case 'memory':
      return { type };
    case 'sqlite':
      return { type, path };
    case 'postgres': {
      if (replica === undefined) return { type, source };
      const maxLag = parseDuration(replicalag) ?? 0;
      return { type, source, replica: { source: replica, maxLag, memory: replicationMemory() } };
    }
  }
}

/** Returns the default SQLite file, in the folder for a user's data files (XDG Base Directory Specification). */
function defaultPath(): string {
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'clair', 'clair.db');
}
