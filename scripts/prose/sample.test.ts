import { expect, it } from 'vitest';
import { sample } from './sample.ts';

const ITEMS = Array.from({ length: 1000 }, (_, index) => index);

it('draws the same items for the same seed, and other items for another seed', () => {
  expect(sample(ITEMS, 50, 7)).toEqual(sample(ITEMS, 50, 7));
  expect(sample(ITEMS, 50, 8)).not.toEqual(sample(ITEMS, 50, 7));
});

it('draws each item at most once, from all parts of the list', () => {
  const drawn = sample(ITEMS, 200, 1);
  expect(new Set(drawn).size).toBe(200);
  expect(new Set(drawn.map((item) => Math.floor(item / 100))).size).toBe(10);
});

it('draws all items when there are too few', () => {
  expect(new Set(sample([1, 2, 3], 5, 1))).toEqual(new Set([1, 2, 3]));
});
