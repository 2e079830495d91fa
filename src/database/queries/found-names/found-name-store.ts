import { setImmediate } from 'node:timers/promises';
import { severityOfRank, severityRank } from '../../../model/severity.ts';
import type { FoundFilters, FoundNameStore, FoundOrder, FoundPage, FoundQuery } from '../../contracts/found-names.ts';
import type { Engine, Queries, SqlValue, TransactionQueries } from '../../engines/engine.ts';
import { ALONE_WITH_NAMES, keyOf, replaceNames } from './found-name-writes.ts';

/** Reads the names of vulnerabilities in images; {@link replaceNames} writes them. */
export function createFoundNameStore({ read, transaction }: Engine): FoundNameStore {
  return {
    vulnerabilities: (query) => listFound(read, query),
    total: (filters, maxLooked) => countFound(read, filters, maxLooked),
    async imagesOf(names) {
      // IDs that differ only in case have the same key.
      const keys = names.map((name) => keyOf({ kind: 'vulnerability', name }));
      const rows = await read.all<{ key: string; images: number }>(SELECT_IMAGES, [JSON.stringify([...new Set(keys)])]);
      const found = new Map(rows.map(({ key, images }) => [key, images]));
      return new Map(
        names.flatMap((name, at): [string, number][] => {
          const images = found.get(keys[at] ?? '');
          return images === undefined ? [] : [[name, images]];
        }),
      );
    },
    async removeLost() {
      let lost = 0;
      for (let after = 0; ; ) {
        const page = await read.all<NamedRow>(SELECT_NAMED, [after, IMAGES_AT_ONCE]);
        const images = page.filter(({ known }) => known === null).map(({ image }) => image);
        if (images.length > 0) lost += await transaction((queries) => removeNames(queries, images), ALONE_WITH_NAMES);
        const end = page.at(-1);
        if (end === undefined || page.length < IMAGES_AT_ONCE) return lost;
        after = end.image;
        await setImmediate();
      }
    },
  };
}

/**
 * Removes the names of the given images that do not exist, and returns the number of these images. Checks again in the
 * transaction that the images do not exist, because SQLite may give the id of a deleted image to a new image.
 */
async function removeNames(queries: TransactionQueries, images: readonly number[]): Promise<number> {
  const rows = await queries.all<{ id: number }>(SELECT_EXISTING, [JSON.stringify(images)]);
  const existing = new Set(rows.map(({ id }) => id));
  const lost = images.filter((id) => !existing.has(id));
  await replaceNames(
    queries,
    lost.map((id) => ({ id, names: [] })),
  );
  return lost.length;
}

/** The number of names, and the number of images, that a statement examines. */
const LOOKED_AT_ONCE = 5000;

const IMAGES_AT_ONCE = 2000;

/** The columns by which each order sorts, in descending order; the id makes positions unique. */
const ORDERS: Readonly<Record<FoundOrder, readonly string[]>> = {
  severity: ['is_exploited', 'worst', 'images', 'id'],
  images: ['images', 'worst', 'is_exploited', 'id'],
};

/** A position that sorts before all names. */
const FIRST = [2 ** 31 - 1, 0, 0, 0] as const;

type FoundRow = Readonly<Record<string, string | number>> & {
  readonly id: number;
  readonly worst: number;
  readonly is_exploited: number;
  readonly images: number;
};

async function listFound(
  queries: Queries,
  { order, filters, after, limit, maxLooked }: FoundQuery,
): Promise<FoundPage> {
  const { sql, values } = conditionOf(filters);
  const size = sql === '' ? limit + 1 : Math.min(LOOKED_AT_ONCE, maxLooked);
  const found: FoundRow[] = [];
  let last: readonly number[] | undefined = after;
  for (let looked = 0; looked < maxLooked; looked += size) {
    const from = last ?? FIRST;
    const wanted = limit + 1 - found.length;
    found.push(...(await queries.all<FoundRow>(selectFound(order, sql), [...from, size, ...values, wanted])));
    // The extra name shows that there is a next page; the name belongs to the next page.
    if (found.length > limit) {
      const page = found.slice(0, limit);
      return { vulnerabilities: await named(queries, page), next: placeOf(order, page.at(-1)) };
    }
    const end = await queries.get<FoundRow>(selectFoundEnd(order), [...from, size - 1]);
    if (end === undefined) return { vulnerabilities: await named(queries, found), next: undefined };
    last = placeOf(order, end);
    // SQLite runs in this thread, so let other work of the thread run between pages.
    await setImmediate();
  }
  return { vulnerabilities: await named(queries, found), next: last };
}

