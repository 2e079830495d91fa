import { expect, it } from 'vitest';
import { feedsOfDistribution, feedsToDownload } from '../../model/releases/distribution-feeds.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';

it('lists the distributions of every fetcher', () => {
  const pairs = FETCHERS.flatMap(({ id, distributions }) => distributions.map((name) => [name, id] as const));
  expect(pairs.map(([name]) => [name, feedsOfDistribution(`${name}:1`)])).toEqual(
    pairs.map(([name, id]) => [name, [id]]),
  );
});

it.each<[string, readonly string[], readonly string[]]>([
  ['debian:7', ['alpine'], ['debian']],
  ['debian:7', ['debian'], []],
  ['wolfi', [], ['wolfi']],
  ['fedora:40', [], []],
  ['npm', [], ['osv']],
  // The stored data of `osv` can belong to other ecosystems.
  ['pypi', ['osv'], ['osv']],
])('for %s with data of %j, the feeds to download are %j', (namespace, stored, expected) => {
  expect(feedsToDownload(namespace, new Set(stored))).toEqual(expected);
});
