import { hash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { LAYERS_PER_PARTITION } from '../../src/database/engines/postgres/partitions/layer-partitions.ts';
import { IMAGE_CHAINS, IMAGE_REFERENCES, IMAGES } from '../../src/database/queries/images/image-store.ts';
import { LAYER_CHANGES, LAYERS } from '../../src/database/queries/layers/layer-store.ts';

/**
 * Copies all layers and images of a database in the server, because making 10,000,000 layers in this program takes an
 * hour. A copy has the digest, the contents and the packages of its original, and a name of its own ({@link nameOfCopy}),
 * like the same layer on top of other layers. The program would write the same rows. The first `shared` layers are the
 * bases of most images; the copies use them as parents too.
 *
 * @param times how many times as many layers there are afterwards
 */
export async function multiplyLayers(
  client: ClientBase,
  { shared, times }: { readonly shared: number; readonly times: number },
): Promise<void> {
  const { rows } = await client.query<Ids>(SELECT_IDS, [shared - 1]);
  const [ids] = rows;
  if (ids === undefined) throw new Error('a query of maxima returned no row');
  for (let copy = 1; copy < times; copy += 1) {
    for (const statement of copyStatements(ids, copy)) await client.query(statement);
  }
  for (const table of [LAYERS.table, IMAGES.table]) {
    await client.query(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), MAX(id)) FROM ${table}`);
  }
}

/** Returns the name of a copy of a layer, or the digest of a copy of an image; copy 0 is the original. */
export function nameOfCopy<Name extends string>(name: Name, copy: number): Name | `sha256:${string}` {
  return copy === 0 ? name : `sha256:${hash('sha256', `${name} ${copy}`)}`;
}

/** The highest ids before the multiplication, and the highest id of a shared layer, as decimal numbers. */
type Ids = { readonly layer: string; readonly image: string; readonly shared: string };

const SELECT_IDS = `
SELECT
  (SELECT MAX(id) FROM layer) AS layer,
  (SELECT MAX(id) FROM image) AS image,
  (SELECT id FROM layer ORDER BY id LIMIT 1 OFFSET $1) AS shared`;

function copyStatements({ layer, image, shared }: Ids, copy: number): readonly string[] {
  const layerId = (id: string): string => `${id} + ${copy} * ${layer}::bigint`;
  const imageId = (id: string): string => `${id} + ${copy} * ${image}::bigint`;
  const parentId = (id: string): string => `CASE WHEN ${id} <= ${shared} THEN ${id} ELSE ${layerId(id)} END`;
  const copied = (name: string): string => `'sha256:' || encode(sha256((${name} || ' ${copy}')::bytea), 'hex')`;
  const [name, digest] = ["split_part(reference, '@', 1)", "split_part(reference, '@', 2)"];
  const reference = `${name} || '-${copy}@' || ${copied(digest)}`;
  return [
    insertion(LAYERS, { id: layerId('id'), name: copied('name'), parent: parentId('parent') }, `id <= ${layer}`),
    `SELECT extend_layer_feature(${LAYERS_PER_PARTITION})`,
    insertion(LAYER_CHANGES, { layer: layerId('layer') }, `layer <= ${layer}`),
    insertion(
      IMAGES,
      {
        id: imageId('id'),
        namespace: 'namespace',
        digest: copied('digest'),
        reference,
        target: `'registry:' || ${reference}`,
        leaf: layerId('leaf'),
      },
      `id <= ${image}`,
    ),
    insertion(IMAGE_CHAINS, { layer: parentId('layer'), image: imageId('image') }, `image <= ${image}`),
    insertion(IMAGE_REFERENCES, { reference, image: imageId('image') }, `image <= ${image}`),
  ];
}

/** Returns a statement that inserts the rows of a table again, with other values in some columns. */
function insertion(
  { table, columns }: { readonly table: string; readonly columns: readonly string[] },
  changed: Readonly<Record<string, string>>,
  which: string,
): string {
  const all = [...new Set([...Object.keys(changed), ...columns])];
  const values = all.map((column) => changed[column] ?? column);
  return `INSERT INTO ${table} (${all.join(', ')}) SELECT ${values.join(', ')} FROM ${table} WHERE ${which}`;
}
