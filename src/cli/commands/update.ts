import { env } from 'node:process';
import { Command, Option } from 'commander';
import pLimit from 'p-limit';
import { type Clair, composeClair } from '../../compose/clair.ts';
import { ClairError } from '../../errors.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import { UPDATE_NICENESS } from '../../updater/niceness.ts';
import { configOf, configOption } from '../options/config-option.ts';
import type { Console } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { databaseOption, databaseText } from '../options/database-option.ts';
import { listOption } from '../options/list-option.ts';
import { EXIT_STATUS, failureStatus, worstStatus } from '../exit-status.ts';
import { createProgressLine } from '../output/progress-line.ts';
import { type FeedUpdateOptions, updateFeed } from '../feeds/feed-update.ts';
import { updaterPlan } from '../settings/updater-settings.ts';
import { printable } from '../../model/printable.ts';
import { failureText } from '../failure-text.ts';

type Options = {
  readonly feed?: readonly string[];
  /** The former name of `feed`. */
  readonly source?: readonly string[];
  readonly from?: string;
  readonly allowShrink: boolean;
  readonly prune: boolean;
  readonly config?: string;
  readonly db: string;
};

/** The number of feeds to update concurrently. */
const PARALLEL_UPDATES = 3;

const NAMES: readonly string[] = [...FETCHERS, ...ENRICHERS].map(({ id }) => id);

const feedList = listOption((text) => NAMES.find((name) => name === text), `one of ${NAMES.join(', ')}`);

const HELP: HelpParts = {
  examples: [
    'clair update',
    'clair update --feed debian,nvd,epss,kev',
    'clair update --feed debian --from debian-security-tracker.json.gz',
  ],
  notes: [`Feeds: ${NAMES.join(', ')}.`, 'A file for --from can be compressed with gzip, bzip2, xz or zstd.'],
  exitStatus: { 0: 'the feeds are current', 2: 'a feed could not be updated; its stored data is unchanged' },
};

/** Creates `clair update`, which updates the feeds. */
export function updateCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('update')
    .description('Download the feeds and store their changes.')
    .addOption(
      new Option('--feed <names>', 'Update only these feeds, such as debian,nvd (default: all)').argParser(feedList),
    )
    .addOption(new Option('--source <names>').argParser(feedList).conflicts('feed').hideHelp())
    .option('--from <path>', 'Read the feed from a local file, directory, tar or zip')
    .option('--allow-shrink', 'Accept a feed with far fewer entries than the stored feed', false)
    .option('--prune', 'Read the whole osv feed, and remove ecosystems not in the update', false)
    .addOption(configOption())
    .addOption(databaseOption());
  return addHelp(command, HELP).action(async (options: Options, self: Command) => {
    const { feed: wanted = options.source, from, allowShrink, prune } = options;
    if (from !== undefined && wanted?.length !== 1) {
      throw new ClairError('cli/usage', '--from requires exactly one feed: add, for example, --feed debian');
    }
    const { config, notices, database } = await configOf(self, options, env);
    for (const notice of notices) console.err(`${printable(`${options.config ?? 'the environment'}: ${notice}`)}\n`);
    const { settings, feeds } = updaterPlan(config, NAMES);
    console.lowerPriority?.(UPDATE_NICENESS);
    const clair = await composeClair(database, { updater: settings });
    try {
      exit(
        await updateAll(console, clair, wanted === undefined ? feeds : [...new Set(wanted)], {
          from,
          allowShrink,
          prune,
        }),
      );
      console.out(`database: ${printable(databaseText(database))}\n`);
    } finally {
      await clair.close();
    }
  });
}

/**
 * Updates the feeds. If a feed fails, reports the feed and continues with the other feeds. The worst failure determines
 * the exit status.
 */
async function updateAll(
  console: Console,
  { updater }: Clair,
  feeds: readonly string[],
  choice: Pick<FeedUpdateOptions, 'from' | 'allowShrink' | 'prune'>,
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
