import { env } from 'node:process';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import type { DatabaseOptions } from '../../database/open-store.ts';
import { ClairError } from '../../errors.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { openExportFile } from '../../updater/exchange/export-file.ts';
import { type ExportedFeed, exportFeeds } from '../../updater/exchange/feed-export.ts';
import { type ImportedFeed, importFeeds } from '../../updater/exchange/feed-import.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import { clairVersion } from '../../version.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { configOption, type DatabaseChoice, databaseOf } from '../options/config-option.ts';
import { databaseOption, databaseText } from '../options/database-option.ts';
import { copyCommand } from './db-copy.ts';
import { migrateCommand } from './db-migrate.ts';
import { publishCommand } from './db-publish.ts';
import { pullCommand } from './db-pull.ts';
import { statsCommand } from './db-stats.ts';
import { vacuumCommand } from './db-vacuum.ts';
import { EXIT_STATUS, failureStatus } from '../exit-status.ts';
import { isSameFile } from '../options/same-file.ts';
import { printable } from '../../model/printable.ts';
import { failureText } from '../failure-text.ts';
import { countOf } from '../../model/counted-noun.ts';

/** Creates `clair db`, which groups the commands for the whole database. */
export function dbCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('db').description(
    'Export, import, publish, pull, copy, migrate, compact and inspect databases.',
  );
  return addHelp(command, {
    examples: ['clair db export feeds.clair', 'clair db import feeds.clair', 'clair db stats'],
  })
    .addCommand(exportCommand(console))
    .addCommand(importCommand(console, exit))
    .addCommand(publishCommand(console))
    .addCommand(pullCommand(console, exit))
    .addCommand(copyCommand(console))
    .addCommand(migrateCommand(console))
    .addCommand(vacuumCommand(console))
    .addCommand(statsCommand(console));
}

function exportCommand(console: Console): Command {
  const command = new Command('export')
    .description('Write the data of all feeds to a file, for a machine without network access.')
    .argument('<file>', 'File to write; an existing file is replaced')
    .addOption(configOption())
    .addOption(databaseOption());
  return addHelp(command, {
    examples: ['clair db export feeds.clair'],
    notes: ['Feeds without stored data are not exported; the output lists them.'],
    exitStatus: {
      0: 'the feeds were exported',
      2: 'no file was written; an existing file is unchanged',
      130: 'the command was stopped',
    },
  }).action(async (path: string, options: DatabaseChoice, self: Command) => {
    await exportTo(console, path, await databaseOf(self, options, env));
  });
}

function importCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('import')
    .description('Replace feed data with the data in an export file.')
    .argument('<file>', 'File written by clair db export')
    .option('--force', 'Accept data that is older than the stored data', false)
    .option('--allow-shrink', 'Accept feeds with far fewer entries than the stored feeds', false)
    .addOption(configOption())
    .addOption(databaseOption());
  return addHelp(command, {
    examples: ['clair db import feeds.clair', 'clair db import feeds.clair --force'],
    notes: ['Clair verifies the file before it changes the database. Feeds that are not in the file keep their data.'],
    exitStatus: {
      0: 'all feeds in the file were imported',
      2: 'the file is invalid, or a feed was not imported and keeps its data',
    },
  }).action(async (path: string, options: ImportChoice & DatabaseChoice, self: Command) => {
    exit(await importFrom(console, path, { ...options, database: await databaseOf(self, options, env) }));
  });
}

