import type { Store } from '../../database/contracts/store.ts';
import { isNamed } from '../merging/merged-matches.ts';
import { mergedMatchesOf } from '../merging/stored-matches.ts';
import type { Layer } from '../../model/layer.ts';

/** A layer that adds an affected package. */
export type BringingLayer = {
  readonly name: string;
  readonly digest: string;
  readonly namespace: string | null;
  /** The references of the images with this topmost layer. */
  readonly topmostOf: readonly string[];
  /** The affected packages that the layer adds. */
  readonly packages: readonly {
    /** The package URL type. */
    readonly type: string;
    readonly name: string;
    readonly version: string;
    readonly fixedIn: string | null;
  }[];
};

/**
 * Returns at most `limit` layers that add a package that is affected under one of the names, and whether more layers
 * exist.
 */
export async function layersBringing(
  store: Pick<Store, 'matches' | 'layers' | 'images'>,
  names: ReadonlySet<string>,
  limit: number,
): Promise<{ readonly layers: readonly BringingLayer[]; readonly hasMore: boolean }> {
  const found = await store.matches.introducingLayers([...names], { after: 0, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const topmost = await store.images.topmostAmong(shown.map(({ name }) => name));
  const layers: BringingLayer[] = [];
  for (const { id } of shown) {
    const layer = await store.layers.get(id);
    // Housekeeping can delete the layer after the first query.
    if (layer === undefined) continue;
    const topmostOf = topmost.filter((image) => image.layer === layer.name).map(({ reference }) => reference);
    layers.push({ ...(await broughtBy(store, layer, names)), topmostOf });
  }
  return { layers, hasMore: found.length > limit };
}

async function broughtBy(
  { matches }: Pick<Store, 'matches'>,
  { id, name, digest, depth, distribution }: Layer,
  names: ReadonlySet<string>,
): Promise<Omit<BringingLayer, 'topmostOf'>> {
  const own = (await mergedMatchesOf(matches, id)).filter(
    (match) => match.originDepth === depth && isNamed(match, names),
  );
  const packages = new Map(
    own.map(({ feature: of, fixed }) => [
      JSON.stringify([of.type, of.name, of.version]),
      { type: of.type, name: of.name, version: of.version, fixedIn: fixed },
    ]),
  );
  return { name, digest, namespace: distribution?.namespace ?? null, packages: [...packages.values()] };
}
