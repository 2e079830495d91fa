import { expect, it } from 'vitest';
import { createBoundedCache } from './bounded-cache.ts';

it('a cache returns its values until they exceed its size', () => {
  const cache = createBoundedCache<number>(100);
  cache.set('a', 1, 60);
  cache.set('b', 2, 40);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, 2, undefined]);
  cache.set('c', 3, 1);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([undefined, undefined, 3]);
});
