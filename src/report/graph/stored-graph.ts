import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import type { Report } from '../../model/report/report.ts';
import { mergedMatchesOf } from '../merging/stored-matches.ts';
import { type GraphFilter, type ImageGraph, imageGraph } from './image-graph.ts';

/**
 * Asks the store what the graph of an image is made of, and makes it.
 *
 * @param image its report, and its layers as they are known, base first
 * @throws the reason of the signal
 */
export async function graphOfImage(
  store: Pick<Store, 'layers' | 'matches'>,
  { report, layers }: { readonly report: Report; readonly layers: readonly Layer[] },
  filter: GraphFilter = {},
  signal?: AbortSignal,
): Promise<ImageGraph> {
  const changes = [];
  const matches = [];
  // One after the other: nobody else would get his turn while all layers of a large image are asked for at once.
  for (const { id } of layers) {
    signal?.throwIfAborted();
    changes.push(await store.layers.changes(id));
    matches.push(await mergedMatchesOf(store.matches, id));
  }
  return imageGraph({ report, changes, matches }, filter);
}
