import { expect, it } from 'vitest';
import { pageNumber } from './page-number.ts';

it.each([
  ['1', 1],
  ['99', 99],
  ['100', 100],
  ['999999999', 999_999_999],
  ['1000000000', 1],
  ['0', 1],
  ['1.5', 1],
  ['', 1],
  [null, 1],
])('the page number %j is read as %i', (text, number) => {
  expect(pageNumber(text)).toBe(number);
});
