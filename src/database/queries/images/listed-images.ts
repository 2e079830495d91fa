import { setImmediate } from 'node:timers/promises';
import { severityRank } from '../../../model/severity.ts';
import type { Queries, SqlValue } from '../../engines/engine.ts';
import type {
  ImageFilters,
  ImageOrder,
  ImagePlace,
  ImageQuery,
  ListedImage,
  ListedImages,
} from '../../contracts/image-counts.ts';
import { MARK_COLUMNS, type MarkRow, markOfRow } from './mark-row.ts';

/**
 * The number of images that a statement examines. A larger number would rarely help, because matching images are often
 * among the first images.
 */
const LOOKED_AT_ONCE = 5000;

/**
 * Reads a page of images. Without filters, one statement reads only the page. With filters, each statement examines up
 * to {@link LOOKED_AT_ONCE} images along an index, until the page is full or `maxLooked` images are examined.
 */
export async function listImages(
  queries: Queries,
  { order, filters, after, limit, maxLooked }: ImageQuery,
): Promise<ListedImages> {
  const conditions = conditionsOf(filters);
  const size = conditions.length === 0 ? limit + 1 : Math.min(LOOKED_AT_ONCE, maxLooked);
  const reference = filters.reference === undefined ? [] : [filters.reference];
  const isNamed = reference.length > 0;
  const statement = selectPage(order, conditions, isNamed);
  const filterValues = conditions.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const found: PlacedRow[] = [];
  let last: ImagePlace | undefined = after;
  for (let looked = 0; looked < maxLooked; looked += size) {
    const from = last ?? ORDERS[order].first;
    const wanted = limit + 1 - found.length;
    found.push(...(await queries.all<PlacedRow>(statement, [...reference, ...from, size, ...filterValues, wanted])));
    // The extra image shows that there is a next page; the image belongs to the next page.
    if (found.length > limit)
      return { images: await imagesOf(queries, found.slice(0, limit)), next: placeOf(order, found[limit - 1]) };
    const end = await queries.get<PlacedRow>(selectEnd(order, isNamed), [...reference, ...from, size - 1]);
    if (end === undefined) return { images: await imagesOf(queries, found), next: undefined };
    last = placeOf(order, end);
    // SQLite runs in this thread, so let other work of the thread run between pages.
    await setImmediate();
  }
  return { images: await imagesOf(queries, found), next: last };
}

/**
 * Counts the matching images in steps of {@link LOOKED_AT_ONCE}. Returns undefined if more than `maxLooked` images would
 * have to be examined.
 */
export async function countImages(
  queries: Queries,
  filters: ImageFilters,
  maxLooked: number,
): Promise<number | undefined> {
  const conditions = conditionsOf(filters);
  const reference = filters.reference === undefined ? [] : [filters.reference];
  const statement = countPage(conditions, reference.length > 0);
  const filterValues = conditions.flatMap(({ value }) => (value === undefined ? [] : [value]));
  let total = 0;
  let last = 0;
  for (let looked = 0; looked < maxLooked; looked += LOOKED_AT_ONCE) {
    const size = Math.min(LOOKED_AT_ONCE, maxLooked - looked);
    const page = await queries.get<CountedPage>(statement, [...filterValues, ...reference, last, size]);
    total += page?.matching ?? 0;
    if (page === undefined || page.looked < size) return total;
    last = page.last ?? last;
    // SQLite runs in this thread, so let other work of the thread run between pages.
    await setImmediate();
  }
  const next = await queries.get<CountedPage>(statement, [...filterValues, ...reference, last, 1]);
  return next === undefined || next.looked === 0 ? total : undefined;
}

type CountedPage = { readonly looked: number; readonly matching: number; readonly last: number | null };

/** Parameters: the values of the conditions, the reference if `isNamed`, the id to start after, and the limit. */
function countPage(conditions: readonly Condition[], isNamed: boolean): string {
  const isMatching =
    conditions.length === 0 ? '' : `CASE WHEN ${conditions.map(({ sql }) => sql).join(' AND ')} THEN 1 END`;
  return `
SELECT COUNT(*) AS looked, COUNT(${isMatching === '' ? '*' : isMatching}) AS matching, MAX(id) AS last
FROM (
  SELECT id, reference, namespace, worst, is_fixable, is_exploited, is_incomplete, is_fixable_high,
    has_stale_feed, has_missing_feed
  FROM ${imagesOfReference(isNamed)} WHERE id > ? ORDER BY id LIMIT ?
) AS page`;
}

type Order = {
  /** The columns of the sort keys; together they are unique per image. */
  readonly columns: readonly string[];
  readonly isDescending: boolean;
  /** A position that sorts before all images. */
  readonly first: ImagePlace;
};

const ORDERS: Readonly<Record<ImageOrder, Order>> = {
  scannedAt: { columns: ['scanned_at', 'id'], isDescending: true, first: [Number.MAX_SAFE_INTEGER, 0] },
  // `g` sorts after all hexadecimal digits.
  severity: { columns: ['risk', 'id'], isDescending: true, first: ['g', 0] },
  findings: { columns: ['findings', 'id'], isDescending: true, first: [2 ** 31 - 1, 0] },
  reference: { columns: ['reference', 'scanned_at', 'id'], isDescending: false, first: ['', -1, 0] },
};

