import type { FoundName, FoundNameKind } from '../../contracts/found-names.ts';
import type { InsertTarget, KeyedTarget, Queries, TransactionQueries, UpdateTarget } from '../../engines/engine.ts';
import { createTurns } from '../../../threads/turns.ts';
import { partsOf } from '../row-pages.ts';
import { decodeNames, encodeNames, flagsOf, type NameNumbers, type NameSet, withFlags } from './name-set.ts';

/** The name of the transactions that write the names of images, which must not overlap. */
export const ALONE_WITH_NAMES = { alone: 'image counts' } as const;

export type NamedImage = { readonly id: number; readonly names: readonly FoundName[] };

/**
 * Replaces the names of some images, and corrects the numbers of each name. Updates only names that an image gains or
 * loses, or whose flags in an image change.
 */
export async function replaceNames(queries: TransactionQueries, images: readonly NamedImage[]): Promise<void> {
  const before = await namesOfImages(
    queries,
    images.map(({ id }) => id),
  );
  const ids = await idsOf(
    queries,
    images.flatMap(({ names }) => names),
  );
  const changes: NameChange[] = [];
  const written: { readonly id: number; readonly set: NameSet }[] = [];
  for (const { id, names } of images) {
    const set = new Map(names.map((name) => [ids.get(keyOf(name)) ?? 0, flagsOf(name)]));
    const own = differences(before.get(id) ?? NO_NAMES, set);
    if (own.length === 0) continue;
    // Add the changes one at a time, because a call with all changes of a large image would have too many arguments.
    for (const change of own) changes.push(change);
    written.push({ id, set });
  }
  if (written.length === 0) return;
  await queries.deleteMany(
    { table: NAMES.table, key: ['image'] },
    written.map(({ id }) => [id]),
  );
  const kept = written.filter(({ set }) => set.size > 0);
  await queries.insertMany(
    NAMES,
    kept.map(({ id, set }) => [id, encodeNames(set)]),
  );
  await addChanges(queries, changes);
}

/** Returns the ids of the names that any image has ever had, by {@link keyOf}. */
export async function findNames(
  queries: Queries,
  names: readonly Pick<FoundName, 'kind' | 'name'>[],
): Promise<ReadonlyMap<string, number>> {
  const keys = [...new Set(names.map(keyOf))];
  const ids = new Map<string, number>();
  const turns = createTurns();
  for (const part of partsOf(keys, NAMES_AT_ONCE)) {
    if (turns.areDue()) await turns.take();
    const rows = await queries.all<{ id: number; key: string }>(SELECT_IDS, [JSON.stringify(part)]);
    for (const { id, key } of rows) ids.set(key, id);
  }
  return ids;
}

/**
 * Returns the key of a name, which consists of its kind and the name in capitals, because names are case-insensitive.
 */
export function keyOf({ kind, name }: Pick<FoundName, 'kind' | 'name'>): string {
  return `${KINDS[kind]}${name.toUpperCase()}`;
}

const KINDS: Readonly<Record<FoundNameKind, string>> = { vulnerability: 'v ', package: 'p ' };

type NameChange = { readonly id: number; readonly flags: number; readonly sign: 1 | -1 };

const NO_NAMES: NameSet = new Map();

function differences(before: NameSet, after: NameSet): readonly NameChange[] {
  const changes: NameChange[] = [];
  for (const [id, flags] of before) if (after.get(id) !== flags) changes.push({ id, flags, sign: -1 });
  for (const [id, flags] of after) if (before.get(id) !== flags) changes.push({ id, flags, sign: 1 });
  return changes;
}

async function namesOfImages(queries: Queries, images: readonly number[]): Promise<ReadonlyMap<number, NameSet>> {
  const rows = await queries.all<{ image: number; names: Uint8Array }>(SELECT_NAMES, [JSON.stringify(images)]);
  return new Map(rows.map(({ image, names }) => [image, decodeNames(names)]));
}

async function idsOf(queries: TransactionQueries, names: readonly FoundName[]): Promise<ReadonlyMap<string, number>> {
  const found = new Map(await findNames(queries, names));
  const missing = new Map(names.flatMap((each) => (found.has(keyOf(each)) ? [] : [[keyOf(each), each.name] as const])));
  const rows = [...missing];
  const ids = rows.length === 0 ? [] : await queries.ensureMany(FOUND_NAMES, rows);
  for (const [at, [key]] of rows.entries()) {
    const id = ids[at];
    if (id !== undefined) found.set(key, id);
  }
  return found;
}

type NameRow = { readonly id: number; readonly images: number; readonly ids: number; readonly exploited: number } & {
  readonly ranks: string;
};

async function addChanges(queries: TransactionQueries, changes: readonly NameChange[]): Promise<void> {
  const byId = new Map<number, NameChange[]>();
  const turns = createTurns();
  for (const change of changes) {
    const known = byId.get(change.id);
    if (known === undefined) byId.set(change.id, [change]);
    else known.push(change);
  }
  for (const part of partsOf([...byId.keys()], NAMES_AT_ONCE)) {
    if (turns.areDue()) await turns.take();
    const rows = await queries.all<NameRow>(SELECT_NUMBERS, [JSON.stringify(part)]);
    const updated = rows.map(({ id, ranks, ...row }) => {
      let numbers: NameNumbers = { ...row, ranks: JSON.parse(ranks) };
      for (const { flags, sign } of byId.get(id) ?? []) numbers = withFlags(numbers, flags, sign);
      const worst = numbers.ranks.findLastIndex((count) => count > 0);
      const { images, ids, exploited } = numbers;
      return [id, images, ids, exploited, JSON.stringify(numbers.ranks), worst, exploited > 0 ? 1 : 0];
    });
    await queries.updateMany(NUMBERS, updated);
  }
}

/** The number of names that are read or written together in a few milliseconds. */
const NAMES_AT_ONCE = 1000;

const NAMES: InsertTarget = { table: 'image_names', columns: ['image', 'names'] };

/** Names may be committed before they are used, because a name without images has no effect. */
const FOUND_NAMES: KeyedTarget = { table: 'found_name', key: ['key'], columns: ['name'] };

const NUMBERS: UpdateTarget = {
  table: 'found_name',
  key: ['id'],
  columns: ['images', 'ids', 'exploited', 'ranks', 'worst', 'is_exploited'],
};

/** Parameter: a JSON array of images. */
const SELECT_NAMES = `
SELECT image_names.image, image_names.names
FROM json_each(?) AS wanted CROSS JOIN image_names
WHERE image_names.image = CAST(wanted.value AS BIGINT)`;

/** Parameter: a JSON array of keys. */
const SELECT_IDS = `
SELECT found_name.id, found_name.key
FROM json_each(?) AS wanted CROSS JOIN found_name
WHERE found_name.key = wanted.value`;

/** Parameter: a JSON array of ids. */
const SELECT_NUMBERS = `
SELECT found_name.id, found_name.images, found_name.ids, found_name.exploited, found_name.ranks
FROM json_each(?) AS wanted CROSS JOIN found_name
WHERE found_name.id = CAST(wanted.value AS BIGINT)`;
