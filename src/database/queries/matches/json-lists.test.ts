import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonLists, jsonOfItems } from './json-lists.ts';

const connection = new Database(':memory:');
afterAll(() => connection.close());

/** The numbers from 1 to `count` in lists. */
function listsOf(count: number): readonly unknown[][] {
  const { list, from } = jsonLists([{ number: 'number.i' }], 'FROM number');
  const rows = connection
    .prepare<[number], { list: string }>(
      `WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number LIMIT ?) SELECT ${list} AS list ${from}`,
    )
    .all(count);
  return rows.map((row) => JSON.parse(jsonOfItems(row.list)));
}

describe('the items of many rows', () => {
  it.each([
    [0, []],
    [1, [1]],
    [5000, [5000]],
    [5001, [5000, 1]],
    [12_000, [5000, 5000, 2000]],
  ])('are lists of at most 5,000: %i rows', (count, lengths) => {
    const lists = listsOf(count);
    expect(lists.map(({ length }) => length).toSorted((one, other) => other - one)).toEqual(lengths);
    expect(new Set(lists.flat(2))).toEqual(new Set(Array.from({ length: count }, (_, at) => at + 1)));
  });
});
