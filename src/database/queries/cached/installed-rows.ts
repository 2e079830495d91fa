import type { Queries } from '../../engines/engine.ts';
import { DATA_STATE } from '../images/data-revision.ts';
import { createTurns } from '../../../threads/turns.ts';
import { itemAt } from '../layers/feature-rows.ts';
import { CHAIN, DIFFERENCE, isInstalled } from '../matches/installed.ts';
import { PRODUCTS } from '../matches/products.ts';

/** The features installed at a layer, without their contents. */
export type Installed<Row extends InstalledRow = InstalledRow> = {
  /** The state of the data of feeds that the same snapshot contains (`DATA_STATE`). */
  readonly state: string;
  /** The products of the repositories of the layers up to a depth, by depth. */
  readonly products: ReadonlyMap<number, ReadonlySet<string>>;
  readonly rows: readonly Row[];
  /** PostgreSQL returns the rows in the order `FEATURE_ORDER`, and identities in another form than SQLite. */
  readonly engine: 'postgres' | 'sqlite';
};

export type InstalledRow = {
  readonly id: number;
  /**
   * The SHA-256 of the namespace and all fields of the feature, which no two different features share: a character for
   * each byte, or in hexadecimal on SQLite.
   */
  readonly identity: string;
  readonly originDepth: number;
  /** Whether the range of an advisory contains a point of the feature; true when absent. */
  readonly mayMatch?: boolean;
};

/** The number of features between two reads of the clock. */
const ROWS_PER_CHECK = 500;

/**
 * Reads the features installed at a layer without their paths, on SQLite, where sorting all features would take longer
 * than the rest. A feature may occur twice.
 */
export async function readUnsortedRows(read: Queries, layer: number): Promise<Installed> {
  const lists = await read.get<InstalledLists>(SELECT_UNSORTED, [layer]);
  const turns = createTurns();
  const parsed = async <Item>(list: string | null | undefined): Promise<readonly Item[]> => {
    if (turns.areDue()) await turns.take();
    return JSON.parse(list ?? '[]');
  };
  const ids = await parsed<number>(lists?.ids);
  const depths = await parsed<number>(lists?.depths);
  const products = productsOf(await parsed(lists?.products));
  const identities = lists?.identities ?? '';
  const length = identities.length / ids.length;
  const rows: InstalledRow[] = [];
  for (const [at, id] of ids.entries()) {
    const identity = identities.slice(at * length, (at + 1) * length);
    rows.push({ id, identity, originDepth: itemAt(depths, at) });
    if (at % ROWS_PER_CHECK === 0 && turns.areDue()) await turns.take();
  }
  return { state: lists?.state ?? '', products, rows, engine: 'sqlite' };
}

/** Groups products by depth. @param items the list of {@link productList} */
export function productsOf(items: readonly (readonly [depth: number, cpe: string])[]): Installed['products'] {
  const products = new Map<number, Set<string>>();
  for (const [depth, cpe] of items) products.set(depth, (products.get(depth) ?? new Set()).add(cpe));
  return products;
}

/** Returns the identity of a row of the table `feature` in the form of {@link InstalledRow}. */
export function identityText(identity: Buffer): string {
  return identity.toString('latin1');
}

/**
 * Returns a copy of the identity of an {@link InstalledRow}. The identity itself is a slice of a text with the identities
 * of all rows, and would keep this text in memory.
 */
export function ownIdentity(identity: string): string {
  return identityText(Buffer.from(identity, 'latin1'));
}

/** Lists of the values of each column, in the same order. A layer without features may have NULL instead of lists. */
type InstalledLists = {
  readonly identities: string | null;
  readonly ids: string | null;
  readonly depths: string | null;
  readonly products: string | null;
  readonly state: string | null;
};

/**
 * Returns the SQL of the list of products. Most layers have no products, and the list is NULL.
 *
 * @param layersWithProducts a query for the layers of `CHAIN` that were built from repositories
 */
export function productList(layersWithProducts: string): string {
  return `CASE
    WHEN EXISTS (${layersWithProducts})
    THEN (SELECT CAST(json_group_array(json_array(depth, cpe)) AS TEXT) FROM product)
  END`;
}

/** The statement of {@link readUnsortedRows}. Parameter: the id of the layer. */
const SELECT_UNSORTED = `
WITH RECURSIVE ${CHAIN}, ${DIFFERENCE}, ${PRODUCTS}
SELECT
  group_concat(hex(identity), '') AS identities,
  CAST(json_group_array(id) AS TEXT) AS ids,
  CAST(json_group_array(origin_depth) AS TEXT) AS depths,
  ${productList("SELECT 1 FROM chain CROSS JOIN layer WHERE layer.id = chain.id AND layer.content_sets <> '[]'")} AS products,
  ${DATA_STATE} AS state
FROM (
  SELECT feature.identity, feature.id, difference.origin_depth
  FROM difference CROSS JOIN feature
  WHERE feature.id = difference.feature AND ${isInstalled('feature.id')}
) AS installed`;
