import type { IndexedImage } from '../../database/contracts/images.ts';
import type { ImagePosition } from '../../database/contracts/matches.ts';
import type { Store } from '../../database/contracts/store.ts';
import { isNamed } from '../merging/merged-matches.ts';
import { mergedMatchesOf } from '../merging/stored-matches.ts';

/** An image with the affected packages at its topmost layer. */
export type TouchedImage = Pick<IndexedImage, 'digest' | 'reference' | 'platform'> & {
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly fixedIn: string | null;
    /** The index of the layer that added the package; 0 is the lowest. */
    readonly layer: number;
  }[];
};

/** Returns the images with a package affected under one of the names, at most `limit`, and whether more exist. */
export async function touchedImages(
  { matches }: Pick<Store, 'matches'>,
  names: ReadonlySet<string>,
  limit: number,
): Promise<{ readonly images: readonly TouchedImage[]; readonly hasMore: boolean }> {
  const found: IndexedImage[] = [];
  for (let after: ImagePosition | undefined; ; ) {
    // One extra image shows whether more exist.
    const page = await matches.affectedImages([...names], { after, limit: limit + 1 - found.length });
    found.push(...page.images);
    after = page.next;
    if (after === undefined || found.length > limit) break;
  }
  const images: TouchedImage[] = [];
  for (const { digest, reference, platform, leaf } of found.slice(0, limit)) {
    images.push({ digest, reference, platform, packages: leaf === null ? [] : await packagesAt(matches, leaf, names) });
  }
  return { images, hasMore: found.length > limit };
}

async function packagesAt(
  matches: Store['matches'],
  leaf: number,
  names: ReadonlySet<string>,
): Promise<TouchedImage['packages']> {
  const own = (await mergedMatchesOf(matches, leaf)).filter((match) => isNamed(match, names));
  const packages = new Map(
    own.map(({ feature: of, fixed, originDepth }) => [
      JSON.stringify([of.name, of.version, originDepth]),
      { name: of.name, version: of.version, fixedIn: fixed, layer: originDepth },
    ]),
  );
  return [...packages.values()];
}
