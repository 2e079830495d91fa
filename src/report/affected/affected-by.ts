import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import { vulnerabilityNames } from '../merging/vulnerability-names.ts';
import { type BringingLayer, layersBringing } from './bringing-layers.ts';
import { type TouchedImage, touchedImages } from './touched-images.ts';

/** What is known of that a vulnerability affects. Fields may only be added. */
export type AffectedBy = {
  readonly id: string;
  /** The layers that bring in an affected package, in the order in which they became known. */
  readonly layers: readonly BringingLayer[];
  /** Whether there are more layers than were listed. */
  readonly hasMore: boolean;
  /** The images that have an affected package at their topmost layer; those on one layer come together. */
  readonly images: readonly TouchedImage[];
  readonly hasMoreImages: boolean;
};

/** How many records of one name are looked at: errata that fix the same CVE. */
const MAX_RECORDS = 1000;

/**
 * Asks the backward question for a vulnerability and for all advisories that have it among their names: at most `limit` layers,
 * and as many images.
 *
 * @throws ClairError `vulnerability/not-found` when no feed knows it
 */
export async function affectedBy(
  store: Pick<Store, 'vulnerabilities' | 'matches' | 'layers' | 'images'>,
  id: string,
  limit: number,
): Promise<AffectedBy> {
  const records = await store.vulnerabilities.about(id, MAX_RECORDS);
  if (records.length === 0) throw new ClairError('vulnerability/not-found', `no feed that was read knows ${id}`);
  const names = new Set([...records.map(({ name }) => name), ...(await vulnerabilityNames(store, id))]);
  const { layers, hasMore } = await layersBringing(store, names, limit);
  const { images, hasMore: hasMoreImages } = await touchedImages(store, names, limit);
  return { id, layers, hasMore, images, hasMoreImages };
}
