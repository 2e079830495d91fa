import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonItems, jsonParts } from './json-lists.ts';

const connection = new Database(':memory:');
afterAll(() => connection.close());

/**
 * Lists rows that consist of a number and a text, cuts the list into parts of `partLength` characters, and returns the
 * items of each part.
 */
function partsOf(rows: readonly (readonly [number, string | null])[], partLength?: number): readonly unknown[][] {
  const list = connection
    .prepare<[string], string | null>(
      `SELECT ${jsonItems(['each.value ->> 0', 'each.value ->> 1'])} FROM json_each(?) AS each`,
    )
    .pluck()
    .get(JSON.stringify(rows));
  return [...jsonParts(list ?? null, partLength)].map((part) => JSON.parse(part));
}

const rowsOf = (count: number): readonly (readonly [number, string])[] =>
  Array.from({ length: count }, (_, at) => [at, `text ${at}`]);

describe('lists of JSON items', () => {
  it.each([0, 1, 2, 3, 10, 1000])('return all items from parts of any length: %i rows', (count) => {
    for (const partLength of [1, 15, 16, 17, 500, 400_000]) {
      expect(partsOf(rowsOf(count), partLength).flat()).toEqual(rowsOf(count));
    }
  });

  it('are cut after the item that reaches the length of a part', () => {
    expect(partsOf(rowsOf(100), 100).length).toBeGreaterThan(10);
    expect(partsOf(rowsOf(100))).toHaveLength(1);
  });

  it('keep texts that look like the end of an item', () => {
    const rows = [
      [1, '],\n['],
      [2, ',\n'],
      [3, '"\\'],
      [4, null],
    ] as const;
    expect(partsOf(rows, 1).flat()).toEqual(rows);
  });

  it('end early if they meet the condition of short items', () => {
    const columns = ['each.value', "'text'", "'last'"];
    const items = jsonItems(columns, { first: "'{}'", short: { if: 'each.value = 2', length: 1 } });
    const list = connection
      .prepare<[string], string>(`SELECT ${items} FROM json_each(?) AS each`)
      .pluck()
      .get('[1, 2]');
    expect([...jsonParts(list ?? null)].map((part) => JSON.parse(part))).toEqual([
      [
        [{}, 1, 'text', 'last'],
        [{}, 2],
      ],
    ]);
  });
});
