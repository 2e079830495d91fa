import type { FeedState } from '../feed.ts';
import { type FeedSummary, summaryOfFeed } from './feed-summary.ts';

/** A feed that this release of Clair has, and of what its records are. */
export type KnownFeed = { readonly name: string; readonly holds: 'vulnerabilities' | 'facts about CVEs' };

/** What `clair feeds --json` and the API tell of a feed: the names are a contract. */
export type FeedRow = Omit<FeedSummary, 'attemptedAt'> & {
  readonly state: 'fresh' | 'refused' | 'old' | 'failed' | 'never updated';
  /** Null for one that was never tried. */
  readonly attemptedAt: string | null;
  /** Of what its records are; null for a feed that this release does not know. */
  readonly holds: KnownFeed['holds'] | null;
  readonly diagnosticExamples: readonly string[];
};

/**
 * A row for each feed that there is, by name, and for what a database holds beside them.
 *
 * @param now milliseconds since 1970
 */
export function feedRows(known: readonly KnownFeed[], states: readonly FeedState[], now: number): readonly FeedRow[] {
  const holds = new Map<string, FeedRow['holds']>(states.map(({ feed }) => [feed, null]));
  for (const feed of known) holds.set(feed.name, feed.holds);
  return [...holds.keys()].toSorted().map((name) => {
    const state = states.find(({ feed }) => feed === name);
    const held = holds.get(name) ?? null;
    if (state === undefined) return { ...NEVER_TRIED, name, holds: held };
    const summary = summaryOfFeed(state, now);
    return { ...summary, state: stateWord(summary), holds: held, diagnosticExamples: state.recordDiagnostics.examples };
  });
}

const NEVER_TRIED: Omit<FeedRow, 'name' | 'holds'> = {
  state: 'never updated',
  updatedAt: null,
  attemptedAt: null,
  ageSeconds: null,
  isStale: false,
  error: null,
  refused: null,
  fingerprint: null,
  vulnerabilities: 0,
  recordDiagnostics: 0,
  skippedRecords: 0,
  diagnosticExamples: [],
};

function stateWord({ isStale, error, refused }: FeedSummary): FeedRow['state'] {
  if (refused !== null) return 'refused';
  if (isStale) return 'old';
  return error === null ? 'fresh' : 'failed';
}
