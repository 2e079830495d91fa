import type { SourceState } from '../source.ts';
import { type SourceSummary, summaryOfSource } from './source-summary.ts';

/** A source that this release of Clair has, and of what its records are. */
export type KnownSource = { readonly name: string; readonly holds: 'vulnerabilities' | 'facts about CVEs' };

/** What `clair feeds --json` and the API tell of a source: the names are a contract. */
export type SourceRow = Omit<SourceSummary, 'attemptedAt'> & {
  readonly state: 'fresh' | 'refused' | 'old' | 'failed' | 'never updated';
  /** Null for one that was never tried. */
  readonly attemptedAt: string | null;
  /** Of what its records are; null for a source that this release does not know. */
  readonly holds: KnownSource['holds'] | null;
  readonly unclearExamples: readonly string[];
};

/**
 * A row for each source that there is, by name, and for what a database holds beside them.
 *
 * @param now milliseconds since 1970
 */
export function sourceRows(
  known: readonly KnownSource[],
  states: readonly SourceState[],
  now: number,
): readonly SourceRow[] {
  const holds = new Map<string, SourceRow['holds']>(states.map(({ source }) => [source, null]));
  for (const source of known) holds.set(source.name, source.holds);
  return [...holds.keys()].toSorted().map((name) => {
    const state = states.find(({ source }) => source === name);
    const held = holds.get(name) ?? null;
    if (state === undefined) return { ...NEVER_TRIED, name, holds: held };
    const summary = summaryOfSource(state, now);
    return { ...summary, state: stateWord(summary), holds: held, unclearExamples: state.unclear.examples };
  });
}

const NEVER_TRIED: Omit<SourceRow, 'name' | 'holds'> = {
  state: 'never updated',
  updatedAt: null,
  attemptedAt: null,
  ageSeconds: null,
  isStale: false,
  error: null,
  refused: null,
  fingerprint: null,
  vulnerabilities: 0,
  unclearRecords: 0,
  skippedRecords: 0,
  unclearExamples: [],
};

function stateWord({ isStale, error, refused }: SourceSummary): SourceRow['state'] {
  if (refused !== null) return 'refused';
  if (isStale) return 'old';
  return error === null ? 'fresh' : 'failed';
}
