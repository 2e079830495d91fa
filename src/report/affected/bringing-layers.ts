import type { Store } from '../../database/contracts/store.ts';
import { isNamed } from '../merging/merged-matches.ts';
import { mergedMatchesOf } from '../merging/stored-matches.ts';
import type { Layer } from '../../model/layer.ts';

/** A layer that brings in an affected package. */
export type BringingLayer = {
  readonly name: string;
  readonly digest: string;
  readonly namespace: string | null;
  /** The references of the images of which it is the topmost layer. */
  readonly topmostOf: readonly string[];
  /** What of it is affected. */
  readonly packages: readonly { readonly name: string; readonly version: string; readonly fixedIn: string | null }[];
};

/** The layers that bring in a package which vulnerabilities of these names affect, at most `limit`, and whether there are more. */
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
    // Housekeeping may have removed it meanwhile.
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
      JSON.stringify([of.name, of.version]),
      { name: of.name, version: of.version, fixedIn: fixed },
    ]),
  );
  return { name, digest, namespace: distribution?.namespace ?? null, packages: [...packages.values()] };
}