async function exportTo(console: Console, path: string, database: DatabaseOptions): Promise<void> {
  if (path === '-') throw new ClairError('cli/usage', 'an export cannot be written to standard output: name a file');
  if (database.type === 'sqlite' && (await isSameFile(path, database.path)))
    throw new ClairError('cli/usage', `${path} is the database itself: name another file`);
  const clair = await composeClair(database);
  try {
    const start = Date.now();
    const { store } = clair;
    const { feeds, enrichers, leftOut, bytes } = await exportFeeds(path, {
      store,
      fetchers: FETCHERS,
      enrichers: ENRICHERS,
      version: clairVersion(),
      now: store.now,
      signal: console.signal,
    });
    printExported(console, feeds, vulnerabilities);
    printExported(console, enrichers, enrichments);
    for (const feed of leftOut) console.out(`${feed}: skipped, because no data is stored\n`);
    const records = `${vulnerabilities(recordsIn(feeds))}, ${enrichments(recordsIn(enrichers))}`;
    const what = `${countOf(feeds.length + enrichers.length, 'feed')}, ${records}, ${(bytes / 1e6).toFixed(1)} MB`;
    console.out(`${path}: ${what} (${secondsSince(start)})\n`);
  } finally {
    await clair.close();
  }
}

function printExported(console: Console, feeds: readonly ExportedFeed[], countText: (count: number) => string): void {
  for (const { feed, records, fetchedAt } of feeds) {
    console.out(`${feed}: ${countText(records)}, ${ageOf(fetchedAt)}\n`);
  }
}

function vulnerabilities(count: number): string {
  return countOf(count, 'vulnerability', 'vulnerabilities');
}

function enrichments(count: number): string {
  return countOf(count, 'enrichment');
}

function recordsIn(feeds: readonly ExportedFeed[]): number {
  return feeds.reduce((total, { records }) => total + records, 0);
}

type ImportChoice = { readonly force: boolean; readonly allowShrink: boolean };

/** Imports an export file. Verifies the file before creating or opening the database. Returns the exit status. */
async function importFrom(
  console: Console,
  path: string,
  { force, allowShrink, database }: ImportChoice & { readonly database: DatabaseOptions },
): Promise<number> {
  const { signal } = console;
  const start = Date.now();
  const file = await openExportFile(path, { fetchers: FETCHERS, enrichers: ENRICHERS, signal });
  try {
    const { clair: version, exportedAt, feeds, enrichers = [] } = file.header;
    const verified = printable(
      `${countOf(feeds.length + enrichers.length, 'feed')}, exported at ${exportedAt} by Clair ${version}`,
    );
    console.out(`${path}: verified, ${verified} (${secondsSince(start)})\n`);
    const clair = await composeClair(database);
    try {
      let status: number = EXIT_STATUS.done;
      let last = Date.now();
      const importOptions = { store: clair.store, now: clair.store.now, force, allowShrink, signal };
      for await (const each of importFeeds(file, importOptions)) {
        printImported(console, each, last);
        last = Date.now();
        if ('error' in each && status === EXIT_STATUS.done) status = failureStatus(each.error);
      }
      console.out(`database: ${printable(databaseText(database))}\n`);
      return status;
    } finally {
      await clair.close();
    }
  } finally {
    await file.close();
  }
}

function printImported(console: Console, imported: ImportedFeed, start: number): void {
  const { feed, fetchedAt } = imported;
  if ('error' in imported) {
    console.err(failureText(imported.error, feed));
    return;
  }
  const { added, changed, withdrawn, unchanged } = imported.counts;
  const counts = `${added} added, ${changed} changed, ${withdrawn} withdrawn, ${unchanged} unchanged`;
  console.out(`${feed}: ${counts}; ${ageOf(fetchedAt)} (${secondsSince(start)})\n`);
}

/** Returns the time and the age of the data as text; the age is in hours up to two days, and otherwise in days. */
function ageOf(fetchedAt: number): string {
  const time = `data of ${new Date(fetchedAt).toISOString()}`;
  const hours = Math.floor((Date.now() - fetchedAt) / 3_600_000);
  if (hours < 0) return `${time}, a time in the future`;
  if (hours >= 48) return `${time}, ${Math.floor(hours / 24)} days old`;
  return `${time}, ${hours} ${hours === 1 ? 'hour' : 'hours'} old`;
}

function secondsSince(start: number): string {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`;
}
