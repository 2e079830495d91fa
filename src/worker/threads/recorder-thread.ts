import { workerData } from 'node:worker_threads';
import { openStore, type SharedDatabaseOptions } from '../../database/open-store.ts';
import { type Outcome, outcomeOf } from '../../errors.ts';
import { DETECTORS } from '../detectors/index.ts';
import { createLayerRecorder, type LayerRecorder, type Recorded, type RecordedLayer } from '../layer-recorder.ts';

export type RecorderThreadData = { readonly database: SharedDatabaseOptions };

export const recordInThread: (layer: RecordedLayer) => Promise<Outcome<Recorded>> = createThreadRecorder(workerData);

/**
 * Creates the recorder of the thread, which keeps its connections and the states of recent chains between layers. The
 * thread may be terminated at any time; the database then rolls back its transaction.
 */
function createThreadRecorder({ database }: RecorderThreadData): typeof recordInThread {
  let opened: Promise<LayerRecorder> | undefined;
  const open = async (): Promise<LayerRecorder> =>
    createLayerRecorder({ store: await openStore(database), detectors: DETECTORS });
  return async (layer) =>
    await outcomeOf(async () => {
      opened ??= open();
      let recorder: LayerRecorder;
      try {
        recorder = await opened;
      } catch (error) {
        // The next layer opens new connections, because the database may be available again.
        opened = undefined;
        throw error;
      }
      return await recorder.record(layer);
    });
}
