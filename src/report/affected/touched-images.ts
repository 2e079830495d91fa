import type { IndexedImage } from '../../database/contracts/images.ts';
import type { ImagePosition } from '../../database/contracts/matches.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import { type MatchedPaths, matchedPaths } from '../image/ownership/matched-paths.ts';
import { candidatesOf } from '../../model/feature.ts';
import { isLibrary } from '../../model/package-kind.ts';
import { isNamed } from '../merging/merged-matches.ts';
import { mergedMatchesOf } from '../merging/stored-matches.ts';

/** An image with the affected packages at its topmost layer. */
export type TouchedImage = Pick<IndexedImage, 'digest' | 'reference' | 'platform'> & {
  readonly packages: readonly {
    /** The package URL type. */
    readonly type: string;
    readonly name: string;
    readonly version: string;
    readonly fixedIn: string | null;
    /** The index of the layer that added the package; 0 is the lowest layer. */
    readonly layer: number;
    /** The matched paths in the image; empty for packages of a package database. */
    readonly paths: readonly string[];
  }[];
};

/** The parts of the store that the search for images reads. */
type TouchedStore = Pick<Store, 'matches' | 'layers' | 'feeds'>;

/**
 * Returns at most `limit` images with a package that is affected under one of the names, and whether more images exist.
 */
export async function touchedImages(
  store: TouchedStore,
  names: ReadonlySet<string>,
  limit: number,
): Promise<{ readonly images: readonly TouchedImage[]; readonly hasMore: boolean }> {
  const found: IndexedImage[] = [];
  for (let after: ImagePosition | undefined; ; ) {
    // The query reads one additional image to determine whether more images exist.
    const page = await store.matches.affectedImages([...names], { after, limit: limit + 1 - found.length });
    found.push(...page.images);
    after = page.next;
    if (after === undefined || found.length > limit) break;
  }
  const images: TouchedImage[] = [];
  for (const { digest, reference, platform, leaf } of found.slice(0, limit)) {
    images.push({ digest, reference, platform, packages: leaf === null ? [] : await packagesAt(store, leaf, names) });
  }
  return { images, hasMore: found.length > limit };
}

async function packagesAt(
  store: TouchedStore,
  leaf: number,
  names: ReadonlySet<string>,
): Promise<TouchedImage['packages']> {
  const own = (await mergedMatchesOf(store.matches, leaf)).filter((match) => isNamed(match, names));
  // Read paths only if a package is a library or a file, because other packages have no paths and reading all packages
  // of an image is slow.
  const pathsOf = own.some(({ feature }) => isLibrary(feature)) ? await pathsAt(store, leaf) : () => [];
  const packages = new Map(
    own.map(({ feature: of, namespace, fixed, originDepth }) => {
      const { type, name, version } = of;
      const key = JSON.stringify([type, name, version, candidatesOf(of), originDepth]);
      return [key, { type, name, version, fixedIn: fixed, layer: originDepth, paths: pathsOf(of, namespace) }];
    }),
  );
  return [...packages.values()];
}

async function pathsAt({ layers, feeds }: TouchedStore, leaf: number): Promise<MatchedPaths> {
  const installed: readonly LocatedFeature[] = [...(await layers.features(leaf)), ...(await layers.files(leaf))];
  return matchedPaths(installed, await feeds.judges());
}
