import { access } from 'node:fs/promises';
import { Command } from 'commander';
import { copyStore, type SharedDatabaseOptions } from '../../database/open-store.ts';
import { ClairError } from '../../errors.ts';
import type { Console } from '../console.ts';
import { databaseOptions } from '../options/database-option.ts';
import { isSameFile } from '../options/same-file.ts';

/** `clair db copy`: moves everything to another database. */
export function copyCommand(console: Console): Command {
  return new Command('copy')
    .description('Copy everything from one database into another one that is new, and verify it.')
    .requiredOption('--from <address>', 'database to read: sqlite:FILE or postgres://…')
    .requiredOption('--to <address>', 'database to write, which must be new or empty: sqlite:FILE or postgres://…')
    .action(async ({ from, to }: { readonly from: string; readonly to: string }) => {
      const [source, target] = [databaseAt(from), databaseAt(to)];
      if (source.type === 'sqlite') await requireFile(source.path);
      if (await isSameDatabase(source, target)) {
        throw new ClairError('cli/usage', 'a database cannot be copied into itself');
      }
      let rows = 0;
      await copyStore(source, target, {
        signal: console.signal,
        copied(table) {
          rows += table.rows;
          console.out(`${table.table}: ${table.rows} rows, sha256 ${table.digest}\n`);
        },
      });
      console.out(`${rows} rows are copied and verified\n`);
    });
}

/** @throws ClairError `cli/usage` for what is no address of a database; it may hold a password, and is not repeated. */
function databaseAt(address: string): SharedDatabaseOptions {
  const path = /^sqlite:(.+)$/.exec(address)?.[1];
  if (path !== undefined) return { type: 'sqlite', path };
  const options = databaseOptions(address);
  if (options.type === 'postgres') return options;
  throw new ClairError('cli/usage', 'the address of a database must be sqlite:FILE or postgres://USER@HOST/NAME');
}

/** A file that is not there would be made, and an empty database copied. */
async function requireFile(path: string): Promise<void> {
  await access(path).catch((error: unknown) => {
    throw new ClairError('copy/source-missing', `there is no database ${path}`, { cause: error });
  });
}

/** Of PostgreSQL one that is named in two ways is found by what it holds: a copy is put into nothing but an empty one. */
async function isSameDatabase(source: SharedDatabaseOptions, target: SharedDatabaseOptions): Promise<boolean> {
  if (source.type === 'sqlite' && target.type === 'sqlite') return await isSameFile(source.path, target.path);
  return source.type === 'postgres' && target.type === 'postgres' && source.source === target.source;
}