/** A row with the sort keys of all orders. */
type PlacedRow = Readonly<Record<string, string | number>> & { readonly id: number };

function placeOf(order: ImageOrder, row: PlacedRow | undefined): ImagePlace | undefined {
  return row && ORDERS[order].columns.map((column) => row[column] ?? 0);
}

type Condition = { readonly sql: string; readonly value?: SqlValue };

function conditionsOf({ search, severity, distribution, ...only }: ImageFilters): readonly Condition[] {
  const conditions: Condition[] = [];
  if (search !== undefined && search !== '') {
    conditions.push({ sql: String.raw`LOWER(reference) LIKE ? ESCAPE '\'`, value: `%${escaped(search)}%` });
  }
  if (severity !== undefined) conditions.push({ sql: 'worst >= ?', value: severityRank(severity) });
  if (distribution !== undefined) conditions.push({ sql: 'namespace = ?', value: distribution });
  if (only.fixable === true) conditions.push({ sql: 'is_fixable = 1' });
  if (only.fixableHigh === true) conditions.push({ sql: 'is_fixable_high = 1' });
  if (only.exploited === true) conditions.push({ sql: 'is_exploited = 1' });
  if (only.incomplete === true) conditions.push({ sql: 'is_incomplete = 1' });
  if (only.feeds !== undefined) conditions.push({ sql: `has_${only.feeds}_feed = 1` });
  return conditions;
}

/**
 * Returns a LIKE pattern for a text, with ASCII letters in lower case; other letters stay, because LOWER converts only
 * ASCII letters.
 */
function escaped(search: string): string {
  return search
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}

/**
 * Parameters: the reference if `isNamed`, the position to start after, the number of images to examine, the values of
 * the conditions, and the limit.
 *
 * @param isNamed whether to read only the images with the given reference
 */
export function selectPage(order: ImageOrder, conditions: readonly Condition[], isNamed: boolean): string {
  const { columns } = ORDERS[order];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
  return `
SELECT ${columns.join(', ')}
FROM (
  SELECT id, scanned_at, reference, risk, findings, namespace, worst, is_fixable, is_exploited, is_incomplete,
    is_fixable_high, has_stale_feed, has_missing_feed
  ${fromPlace(order, isNamed)} LIMIT ?
) AS page
${where}
ORDER BY ${sortedBy(order)}
LIMIT ?`;
}

/**
 * Returns a query for the last image that {@link selectPage} examines. Parameters: the reference if `isNamed`, the
 * position to start after, and the number of images to examine minus one.
 */
export function selectEnd(order: ImageOrder, isNamed: boolean): string {
  return `SELECT ${ORDERS[order].columns.join(', ')} ${fromPlace(order, isNamed)} LIMIT 1 OFFSET ?`;
}

function fromPlace(order: ImageOrder, isNamed: boolean): string {
  const { columns, isDescending } = ORDERS[order];
  const place = columns.map(() => '?').join(', ');
  const after = `(${columns.join(', ')}) ${isDescending ? '<' : '>'} (${place})`;
  return `FROM ${imagesOfReference(isNamed)} WHERE ${after} ORDER BY ${sortedBy(order)}`;
}

/**
 * Reads the images of a reference along the index of references before they are sorted, because most references have
 * few images.
 */
function imagesOfReference(isNamed: boolean): string {
  return isNamed
    ? `(SELECT * FROM image WHERE reference = ? ORDER BY reference, scanned_at, id LIMIT ${MAX_NAMED}) AS image`
    : 'image';
}

/** The maximum number of images with the same reference that are read. */
const MAX_NAMED = 20_000;

function sortedBy(order: ImageOrder): string {
  const { columns, isDescending } = ORDERS[order];
  return columns.map((column) => (isDescending ? `${column} DESC` : column)).join(', ');
}

async function imagesOf(queries: Queries, found: readonly PlacedRow[]): Promise<readonly ListedImage[]> {
  const rows = await queries.all<ListedRow>(SELECT_LISTED, [JSON.stringify(found.map(({ id }) => id))]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  // Skips images that were removed in the meantime.
  return found.flatMap(({ id }) => {
    const row = byId.get(id);
    return row === undefined ? [] : [listedImage(row)];
  });
}

type ListedRow = MarkRow &
  Pick<ListedImage, 'digest' | 'reference' | 'platform' | 'layers'> & {
    readonly id: number;
    readonly scanned_at: number;
    readonly distribution: string | null;
    readonly counts: string | null;
  };

function listedImage(row: ListedRow): ListedImage {
  const { digest, reference, platform, layers, distribution, counts } = row;
  return {
    digest,
    reference,
    platform,
    scannedAt: row.scanned_at,
    distribution: distribution === null ? null : JSON.parse(distribution),
    layers,
    mark: markOfRow(row),
    counts: counts === null ? null : JSON.parse(counts),
  };
}

/** Parameter: a JSON array of ids. */
export const SELECT_LISTED: string = `
SELECT image.id, image.digest, image.reference, image.platform, image.scanned_at, image.counts, ${MARK_COLUMNS},
  (SELECT layer.distribution FROM layer WHERE layer.id = image.leaf) AS distribution,
  (SELECT COUNT(*) FROM image_layer WHERE image_layer.image = image.id) AS layers
FROM json_each(?) AS wanted CROSS JOIN image
WHERE image.id = CAST(wanted.value AS BIGINT)`;
