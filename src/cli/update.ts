import { Command, Option } from 'commander';
import { composeClair } from '../compose.ts';
import { ClairError } from '../errors.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';
import type { UpdateOptions, UpdateResult } from '../updater/updater.ts';
import type { Console } from './console.ts';
import { databaseOption, databaseOptions } from './database-option.ts';
import { EXIT_STATUS, failureStatus } from './exit-status.ts';

/** `clair update`: brings the sources of vulnerabilities up to date. */
export function updateCommand(console: Console, exit: (status: number) => void): Command {
  return new Command('update')
    .description('Fetch what the sources of vulnerabilities say now, and store what is new, changed or withdrawn.')
    .addOption(new Option('--source <name>', 'only this source').choices(FETCHERS.map(({ id }) => id)))
    .option('--from <file>', 'read the upstream document from a file: plain, gzip, bzip2, xz or zstd')
    .addOption(databaseOption())
    .action(async (options: { source?: string; from?: string; db: string }) => {
      exit(await update(console, options));
    });
}

/** A source that fails is told and does not stop the others; the first failure decides the exit status. */
async function update(console: Console, options: { source?: string; from?: string; db: string }): Promise<number> {
  const { source, from, db } = options;
  if (from !== undefined && source === undefined && FETCHERS.length > 1) {
    throw new ClairError('cli/usage', '--from needs --source: a file belongs to one source');
  }
  const clair = await composeClair(databaseOptions(db));
  try {
    let status: number = EXIT_STATUS.done;
    for (const name of source === undefined ? clair.updater.sources : [source]) {
      const updateOptions: UpdateOptions = { signal: console.signal, ...(from !== undefined && { from }) };
      const start = Date.now();
      try {
        const result = await clair.updater.update(name, updateOptions);
        console.out(`${name}: ${describe(result)} (${((Date.now() - start) / 1000).toFixed(1)} s)\n`);
      } catch (error) {
        if (!(error instanceof ClairError)) throw error;
        console.err(`${name}: ${error.message}\n${error.remedy} [${error.code}]\n`);
        if (status === EXIT_STATUS.done) status = failureStatus(error);
      }
    }
    return status;
  } finally {
    await clair.close();
  }
}

function describe(result: UpdateResult): string {
  if (result.kind === 'not-modified') return 'nothing changed upstream';
  const { added, changed, withdrawn, unchanged } = result.counts;
  const counts = `${added} added, ${changed} changed, ${withdrawn} withdrawn, ${unchanged} unchanged`;
  if (result.unclear.count === 0) return counts;
  return `${counts}; ${result.unclear.count} records not understood:\n  ${result.unclear.examples.join('\n  ')}\n`;
}
