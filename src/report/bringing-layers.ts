import type { Store } from '../database/store.ts';
import { ClairError } from '../errors.ts';
import type { Layer } from '../model/layer.ts';

/** The known layers that bring in a package which a vulnerability affects. Fields may only be added. */
export type BringingLayers = {
  readonly id: string;
  /** In the order in which they became known. */
  readonly layers: readonly BringingLayer[];
  /** Whether there are more than were listed. */
  readonly hasMore: boolean;
};

export type BringingLayer = {
  readonly name: string;
  readonly digest: string;
  readonly namespace: string | null;
  /** The references of the images of which it is the topmost layer. */
  readonly topmostOf: readonly string[];
  /** What of it is affected. */
  readonly packages: readonly { readonly name: string; readonly version: string; readonly fixedIn: string | null }[];
};

/** How many records of one name are looked at: errata that fix the same CVE. */
const MAX_RECORDS = 1000;

/**
 * Asks the backward question for a vulnerability and for all advisories that have it among their names, at most `limit` layers.
 *
 * @throws ClairError `vulnerability/not-found` when no source knows it
 */
export async function layersBringing(
  store: Pick<Store, 'vulnerabilities' | 'matches' | 'layers' | 'images'>,
  id: string,
  limit: number,
): Promise<BringingLayers> {
  const records = await store.vulnerabilities.about(id, MAX_RECORDS);
  if (records.length === 0) throw new ClairError('vulnerability/not-found', `no source that was read knows ${id}`);
  const names = new Set(records.map(({ name }) => name));
  const found = new Map<number, string>();
  for (const name of names) {
    // The first layers of all are among the first of each.
    const page = await store.matches.introducingLayers(name, { after: 0, limit: limit + 1 });
    for (const layer of page) found.set(layer.id, layer.name);
  }
  const all = [...found].toSorted(([one], [other]) => one - other);
  const shown = all.slice(0, limit);
  const topmost = await store.images.topmostAmong(shown.map(([, name]) => name));
  const layers: BringingLayer[] = [];
  for (const [layerId] of shown) {
    const layer = await store.layers.get(layerId);
    // Housekeeping may have removed it meanwhile.
    if (layer === undefined) continue;
    const topmostOf = topmost.filter((image) => image.layer === layer.name).map(({ reference }) => reference);
    layers.push({ ...(await broughtBy(store, layer, names)), topmostOf });
  }
  return { id, layers, hasMore: all.length > limit };
}

async function broughtBy(
  { matches }: Pick<Store, 'matches'>,
  { id, name, digest, depth, distribution }: Layer,
  names: ReadonlySet<string>,
): Promise<Omit<BringingLayer, 'topmostOf'>> {
  const own = (await matches.ofLayer(id)).filter(
    ({ vulnerability, originDepth }) => originDepth === depth && names.has(vulnerability.name),
  );
  const packages = new Map(
    own.map(({ package: of, fixed }) => [
      JSON.stringify([of.name, of.version]),
      { name: of.name, version: of.version, fixedIn: fixed },
    ]),
  );
  return { name, digest, namespace: distribution?.namespace ?? null, packages: [...packages.values()] };
}
