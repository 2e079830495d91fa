import { describe, expect, it } from 'vitest';
import type { KnownFeed } from '../../model/report/feed-row.ts';
import type { Worker } from '../../worker/worker.ts';
import { namesState, stateToken } from './state-token.ts';

function tokenOf(engineVersion: number, feeds: readonly string[]): string {
  const knownFeeds = feeds.map((name): KnownFeed => ({ name, holds: 'vulnerabilities' }));
  return stateToken({ worker: { engineVersion } as Worker, knownFeeds });
}

describe('the state of the indexer', () => {
  it('is equal for one release, whatever the order of its feeds', () => {
    expect(tokenOf(7, ['debian', 'alpine'])).toBe(tokenOf(7, ['alpine', 'debian']));
  });

  it('differs for another engine version and for other feeds', () => {
    const states = [tokenOf(7, ['debian']), tokenOf(8, ['debian']), tokenOf(7, ['debian', 'alpine'])];
    expect(new Set(states).size).toBe(3);
  });

  it('is short, and has no characters that a tag cannot have', () => {
    expect(tokenOf(123, ['debian'])).toMatch(/^clair-123-[0-9a-f]{16}$/);
  });
});

describe('If-None-Match', () => {
  it.each<[string | undefined, boolean]>([
    [undefined, false],
    ['', false],
    ['x', false],
    ['"y"', false],
    ['"x"', true],
    ['W/"x"', true],
    ['"y", "x"', true],
    ['"y",W/"x"', true],
    ['*', true],
  ])('%s names the state x: %s', (condition, expected) => {
    expect(namesState(condition, 'x')).toBe(expected);
  });
});
