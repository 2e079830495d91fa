import { describe, expect, it } from 'vitest';
import { type FeedState, STALE_AFTER_MS } from '../model/feed.ts';
import type { SuppressionRule } from '../suppression/suppression-rule.ts';
import { countsValidUntil, dependsOnOtherImages } from './counts-validity.ts';

const NOW = Date.parse('2026-03-05T12:00:00Z');
const DAY = 86_400_000;

function feed(lastSuccess: number | null, staleAfter: number | null = null): FeedState {
  const recordDiagnostics = { count: 0, examples: [] };
  const rest = { fetcherVersion: 1, lastAttempt: 0, error: null, refused: null, etag: null, lastModified: null };
  return { feed: 's', ...rest, lastSuccess, staleAfter, vulnerabilities: 0, recordDiagnostics };
}

function rule(expires: string | null, layer?: string): SuppressionRule {
  const text = { by: 'ignore', where: 'f', justification: null, reason: '', author: '' } as const;
  const scope = { images: [], packages: [], ...(layer !== undefined && { layer }) };
  return {
    ...text,
    expires,
    file: 'f',
    place: 'line 1',
    ids: null,
    scopes: [scope],
    effect: 'suppress',
    timestamp: 0,
  };
}

const until = (facts: Partial<Parameters<typeof countsValidUntil>[0]>): string | null => {
  const moment = countsValidUntil({ feeds: [], namespace: undefined, rules: [], ...facts }, NOW);
  return moment === null ? null : new Date(moment).toISOString();
};

describe('counts are valid', () => {
  it('forever if nothing depends on time', () => {
    expect(until({})).toBeNull();
    expect(until({ feeds: [feed(null)], namespace: 'plan9:4', rules: [rule(null)] })).toBeNull();
  });

  it('until the next feed becomes stale', () => {
    const feeds = [feed(NOW - STALE_AFTER_MS - 1), feed(NOW - DAY), feed(NOW - DAY, 2 * DAY)];
    expect(until({ feeds })).toBe('2026-03-06T12:00:00.000Z');
  });

  it('until the end of the last day of the next rule to expire', () => {
    expect(until({ rules: [rule('2026-03-04'), rule('2026-03-09')] })).toBe('2026-03-09T23:59:59.999Z');
    expect(until({ rules: [rule('2026-03-05')] })).toBe('2026-03-05T23:59:59.999Z');
  });

  it('until the end of the last day of support, or forever after it', () => {
    expect(until({ namespace: 'debian:12' })).toMatch(/^20(26|28)-\d\d-\d\dT23:59:59\.999Z$/);
    expect(until({ namespace: 'debian:7' })).toBeNull();
  });
});

it.each<[string | undefined, boolean]>([
  [undefined, false],
  [`sha256:${'a'.repeat(64)}`, false],
  ['base', true],
  ['own', true],
])('a rule for the layer %s depends on other images: %s', (layer, expected) => {
  expect(dependsOnOtherImages([rule(null), rule(null, layer)])).toBe(expected);
});
