import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { Option } from 'commander';
import type { Config } from '../../config/schema.ts';
import type { DatabaseOptions } from '../../database/open-store.ts';

/** `--db FILE` or `--db URL`, which every command that needs the database has. */
export function databaseOption(): Option {
  const option = new Option(
    '--db <file or URL>',
    'file of the embedded database, postgres:// URL of another, or "memory" for one that is gone afterwards',
  ).default(defaultPath());
  // A variable that is empty is as if it were not there: a database without a name would be a temporary one.
  return env['CLAIR_DB'] === '' ? option : option.env('CLAIR_DB');
}

/** What the value of `--db` means. */
export function databaseOptions(value: string): DatabaseOptions {
  if (value === 'memory') return { type: 'memory' };
  return /^postgres(ql)?:/.test(value) ? { type: 'postgres', source: value } : { type: 'sqlite', path: value };
}

/**
 * What the section `database` of the configuration means.
 *
 * @param file the value of `--db`, for where it names none
 */
export function configuredDatabase({ database }: Pick<Config, 'database'>, file: string): DatabaseOptions {
  const { type, path = file, source = '' } = database;
  switch (type) {
    case 'memory':
      return { type };
    case 'sqlite':
      return { type, path };
    case 'postgres':
      return { type, source };
  }
}

/** XDG Base Directory Specification: data files of a user. */
function defaultPath(): string {
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'clair', 'clair.db');
}