async function countFound(queries: Queries, filters: FoundFilters, maxLooked: number): Promise<number | undefined> {
  const { sql, values } = conditionOf(filters);
  let total = 0;
  let from: readonly number[] = FIRST;
  for (let looked = 0; looked < maxLooked; looked += LOOKED_AT_ONCE) {
    const size = Math.min(LOOKED_AT_ONCE, maxLooked - looked);
    const page = await queries.get<{ count: number }>(countPage(sql), [...from, size, ...values]);
    total += page?.count ?? 0;
    const end = await queries.get<FoundRow>(selectFoundEnd('severity'), [...from, size - 1]);
    if (end === undefined) return total;
    from = placeOf('severity', end) ?? from;
    await setImmediate();
  }
  const isWhole = (await queries.get<FoundRow>(selectFoundEnd('severity'), [...from, 0])) === undefined;
  return isWhole ? total : undefined;
}

function placeOf(order: FoundOrder, row: FoundRow | undefined): readonly number[] | undefined {
  return row && ORDERS[order].map((column) => Number(row[column]));
}

async function named(queries: Queries, found: readonly FoundRow[]): Promise<FoundPage['vulnerabilities']> {
  const rows = await queries.all<{ id: number; name: string }>(SELECT_FOUND_NAMES, [
    JSON.stringify(found.map(({ id }) => id)),
  ]);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return found.map(({ id, worst, is_exploited: exploited, images }) => ({
    id: names.get(id) ?? '',
    severity: severityOfRank(worst),
    isExploited: exploited === 1,
    images,
  }));
}

function conditionOf({ search = '', severity, exploited }: FoundFilters): {
  readonly sql: string;
  readonly values: readonly SqlValue[];
} {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  if (search !== '') {
    const key = keyOf({ kind: 'vulnerability', name: search });
    conditions.push('SUBSTR(key, 1, ?) = ?');
    // Both engines count code points, so count code points here too.
    values.push(Array.from(key).length, key);
  }
  if (severity !== undefined) {
    conditions.push('worst >= ?');
    values.push(severityRank(severity));
  }
  if (exploited === true) conditions.push('is_exploited = 1');
  return { sql: conditions.join(' AND '), values };
}

/** The condition for names that are the ID of a finding; names of packages never meet it. */
const IS_FOUND = `ids > 0`;

function fromPlace(order: FoundOrder): string {
  const columns = ORDERS[order];
  return `FROM found_name
  WHERE ${IS_FOUND} AND (${columns.join(', ')}) < (${columns.map(() => '?').join(', ')})
  ORDER BY ${columns.map((column) => `${column} DESC`).join(', ')}`;
}

/**
 * Parameters: the position to start after, the number of names to examine, the values of the condition, and the limit.
 *
 * @param condition an SQL condition; empty for all names
 */
export function selectFound(order: FoundOrder, condition: string): string {
  return `
SELECT id, worst, is_exploited, images
FROM (
  SELECT id, worst, is_exploited, images, key ${fromPlace(order)} LIMIT ?
) AS page
${condition === '' ? '' : `WHERE ${condition}`}
ORDER BY ${ORDERS[order].map((column) => `${column} DESC`).join(', ')}
LIMIT ?`;
}

/**
 * Returns a query for the last name that {@link selectFound} examines. Parameters: the position to start after, and the
 * number of names to examine minus one.
 */
export function selectFoundEnd(order: FoundOrder): string {
  return `SELECT id, worst, is_exploited, images ${fromPlace(order)} LIMIT 1 OFFSET ?`;
}

function countPage(condition: string): string {
  return `
SELECT COUNT(*) AS count
FROM (SELECT worst, is_exploited, key ${fromPlace('severity')} LIMIT ?) AS page
${condition === '' ? '' : `WHERE ${condition}`}`;
}

/** Parameter: a JSON array of ids. */
const SELECT_FOUND_NAMES = `
SELECT found_name.id, found_name.name
FROM json_each(?) AS wanted CROSS JOIN found_name
WHERE found_name.id = CAST(wanted.value AS BIGINT)`;

/** Parameter: a JSON array of keys. */
const SELECT_IMAGES = `
SELECT found_name.key, found_name.images
FROM json_each(?) AS wanted CROSS JOIN found_name
WHERE found_name.key = wanted.value AND found_name.images > 0`;

/** Parameter: a JSON array of ids. */
const SELECT_EXISTING = `
SELECT image.id FROM json_each(?) AS wanted CROSS JOIN image
WHERE image.id = CAST(wanted.value AS BIGINT)`;

type NamedRow = { readonly image: number; readonly known: number | null };

const SELECT_NAMED = `
SELECT image_names.image, (SELECT image.id FROM image WHERE image.id = image_names.image) AS known
FROM image_names
WHERE image_names.image > ?
ORDER BY image_names.image
LIMIT ?`;
