import { env } from 'node:process';
import Table from 'cli-table3';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import type { TableSize } from '../../database/contracts/sizes.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { configOption, type DatabaseChoice, databaseOf } from '../options/config-option.ts';
import { databaseOption } from '../options/database-option.ts';
import { addTableOrJson, type TableOrJson, writeOutput } from '../options/output-options.ts';
import { jsonText } from '../output/json-text.ts';

type StatsOptions = TableOrJson & DatabaseChoice;

/** Creates `clair db stats`, which shows the size of each table. */
export function statsCommand(console: Console): Command {
  const command = new Command('stats').description('Show the number of rows, the size and the age of each table.');
  return addHelp(addTableOrJson(command).addOption(configOption()).addOption(databaseOption()), {
    examples: ['clair db stats', 'clair db stats --format json'],
  }).action(async (options: StatsOptions, self: Command) => {
    const clair = await composeClair(await databaseOf(self, options, env));
    try {
      const { total, free } = await clair.store.sizes.space();
      const tables = (await clair.store.sizes.tables()).map(({ oldest, newest, ...size }) => ({
        ...size,
        oldest: timeText(oldest),
        newest: timeText(newest),
      }));
      const unused = free === undefined ? '' : `, ${free} of them unused`;
      await writeOutput(console, options, () => [
        options.format === 'json'
          ? jsonText({ bytes: total, freeBytes: free, tables })
          : `${tableOf(tables)}\n${total} bytes${unused}\n`,
      ]);
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
