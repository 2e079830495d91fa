import type { Digest } from '../../../model/digest.ts';
import type { Layer } from '../../../model/layer.ts';

/** A row of the table `layer`, with the columns {@link LAYER_COLUMNS}. */
export type LayerRow = {
  readonly id: number;
  readonly name: string;
  readonly engine_version: number;
  readonly digest: Digest;
  readonly parent: number | null;
  readonly depth: number;
  readonly distribution: string | null;
  readonly content_sets: string;
  readonly diagnostics: string;
};

/** The columns to select for {@link layerOfRow}. */
export const LAYER_COLUMNS: readonly (keyof LayerRow)[] = [
  'id',
  'name',
  'engine_version',
  'digest',
  'parent',
  'depth',
  'distribution',
  'content_sets',
  'diagnostics',
];

/** Returns the layer in a row. */
export function layerOfRow(row: LayerRow): Layer {
  return layerWith(row, distributionOf(row));
}

/** Returns the layers in the rows of a chain. Layers with the same distribution share its object. */
export function layersOfChain(rows: readonly LayerRow[]): readonly Layer[] {
  const known = new Map<string | null, Layer['distribution']>();
  return rows.map((row) => {
    const distribution = known.get(row.distribution) ?? distributionOf(row);
    known.set(row.distribution, distribution);
    return layerWith(row, distribution);
  });
}

function distributionOf({ distribution }: LayerRow): Layer['distribution'] {
  return distribution === null ? null : JSON.parse(distribution);
}

function layerWith(row: LayerRow, distribution: Layer['distribution']): Layer {
  return {
    id: row.id,
    name: row.name,
    engineVersion: row.engine_version,
    digest: row.digest,
    parent: row.parent,
    depth: row.depth,
    distribution,
    contentSets: JSON.parse(row.content_sets),
    diagnostics: JSON.parse(row.diagnostics),
  };
}
