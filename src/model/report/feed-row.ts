import type { FeedState } from '../feed.ts';
import { type FeedSummary, summaryOfFeed } from './feed-summary.ts';

/** A feed of this Clair version, and the kind of its data. */
export type KnownFeed = { readonly name: string; readonly holds: 'vulnerabilities' | 'enrichments' };

/** A feed in the output of `clair feeds` and the API; the field names are stable. */
export type FeedRow = Omit<FeedSummary, 'attemptedAt'> & {
  readonly state: 'fresh' | 'refused' | 'stale' | 'failed' | 'never updated';
  /** The time of the last attempt (ISO 8601); null before the first attempt. */
  readonly attemptedAt: string | null;
  /** The kind of data in the feed; null for a feed that is unknown in this version. */
  readonly holds: KnownFeed['holds'] | null;
  readonly diagnosticExamples: readonly string[];
};

/**
 * Returns a row for each known feed and each other feed in the database, sorted by name.
 *
 * @param now the current time in milliseconds since 1970
 */
export function feedRows(known: readonly KnownFeed[], states: readonly FeedState[], now: number): readonly FeedRow[] {
  const holds = new Map<string, FeedRow['holds']>(states.map(({ feed }) => [feed, null]));
  for (const feed of known) holds.set(feed.name, feed.holds);
  return [...holds.keys()].toSorted().map((name) => {
    const state = states.find(({ feed }) => feed === name);
    const held = holds.get(name) ?? null;
    if (state === undefined) return { ...NEVER_TRIED, name, holds: held };
    const summary = summaryOfFeed(state, now);
    const diagnosticExamples = state.recordDiagnostics.examples.map(({ message }) => message);
    return { ...summary, state: stateWord(summary), holds: held, diagnosticExamples };
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
  if (isStale) return 'stale';
  return error === null ? 'fresh' : 'failed';
}
