import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import { vulnerabilityNames } from '../merging/vulnerability-names.ts';
import { type BringingLayer, layersBringing } from './bringing-layers.ts';
import { type TouchedImage, touchedImages } from './touched-images.ts';

/**
 * The indexed layers and images that a vulnerability affects. New versions may add fields, but not change or remove
 * fields.
 */
export type AffectedBy = {
  readonly id: string;
  /** The layers that add an affected package, in the order in which the layers were first analysed. */
  readonly layers: readonly BringingLayer[];
  /** Whether more layers exist. */
  readonly hasMore: boolean;
  /** The images with an affected package at the topmost layer. Images with the same topmost layer are adjacent. */
  readonly images: readonly TouchedImage[];
  readonly hasMoreImages: boolean;
};

/** The maximum number of advisories to read for a name; many errata can fix the same CVE. */
const MAX_RECORDS = 1000;

/**
 * Finds at most `limit` layers and at most `limit` images that a vulnerability affects under any of its names.
 *
 * @throws ClairError `vulnerability/not-found` if no feed lists the vulnerability
 */
export async function affectedBy(
  store: Pick<Store, 'vulnerabilities' | 'matches' | 'layers' | 'images' | 'feeds'>,
  id: string,
  limit: number,
): Promise<AffectedBy> {
  const records = await store.vulnerabilities.about(id, MAX_RECORDS);
  if (records.length === 0) throw new ClairError('vulnerability/not-found', `no stored feed lists ${id}`);
  const names = new Set([...records.map(({ name }) => name), ...(await vulnerabilityNames(store, id))]);
  const { layers, hasMore } = await layersBringing(store, names, limit);
  const { images, hasMore: hasMoreImages } = await touchedImages(store, names, limit);
  return { id, layers, hasMore, images, hasMoreImages };
}
