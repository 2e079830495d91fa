import { expect, it } from 'vitest';
import { pageSize } from './shapes.ts';

it.each([
  [undefined, undefined, 25],
  ['7', undefined, 7],
  ['101', undefined, 100],
  ['1000', 1000, 1000],
  ['999999999', 1000, 1000],
])('a page for the limit %s of at most %s entries has %i entries', (limit, max, size) => {
  expect(pageSize(limit, max)).toBe(size);
});
