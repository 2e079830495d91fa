import { isDigest } from '../model/digest.ts';
import { freshUntil, type FeedState } from '../model/feed.ts';
import { supportOf } from '../model/releases/support/release-support.ts';
import type { SuppressionRule } from '../suppression/suppression-rule.ts';

/** What of a report depends on time. */
export type TimedFacts = {
  /** All feeds: a feed that does not cover the image only makes the counts expire early. */
  readonly feeds: readonly FeedState[];
  /** Of the distribution; undefined for an image without one. */
  readonly namespace: string | undefined;
  readonly rules: readonly SuppressionRule[];
};

/**
 * Returns the last moment, in milliseconds since 1970, before time alone changes the counts of a report that is made at `now`:
 * a feed becomes stale, the support of the release ends, or a rule that suppresses findings expires. Null when none will.
 */
export function countsValidUntil({ feeds, namespace, rules }: TimedFacts, now: number): number | null {
  const today = new Date(now).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const days = rules.flatMap(({ expires }) => (expires === null || expires < today ? [] : [expires]));
  const support = namespace === undefined ? undefined : supportOf(namespace, today);
  if (support?.kind === 'standard' || support?.kind === 'extended') days.push(support.until);
  const moments = [...days.map(endOfDay), ...feeds.map(freshUntil).filter((until) => until >= now)];
  const first = Math.min(...moments);
  return Number.isFinite(first) ? first : null;
}

/** The last millisecond of a day, `YYYY-MM-DD` in UTC. */
function endOfDay(day: string): number {
  return Date.parse(`${day}T23:59:59.999Z`);
}

/**
 * Tells whether rules ask which layers came with a base image: that depends on the other images that are known
 * (`base-layers.ts`).
 */
export function dependsOnOtherImages(rules: readonly SuppressionRule[]): boolean {
  return rules.some(({ scopes }) => scopes.some(({ layer }) => layer !== undefined && !isDigest(layer)));
}
