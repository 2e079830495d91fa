import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Layer } from '../model/layer.ts';
import { linkedDigest } from './layer/layer-layout.ts';
import type { LayerReader } from './layer/layer-reader.ts';
import { areSameTargets, type LinkTarget, MAX_PASSES } from './layer/link-targets.ts';
import type { LayersAtHand, ReadableLayer } from './layers-at-hand.ts';
import { createLoggedReader } from './logged/logged-reader.ts';
import type { LayerRecorder, RecordedLayer } from './layer-recorder.ts';
import { inOrder } from './ordered-work.ts';
import type { SingleFlight } from './single-flight.ts';

export type LinkedLayersOptions = {
  readonly store: Store;
  readonly reader: LayerReader;
  readonly recorder: LayerRecorder;
  readonly shared: SingleFlight;
};

/** Records layers, and reads them again for unread link targets and for databases with a log. */
export type LinkedLayers = {
  /** Records a layer. @throws ClairError the errors of the recorder and of the reader. */
  readonly record: (layer: RecordedLayer, atHand: LayersAtHand, signal?: AbortSignal) => Promise<Layer>;
};

/** Creates the counter of repeated readings for one image. */
export function passesOfImage(): LayersAtHand['passes'] {
  return { left: MAX_PASSES };
}

/** Creates the recorder of layers and of the contents behind their links. */
export function createLinkedLayers({ store, reader, recorder, shared }: LinkedLayersOptions): LinkedLayers {
  const logged = createLoggedReader({ store, reader, shared });

  /** Reads a layer for link targets once for all images, and stores these contents under a separate digest. */
  async function readFor(
    targets: readonly LinkTarget[],
    { digest, layout, source }: ReadableLayer,
    engineVersion: number,
    signal: AbortSignal,
  ): Promise<void> {
    const kept = linkedDigest(digest, targets);
    await shared.once(`contents ${kept} ${engineVersion}`, {
      find: async () => await store.layers.contents(kept, engineVersion),
      async work() {
        const { contents: plain, marked: contents = plain } = await reader.read(source, { layout, targets, signal });
        await store.layers.keepContents(kept, engineVersion, contents);
        return contents;
      },
      signal,
    });
  }

  async function readAgain(
    lists: readonly (readonly LinkTarget[])[],
    { layers, isTried = false }: LayersAtHand,
    engineVersion: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const readings = lists.flatMap((targets) => layers.map((each) => ({ targets, each })));
    const done = inOrder(readings, reader.ahead, async ({ targets, each }, stop) => {
      const either = signal === undefined ? stop : AbortSignal.any([stop, signal]);
      try {
        await readFor(targets, each, engineVersion, either);
      } catch (error) {
        signal?.throwIfAborted();
        if (!isTried || !(error instanceof ClairError) || !error.code.startsWith('bytes/')) throw error;
      }
    });
    for await (const _ of done);
  }

  return {
    async record(layer, atHand, signal) {
      let targets: readonly LinkTarget[] = [];
      let areLogsRead = false;
      for (;;) {
        const isLast = atHand.passes.left === 0;
        const told = await recorder.record({ ...layer, targets, isLast, areLogsRead }, signal);
        if ('databases' in told) {
          await logged.read(told, atHand, layer.engineVersion, signal);
          areLogsRead = true;
          continue;
        }
        if (!('unread' in told)) return told;
        const { unread, known } = told;
        const isNew = !areSameTargets(unread, known);
        if (isNew) atHand.passes.left -= 1;
        // The layers below were already read for the known targets, so without new targets only the new layer is read.
        const layers = isNew ? atHand.layers : atHand.layers.slice(-1);
        const lists = atHand.isTried === true && isNew && known.length > 0 ? [unread, known] : [unread];
        await readAgain(lists, { ...atHand, layers }, layer.engineVersion, signal);
        targets = unread;
      }
    },
  };
}
