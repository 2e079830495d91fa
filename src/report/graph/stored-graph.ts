import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import type { Report } from '../../model/report/report.ts';
import { mergedMatchesOf } from '../merging/stored-matches.ts';
import { type GraphFilter, type ImageGraph, imageGraph } from './image-graph.ts';

/**
 * Reads the layers of an image from the store and creates its graph.
 *
 * @param image the report and the stored layers of the image, base first
 * @throws the abort reason of the signal
 */
export async function graphOfImage(
  store: Pick<Store, 'layers' | 'matches'>,
  { report, layers }: { readonly report: Report; readonly layers: readonly Layer[] },
  filter: GraphFilter = {},
  signal?: AbortSignal,
): Promise<ImageGraph> {
  const changes = [];
  const matches = [];
  // Read the layers one after another, so that the database remains available to other callers.
  for (const { id } of layers) {
    signal?.throwIfAborted();
    changes.push(await store.layers.changes(id));
    matches.push(await mergedMatchesOf(store.matches, id));
  }
  return imageGraph({ report, changes, matches }, filter);
}
