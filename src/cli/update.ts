import { env } from 'node:process';
import { Command, Option } from 'commander';
import pLimit from 'p-limit';
import { type Clair, composeClair } from '../compose.ts';
import { ClairError } from '../errors.ts';
import { skippedCount } from '../model/source.ts';
import { ENRICHERS } from '../updater/enrichers/index.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';
import type { UpdateProgress } from '../updater/update-progress.ts';
import type { UpdateResult } from '../updater/updater.ts';
import { configOf, configOption } from './config-option.ts';
import type { Console } from './console.ts';
import { databaseOption } from './database-option.ts';
import { EXIT_STATUS, failureStatus, worstStatus } from './exit-status.ts';
import { createProgressLine } from './progress-line.ts';
import { updaterPlan } from './updater-settings.ts';

type Options = { readonly source?: string; readonly from?: string; readonly config?: string; readonly db: string };

/** How many sources are read at a time. */
const PARALLEL_UPDATES = 3;

const NAMES: readonly string[] = [...FETCHERS, ...ENRICHERS].map(({ id }) => id);

/** `clair update`: brings the sources up to date, of vulnerabilities and of facts about CVEs. */
export function updateCommand(console: Console, exit: (status: number) => void): Command {
  return new Command('update')
    .description(
      'Fetch what the sources of vulnerabilities and of facts about CVEs say now, and store the differences.',
    )
    .addOption(new Option('--source <name>', 'only this source').choices(NAMES))
    .option(
      '--from <path>',
      'read copies of the upstream documents: a file (plain, gzip, bzip2, xz or zstd), a directory, a tar or a zip',
    )
    .addOption(configOption())
    .addOption(databaseOption())
    .action(async (options: Options, command: Command) => {
      const { source, from } = options;
      if (from !== undefined && source === undefined) {
        throw new ClairError('cli/usage', '--from needs --source: documents belong to one source');
      }
      const { config, notices, database } = await configOf(command, options, env);
      for (const notice of notices) console.err(`${options.config}: ${notice}\n`);
      const { settings, sources } = updaterPlan(config, NAMES);
      const clair = await composeClair(database, { updater: settings });
      try {
        exit(await updateAll(console, clair, source === undefined ? sources : [source], from));
      } finally {
        await clair.close();
      }
    });
}

/** A source that fails is told and does not stop the others; the worst failure decides the exit status. */
async function updateAll(
  console: Console,
  { updater }: Clair,
  sources: readonly string[],
  from: string | undefined,
): Promise<number> {
  const { signal } = console;
  const progress = createProgressLine(console, Date.now);
  const whenFree = pLimit(PARALLEL_UPDATES);

  async function update(source: string): Promise<number> {
    signal.throwIfAborted();
    const start = Date.now();
    try {
      const result = await updater.update(source, {
        signal,
        progress: (now) => progress.set(source, progressText(now)),
        ...(from !== undefined && { from }),
      });
      progress.done(source);
      console.out(`${source}: ${describe(result)} (${((Date.now() - start) / 1000).toFixed(1)} s)\n`);
      return EXIT_STATUS.done;
    } catch (error) {
      progress.done(source);
      if (!(error instanceof ClairError)) throw error;
      console.err(`${source}: ${error.message}\n${error.remedy} [${error.code}]\n`);
      return failureStatus(error);
    }
  }

  const outcomes = await Promise.allSettled(sources.map((source) => whenFree(() => update(source))));
  const defect = outcomes.find((outcome) => outcome.status === 'rejected');
  if (defect !== undefined) throw defect.reason;
  return worstStatus(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : EXIT_STATUS.defect)));
}

function progressText({ phase, bytes, records }: UpdateProgress): string {
  const size = bytes === 0 ? '' : `${(bytes / 1e6).toFixed(1)} MB, `;
  return `${phase}, ${size}${records} records`;
}

function describe(result: UpdateResult): string {
  if (result.kind === 'not-modified') return 'nothing changed upstream';
  const { added, changed, withdrawn, unchanged } = result.counts;
  const counts = `${added} added, ${changed} changed, ${withdrawn} withdrawn, ${unchanged} unchanged`;
  if (result.unclear.count === 0) return counts;
  const { count, examples } = result.unclear;
  const skipped = skippedCount(result.unclear);
  return `${counts}; ${count} records not understood, ${skipped} of them skipped:\n  ${examples.join('\n  ')}\n`;
}
