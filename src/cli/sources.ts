import Table from 'cli-table3';
import { Command } from 'commander';
import { composeClair } from '../compose.ts';
import { isStale, type SourceState } from '../model/source.ts';
import { ENRICHERS } from '../updater/enrichers/index.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';
import type { Console } from './console.ts';
import { databaseOption, databaseOptions } from './database-option.ts';
import { EXIT_STATUS } from './exit-status.ts';

/** `clair sources`: what is known of the sources of vulnerabilities and of facts about CVEs, and how old it is. */
export function sourcesCommand(console: Console, exit: (status: number) => void): Command {
  return new Command('sources')
    .description('Show the sources: what they hold, their age, and why the last update failed.')
    .option('--json', 'write JSON', false)
    .addOption(databaseOption())
    .addHelpText('after', '\nExit status: 0 all that were updated are fresh, 3 one is old or failed the last time.')
    .action(async ({ json, db }: { readonly json: boolean; readonly db: string }) => {
      const clair = await composeClair(databaseOptions(db));
      try {
        const states = await clair.store.sources.all();
        console.out(json ? `${JSON.stringify(rowsOf(states, Date.now()), null, 2)}\n` : tableOf(states, Date.now()));
        const isFresh = states.every((state) => state.error === null && !isStale(state, Date.now()));
        exit(isFresh ? EXIT_STATUS.done : EXIT_STATUS.incomplete);
      } finally {
        await clair.close();
      }
    });
}

type Row = {
  readonly name: string;
  readonly state: 'fresh' | 'old' | 'failed' | 'never updated';
  readonly updatedAt: string | null;
  readonly attemptedAt: string | null;
  /** Of what its records are; null for a source that this release does not know. */
  readonly holds: 'vulnerabilities' | 'facts about CVEs' | null;
  readonly records: number;
  readonly unclearRecords: number;
  readonly unclearExamples: readonly string[];
  /** What the upstream calls the state that was read; null when it does not. */
  readonly fingerprint: string | null;
  readonly error: string | null;
};

/** A row for each source that there is, by name, and for what a database holds beside them. */
function rowsOf(states: readonly SourceState[], now: number): readonly Row[] {
  const known = [...FETCHERS, ...ENRICHERS].map(({ id }) => id);
  const names = new Set([...known, ...states.map(({ source }) => source)]);
  return [...names].toSorted().map((name) =>
    rowOf(
      name,
      states.find(({ source }) => source === name),
      now,
    ),
  );
}

function rowOf(name: string, state: SourceState | undefined, now: number): Row {
  const { lastSuccess = null, lastAttempt, vulnerabilities: records = 0, unclear, error = null } = state ?? {};
  return {
    name,
    state: stateWord(state, now),
    updatedAt: lastSuccess === null ? null : new Date(lastSuccess).toISOString(),
    attemptedAt: lastAttempt === undefined ? null : new Date(lastAttempt).toISOString(),
    holds: holdsOf(name),
    records,
    unclearRecords: unclear?.count ?? 0,
    unclearExamples: unclear?.examples ?? [],
    fingerprint: state?.etag ?? state?.lastModified ?? null,
    error,
  };
}

function holdsOf(source: string): Row['holds'] {
  if (FETCHERS.some(({ id }) => id === source)) return 'vulnerabilities';
  return ENRICHERS.some(({ id }) => id === source) ? 'facts about CVEs' : null;
}

function stateWord(state: SourceState | undefined, now: number): Row['state'] {
  if (state === undefined) return 'never updated';
  if (isStale(state, now)) return 'old';
  return state.error === null ? 'fresh' : 'failed';
}

function tableOf(states: readonly SourceState[], now: number): string {
  const rows = rowsOf(states, now);
  const table = new Table({
    head: ['Source', 'State', 'Age', 'Records', 'of', 'Not understood'],
    colAligns: ['left', 'left', 'right', 'right', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, state, updatedAt, records, holds, unclearRecords } of rows) {
    table.push([name, state, age(updatedAt, now), String(records), holds ?? '-', String(unclearRecords)]);
  }
  const errors = rows.flatMap(({ name, error }) => (error === null ? [] : [`${name} failed: ${error}\n`]));
  return `${table.toString()}\n${errors.join('')}`;
}

function age(since: string | null, now: number): string {
  if (since === null) return '-';
  const minutes = Math.floor((now - Date.parse(since)) / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / (24 * 60))} days`;
}
