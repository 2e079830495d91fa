import { access } from 'node:fs/promises';
import { Command } from 'commander';
import { copyStore, type SharedDatabaseOptions } from '../../database/open-store.ts';
import { ClairError } from '../../errors.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { databaseOptions } from '../options/database-option.ts';
import { isSameFile } from '../options/same-file.ts';
import { countOf } from '../../model/counted-noun.ts';

/** Creates `clair db copy`, which copies all rows to a new or empty database. */
export function copyCommand(console: Console): Command {
  const command = new Command('copy')
    .description('Copy all data to a new database, and verify the copy.')
    .requiredOption('--from <address>', 'Database to read: sqlite:FILE or postgres://…')
    .requiredOption('--to <address>', 'New or empty database to write: sqlite:FILE or postgres://…');
  return addHelp(command, {
    examples: ['clair db copy --from sqlite:clair.db --to postgres://clair@db.example/clair'],
    exitStatus: { 0: 'all data was copied and verified', 2: 'nothing was copied' },
  }).action(async ({ from, to }: { readonly from: string; readonly to: string }) => {
    const [source, target] = [databaseAt('--from', from), databaseAt('--to', to)];
    if (source.type === 'sqlite') await requireFile(source.path);
    if (await isSameDatabase(source, target)) {
      throw new ClairError('cli/usage', '--from and --to name the same database: set --to to another database');
    }
    let rows = 0;
    await copyStore(source, target, {
      signal: console.signal,
      copied(table) {
        rows += table.rows;
        console.out(`${table.table}: ${countOf(table.rows, 'row')}, sha256 ${table.digest}\n`);
      },
    });
    console.out(`Copied and verified ${countOf(rows, 'row')}.\n`);
  });
}

/**
 * @throws ClairError `cli/usage` for an invalid address; the message omits the address, which can contain a password
 */
function databaseAt(option: string, address: string): SharedDatabaseOptions {
  const path = /^sqlite:(.+)$/.exec(address)?.[1];
  if (path !== undefined) return { type: 'sqlite', path };
  const options = databaseOptions(address);
  if (options.type === 'postgres') return options;
  throw new ClairError('cli/usage', `${option} must be sqlite:FILE or postgres://USER@HOST/NAME`);
}

/**
 * Checks that the file exists, because SQLite would create a missing file and the copy would be empty. SQLite reports
 * other errors.
 */
async function requireFile(path: string): Promise<void> {
  await access(path).catch((error: unknown) => {
    if (!isMissing(error)) return;
    throw new ClairError('copy/source-missing', `the source database ${path} does not exist`, { cause: error });
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/**
 * Compares PostgreSQL addresses only as text. If two spellings name the same database, the copy fails later, because
 * the database is not empty.
 */
async function isSameDatabase(source: SharedDatabaseOptions, target: SharedDatabaseOptions): Promise<boolean> {
  if (source.type === 'sqlite' && target.type === 'sqlite') return await isSameFile(source.path, target.path);
  return source.type === 'postgres' && target.type === 'postgres' && source.source === target.source;
}
