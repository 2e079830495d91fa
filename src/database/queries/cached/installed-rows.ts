import type { Queries } from '../../engines/engine.ts';
import { DATA_STATE } from '../images/data-revision.ts';
import { createTurns } from '../../turns.ts';
import { FEATURE_ORDER, itemAt } from '../layers/feature-rows.ts';
import { CHAIN, LOCATED } from '../matches/installed.ts';
import { PRODUCTS } from '../matches/products.ts';

/** The features installed at a layer, without their contents. */
export type Installed = {
  /** The state of the data of feeds that the same snapshot contains (`DATA_STATE`). */
  readonly state: string;
  /** The products of the repositories of the layers up to a depth, by depth. */
  readonly products: ReadonlyMap<number, ReadonlySet<string>>;
  /** In the order `FEATURE_ORDER`, once for each path. */
  readonly rows: readonly InstalledRow[];
};

export type InstalledRow = {
  readonly id: number;
  /** The SHA-256 of the namespace and all fields of the feature, which no two different features share. */
  readonly identity: string;
  readonly path: string;
  readonly originDepth: number;
};

/** The number of features between two reads of the clock. */
const ROWS_PER_CHECK = 500;

/** Reads the features installed at a layer. Other work of the thread can run between lists and between features. */
export async function readInstalled(read: Queries, layer: number): Promise<Installed> {
  const lists = await read.get<InstalledLists>(SELECT_INSTALLED, [layer]);
  const turns = createTurns();
  const parsed = async <Item>(list: string | null | undefined): Promise<readonly Item[]> => {
    if (turns.areDue()) await turns.take();
    return JSON.parse(list ?? '[]');
  };
  const ids = await parsed<number>(lists?.ids);
  const paths = await parsed<string>(lists?.paths);
  const depths = await parsed<number>(lists?.depths);
  const products = productsOf(await parsed(lists?.products));
  const identities = lists?.identities ?? Buffer.alloc(0);
  const rows: InstalledRow[] = [];
  for (const [at, id] of ids.entries()) {
    const identity = identities.toString('latin1', at * IDENTITY_BYTES, (at + 1) * IDENTITY_BYTES);
    rows.push({ id, identity, path: itemAt(paths, at), originDepth: itemAt(depths, at) });
    if (at % ROWS_PER_CHECK === 0 && turns.areDue()) await turns.take();
  }
  return { state: lists?.state ?? '', products, rows };
}

function productsOf(items: readonly (readonly [depth: number, cpe: string])[]): Installed['products'] {
  const products = new Map<number, Set<string>>();
  for (const [depth, cpe] of items) products.set(depth, (products.get(depth) ?? new Set()).add(cpe));
  return products;
}

/** Returns the identity of a row of the table `feature` in the form of {@link InstalledRow}. */
export function identityText(identity: Buffer): string {
  return identity.toString('latin1');
}

const IDENTITY_BYTES = 32;

/** The values of each column, in the same order; NULL if there are no features. */
type InstalledLists = {
  readonly identities: Buffer | null;
  readonly ids: string | null;
  readonly paths: string | null;
  readonly depths: string | null;
  readonly products: string | null;
  readonly state: string | null;
};

/**
 * The features installed at a layer, in one row of lists. Most layers have no repositories, so their products are not
 * read. Only for PostgreSQL, because SQLite does not join binary values. Parameter: the id of the layer.
 */
const SELECT_INSTALLED = `
WITH RECURSIVE ${CHAIN}, ${LOCATED}, ${PRODUCTS}
SELECT
  string_agg(identity, ''::bytea) AS identities,
  CAST(json_group_array(id) AS TEXT) AS ids,
  CAST(json_group_array(path) AS TEXT) AS paths,
  CAST(json_group_array(origin_depth) AS TEXT) AS depths,
  CASE
    WHEN EXISTS (SELECT 1 FROM chain CROSS JOIN layer WHERE layer.id = chain.id AND layer.content_sets <> '[]')
    THEN (SELECT CAST(json_group_array(json_array(depth, cpe)) AS TEXT) FROM product)
  END AS products,
  ${DATA_STATE} AS state
FROM (
  SELECT feature.identity, feature.id, located.path, located.origin_depth
  FROM located CROSS JOIN feature
  WHERE feature.id = located.feature
  ORDER BY ${FEATURE_ORDER}, located.path
) AS installed`;
