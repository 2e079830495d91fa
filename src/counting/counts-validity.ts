import { isDigest } from '../model/digest.ts';
import { freshUntil, type FeedState } from '../model/feed.ts';
import { supportOf } from '../model/releases/support/release-support.ts';
import type { SuppressionRule } from '../suppression/suppression-rule.ts';

/** The parts of a report that depend on time. */
export type TimedFacts = {
  /** All feeds. A feed that does not cover the image does no harm: the counts at worst expire too early. */
  readonly feeds: readonly FeedState[];
  /** The namespace of the distribution; undefined without a distribution. */
  readonly namespace: string | undefined;
  readonly rules: readonly SuppressionRule[];
};

/**
 * Returns the time until which the counts of a report at `now` are valid if no data changes. After this time, a feed is
 * stale, the support of the release has ended or has changed to an extension, or an ignore rule has expired. The result
 * is the last valid millisecond since 1970, or null if the counts never expire.
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

/** Returns the last millisecond of a day (`YYYY-MM-DD` in UTC). */
function endOfDay(day: string): number {
  return Date.parse(`${day}T23:59:59.999Z`);
}

/**
 * Returns whether a rule depends on the layers that belong to a base image, and therefore on the other indexed images
 * (`base-layers.ts`).
 */
export function dependsOnOtherImages(rules: readonly SuppressionRule[]): boolean {
  return rules.some(({ scopes }) => scopes.some(({ layer }) => layer !== undefined && !isDigest(layer)));
}
