import { expect, it } from 'vitest';
import { rangeWords, totalWords } from './range-pager.tsx';

it.each([
  [{ before: 25, size: 25, total: 500 }, '26–50 of 500', '500 changes'],
  [{ before: 1000, size: 100, total: null }, '1,001–1,100 of more than 1,100', 'More than 1,100 changes'],
  [{ before: 0, size: 1, total: 1 }, '1–1 of 1', '1 change'],
  [{ before: 50, size: 0, total: 50 }, '0 of 50', '50 changes'],
])('the position %j is %s', (position, range, total) => {
  expect([rangeWords(position), totalWords(position, 'change')]).toEqual([range, total]);
});
