import { expect, it } from 'vitest';
import { rangeWords, totalWords } from './range-pager.tsx';

it.each([
  [{ before: 25, size: 25, total: 500 }, '26–50 of 500', '500 changes'],
  [{ before: 1000, size: 100, total: null }, '1,001–1,100 of at least 1,100', 'At least 1,100 changes'],
  [{ before: 0, size: 3, total: null }, '1–3 of at least 3', 'At least 3 changes'],
  [{ before: 0, size: 1, total: null }, '1–1 of at least 1', 'At least 1 change'],
  [{ before: 0, size: 0, total: null }, '0 so far', 'At least 0 changes'],
  [{ before: 100, size: 0, total: null }, '100 so far', 'At least 100 changes'],
  [{ before: 0, size: 1, total: 1 }, '1–1 of 1', '1 change'],
  [{ before: 50, size: 0, total: 50 }, '0 of 50', '50 changes'],
])('the position %j is %s', (position, range, total) => {
  expect([rangeWords(position), totalWords(position, 'change')]).toEqual([range, total]);
});
