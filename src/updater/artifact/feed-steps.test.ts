import { describe, expect, it } from 'vitest';
import type { PublishedFeed, PublishedLayer } from './artifact-config.ts';
import { chainFrom, stepsFrom } from './feed-steps.ts';

/** Returns a feed whose complete layer has the content `b`, with deltas from `a` via `b` and `c` to `d`. */
function feed(sizes: { readonly complete: number; readonly delta: number }): PublishedFeed {
  const layer = (fingerprint: string, size: number): PublishedLayer => ({
    digest: `sha256:${fingerprint}${size}`,
    size,
    records: 1,
    repositories: 0,
    fetchedAt: '2026-01-01T00:00:00.000Z',
    fingerprint,
  });
  return {
    state: {
      kind: 'feed',
      feed: 'debian',
      scheme: 'dpkg',
      fetcherVersion: 1,
      fetchedAt: '2026-01-01T00:00:00.000Z',
      etag: null,
      lastModified: null,
      recordDiagnostics: { count: 0, examples: [] },
    },
    namespaces: [],
    records: 1,
    fingerprint: 'd',
    complete: layer('b', sizes.complete),
    deltas: [
      { ...layer('b', sizes.delta), from: 'a' },
      { ...layer('c', sizes.delta), from: 'b' },
      { ...layer('d', sizes.delta), from: 'c' },
    ],
  };
}

describe('the layers to apply', () => {
  it.each([
    ['nothing stored', undefined, ['complete b', 'c', 'd']],
    ['the published content', 'd', []],
    ['the content of the complete layer', 'b', ['c', 'd']],
    ['a content before the complete layer', 'a', ['b', 'c', 'd']],
    ['an unknown content', 'x', ['complete b', 'c', 'd']],
  ])('for %s', (_what, stored, expected) => {
    const steps = stepsFrom(feed({ complete: 100, delta: 10 }), stored);
    expect(steps.map(({ layer, isDelta }) => `${isDelta ? '' : 'complete '}${layer.fingerprint}`)).toEqual(expected);
  });

  it('are the whole feed if the deltas are larger', () => {
    const steps = stepsFrom(feed({ complete: 5, delta: 10 }), 'a');
    expect(steps[0]).toMatchObject({ isDelta: false });
  });

  it('start at the last occurrence of the stored content', () => {
    const { deltas, ...rest } = feed({ complete: 100, delta: 10 });
    const again = deltas.map((each, at) => (at === 2 ? { ...each, from: 'a' } : each));
    expect(chainFrom({ ...rest, deltas: again }, 'a')).toEqual(again.slice(2));
  });
});
