import { access } from 'node:fs/promises';
import { Command } from 'commander';
import { copyStore, type DatabaseOptions } from '../database/open-store.ts';
import { ClairError } from '../errors.ts';
import type { Console } from './console.ts';
import { isSameFile } from './same-file.ts';

/** `clair db copy`: moves everything to another database. */
export function copyCommand(console: Console): Command {
  return new Command('copy')
    .description('Copy everything from one database into another one that is new, and verify it.')
    .requiredOption('--from <address>', 'database to read: sqlite:FILE')
    .requiredOption('--to <address>', 'database to write, which must be new or empty: sqlite:FILE')
    .action(async ({ from, to }: { readonly from: string; readonly to: string }) => {
      const [source, target] = [databaseAt(from), databaseAt(to)];
      await access(source.path).catch((error: unknown) => {
        throw new ClairError('copy/source-missing', `there is no database ${source.path}`, { cause: error });
      });
      if (await isSameFile(source.path, target.path)) {
        throw new ClairError('cli/usage', `${source.path} cannot be copied into itself`);
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

/** @throws ClairError `cli/usage` for what is no address of a database. */
function databaseAt(address: string): Extract<DatabaseOptions, { type: 'sqlite' }> {
  const path = /^sqlite:(.+)$/.exec(address)?.[1];
  if (path !== undefined) return { type: 'sqlite', path };
  throw new ClairError('cli/usage', `${address} is no address of a database: it must be sqlite:FILE`);
}
