import { env } from 'node:process';
import Table from 'cli-table3';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { KNOWN_FEEDS } from '../../compose/known-feeds.ts';
import { type FeedRow, feedRows } from '../../model/report/feed-row.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { configOption, type DatabaseChoice, databaseOf } from '../options/config-option.ts';
import { databaseOption } from '../options/database-option.ts';
import { addTableOrJson, type TableOrJson, writeOutput } from '../options/output-options.ts';
import { EXIT_STATUS } from '../exit-status.ts';
import { discoveredUpdaterPlan } from '../settings/updater-settings.ts';
import { printable } from '../../model/printable.ts';
import { jsonText } from '../output/json-text.ts';

type FeedsOptions = TableOrJson & DatabaseChoice;

/** Creates `clair feeds`, which lists the state of each feed. */
export function feedsCommand(console: Console, exit: (status: number) => void, name = 'feeds'): Command {
  const command = new Command(name).description('List the feeds with their age, number of entries and last error.');
  return addHelp(addTableOrJson(command).addOption(configOption()).addOption(databaseOption()), {
    examples: ['clair feeds', 'clair feeds --format json'],
    exitStatus: { 0: 'all updated feeds are fresh', 3: 'a feed is stale, or its last update failed or was refused' },
  }).action(async (options: FeedsOptions, self: Command) => {
    const { settings } = await discoveredUpdaterPlan(env, options.config);
    const clair = await composeClair(await databaseOf(self, options, env), { updater: settings });
    try {
      const now = clair.store.now();
      const rows = feedRows(KNOWN_FEEDS, await clair.store.feeds.all(), now);
      await writeOutput(console, options, () => [options.format === 'json' ? jsonText(rows) : tableOf(rows, now)]);
      const isFresh = rows.every(({ error, isStale }) => error === null && !isStale);
      exit(isFresh ? EXIT_STATUS.done : EXIT_STATUS.incomplete);
    } finally {
      await clair.close();
    }
  });
}

function tableOf(rows: readonly FeedRow[], now: number): string {
  const table = new Table({
    head: ['Feed', 'State', 'Updated', 'Tried', 'Entries', 'Kind', 'Not fully read', 'Fingerprint'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    const tried = row.attemptedAt === null ? null : Math.max(0, Math.floor((now - Date.parse(row.attemptedAt)) / 1000));
    const counts = [String(row.vulnerabilities), row.holds ?? '-', String(row.recordDiagnostics)];
    table.push([row.name, row.state, span(row.ageSeconds), span(tried), ...counts, shortened(row.fingerprint)]);
  }
  const errors = rows.flatMap(({ name, error }) =>
    error === null ? [] : [`${printable(`${name}: the last update failed: ${error}`)}\n`],
  );
  const refusals = rows.flatMap(({ name, error, refused }) =>
    refused === null || refused === error
      ? []
      : [`${printable(`${name}: older data in use, because an update was refused: ${refused}`)}\n`],
  );
  return `${table.toString()}\n${[...errors, ...refusals].join('')}`;
}

/** Returns an age in minutes, hours or days as text, or `-` if the age is unknown. */
function span(seconds: number | null): string {
  if (seconds === null) return '-';
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / (24 * 60))} days`;
}

/**
 * The maximum width of a fingerprint in the table, in characters. A feed with several files has a long fingerprint. The
 * JSON output contains the full fingerprint.
 */
const SHOWN_FINGERPRINT = 24;

function shortened(fingerprint: string | null): string {
  const text = printable(fingerprint ?? '-');
  return text.length > SHOWN_FINGERPRINT ? `${text.slice(0, SHOWN_FINGERPRINT - 1)}…` : text;
}
