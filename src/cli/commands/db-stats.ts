import Table from 'cli-table3';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import type { TableSize } from '../../database/contracts/sizes.ts';
import type { Console } from '../console.ts';
import { databaseOption, databaseOptions } from '../options/database-option.ts';
import { jsonText } from '../output/json-text.ts';

/** `clair db stats`: what the tables hold and take. */
export function statsCommand(console: Console): Command {
  return new Command('stats')
    .description('Show the rows of each table with the bytes that they take, and the times of the oldest and newest.')
    .option('--json', 'write JSON', false)
    .addOption(databaseOption())
    .action(async ({ db, json }: { readonly db: string; readonly json: boolean }) => {
      const clair = await composeClair(databaseOptions(db));
      try {
        const { total, free } = await clair.store.sizes.space();
        const tables = (await clair.store.sizes.tables()).map(({ oldest, newest, ...size }) => ({
          ...size,
          oldest: timeText(oldest),
          newest: timeText(newest),
        }));
        if (json) console.out(jsonText({ bytes: total, freeBytes: free, tables }));
        else {
          const waiting = free === undefined ? '' : `, of which ${free} wait for new rows`;
          console.out(`${tableOf(tables)}\n${total} bytes${waiting}\n`);
        }
      } finally {
        await clair.close();
      }
    });
}

type Shown = Pick<TableSize, 'table' | 'rows' | 'bytes'> & {
  readonly oldest: string | null;
  readonly newest: string | null;
};

function tableOf(sizes: readonly Shown[]): string {
  const table = new Table({
    head: ['Table', 'Rows', 'Bytes', 'Oldest', 'Newest'],
    colAligns: ['left', 'right', 'right', 'left', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { table: name, rows, bytes, oldest, newest } of sizes) {
    table.push([name, String(rows), String(bytes), oldest ?? '', newest ?? '']);
  }
  return table.toString();
}

function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
