import { expect, it } from 'vitest';
import { pacedRows } from './paced-rows.ts';

const NONE: ReadonlySet<number> = new Set();

it('pacedRows adds a few rows at once', () => {
  expect(pacedRows([0, 1, 2], NONE, { startIndex: 0, endIndex: 1 }, 3)).toEqual([0, 1, 2]);
});

it('pacedRows adds rows in the window before rows near the window', () => {
  const wanted = [98, 99, 100, 101, 102, 103];
  expect(pacedRows(wanted, NONE, { startIndex: 100, endIndex: 101 }, 3)).toEqual([98, 100, 101]);
  expect(pacedRows(wanted, NONE, { startIndex: 98, endIndex: 103 }, 3)).toEqual([98, 99, 100]);
});

it('pacedRows keeps rows in the document, and drops rows far from the window', () => {
  const range = { startIndex: 100, endIndex: 101 };
  expect(pacedRows([3, 99, 100, 101], new Set([2, 3, 4]), range, 2)).toEqual([3, 100, 101]);
  expect(pacedRows([3, 99, 100, 101], new Set([2, 3, 4]), range, 0)).toEqual([3]);
});
