import { env } from 'node:process';
import { Command, Option } from 'commander';
import pLimit from 'p-limit';
import { type Clair, composeClair } from '../../compose/clair.ts';
import { ClairError } from '../../errors.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import { configOf, configOption } from '../options/config-option.ts';
import type { Console } from '../console.ts';
import { databaseOption } from '../options/database-option.ts';
import { EXIT_STATUS, failureStatus, worstStatus } from '../exit-status.ts';
import { createProgressLine } from '../output/progress-line.ts';
import { type FeedUpdateOptions, updateFeed } from '../feed-update.ts';
import { updaterPlan } from '../settings/updater-settings.ts';
import { printable } from '../../model/printable.ts';
import { failureText } from '../failure-text.ts';

type Options = {
  readonly feed?: string;
  /** The former name of `feed`. */
  readonly source?: string;
  readonly from?: string;
  readonly allowShrink: boolean;
  readonly config?: string;
  readonly db: string;
};

/** How many feeds are updated at a time. */
const PARALLEL_UPDATES = 3;

const NAMES: readonly string[] = [...FETCHERS, ...ENRICHERS].map(({ id }) => id);

/** `clair update`: updates the feeds. */
export function updateCommand(console: Console, exit: (status: number) => void): Command {
  return new Command('update')
    .description('Download the feeds and store what changed.')
    .addOption(new Option('--feed <name>', 'update only this feed').choices(NAMES))
    .addOption(new Option('--source <name>').choices(NAMES).conflicts('feed').hideHelp())
    .option(
      '--from <path>',
      'read local copies of the documents of a feed: a file (plain, gzip, bzip2, xz or zstd), a directory, a tar or a zip',
    )
    .option('--allow-shrink', 'accept a feed with far fewer records than are stored', false)
    .addOption(configOption())
    .addOption(databaseOption())
    .action(async (options: Options, command: Command) => {
      const { feed = options.source, from, allowShrink } = options;
      if (from !== undefined && feed === undefined) {
        throw new ClairError('cli/usage', '--from needs --feed: documents belong to one feed');
      }
      const { config, notices, database } = await configOf(command, options, env);
      for (const notice of notices) console.err(`${printable(`${options.config}: ${notice}`)}\n`);
      const { settings, feeds } = updaterPlan(config, NAMES);
      const clair = await composeClair(database, { updater: settings });
      try {
        exit(await updateAll(console, clair, feed === undefined ? feeds : [feed], { from, allowShrink }));
      } finally {
        await clair.close();
      }
    });
}

/** A feed that fails is reported and does not stop the others; the worst failure decides the exit status. */
async function updateAll(
  console: Console,
  { updater }: Clair,
  feeds: readonly string[],
  choice: Pick<FeedUpdateOptions, 'from' | 'allowShrink'>,
): Promise<number> {
  const { signal } = console;
  const progress = createProgressLine(console, Date.now);
  const whenFree = pLimit(PARALLEL_UPDATES);

  async function update(feed: string): Promise<number> {
    signal.throwIfAborted();
    try {
      console.out(await updateFeed(feed, { console, updater, progress, ...choice }));
      return EXIT_STATUS.done;
    } catch (error) {
      if (!(error instanceof ClairError)) throw error;
      console.err(failureText(error, feed));
      return failureStatus(error);
    }
  }

  const outcomes = await Promise.allSettled(feeds.map((feed) => whenFree(() => update(feed))));
  const defect = outcomes.find((outcome) => outcome.status === 'rejected');
  if (defect !== undefined) throw defect.reason;
  return worstStatus(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : EXIT_STATUS.defect)));
}
