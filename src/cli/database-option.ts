import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { Option } from 'commander';
import type { DatabaseOptions } from '../database/open-store.ts';

/** `--db FILE`, which every command that needs the database has. */
export function databaseOption(): Option {
  const option = new Option(
    '--db <file>',
    'file of the embedded database, or "memory" for one that is gone afterwards',
  ).default(defaultPath());
  // A variable that is empty is as if it were not there: a database without a name would be a temporary one.
  return env['CLAIR_DB'] === '' ? option : option.env('CLAIR_DB');
}

/** What the value of `--db` means. */
export function databaseOptions(file: string): DatabaseOptions {
  return file === 'memory' ? { type: 'memory' } : { type: 'sqlite', path: file };
}

/** XDG Base Directory Specification: data files of a user. */
function defaultPath(): string {
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'clair', 'clair.db');
}
