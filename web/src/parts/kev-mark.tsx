import { type Context, createContext, type VNode } from 'preact';
import type { FeedAge } from '../api-shapes.ts';
import type { Report } from '../../../src/model/report/report.ts';

/** Why the numbers of known exploited vulnerabilities may be too low: the KEV feed has no data, or old data. */
export type KevGap = 'missing' | 'old';

/** The gap in the KEV data of the images on a page. */
export const PresentKevGap: Context<KevGap | null> = createContext<KevGap | null>(null);

const GAP_WORDS: Readonly<Record<KevGap, string>> = {
  missing: 'KEV feed not loaded',
  old: 'KEV feed out of date',
};

/** Shows that KEV data is missing or out of date, or nothing. */
export function KevMark({ gap }: { readonly gap: KevGap | null }): VNode | null {
  return gap === null ? null : <b class="mark incomplete">{GAP_WORDS[gap]}</b>;
}

/** Returns the gap in the KEV data, from the states of feeds; null if the KEV feed is up to date, or not listed. */
export function kevGapOf(feeds: readonly FeedAge[]): KevGap | null {
  const kev = feeds.find(({ name }) => name === 'kev');
  if (kev === undefined) return null;
  if (kev.ageSeconds === null) return 'missing';
  return kev.state === 'stale' || kev.state === 'refused' ? 'old' : null;
}

/** Returns the gap in the KEV data that a report used. A report does not list feeds that were never updated. */
export function kevGapOfReport({ feeds }: Pick<Report, 'feeds'>): KevGap | null {
  const kev = feeds.find(({ name }) => name === 'kev');
  if (kev === undefined || kev.ageSeconds === null) return 'missing';
  return kev.isStale || kev.refused !== null ? 'old' : null;
}
