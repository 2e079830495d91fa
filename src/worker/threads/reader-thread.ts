import { availableParallelism } from 'node:os';
import { Readable } from 'node:stream';
import { fileBytes } from '../../bytes/file-bytes.ts';
import { type Outcome, outcomeOf } from '../../errors.ts';
import { detectorsWith } from '../detectors/index.ts';
import { createLayerReader, type LayerReaderOptions, type StoredReading } from '../layer/layer-reader.ts';
import { differingContents } from '../parts/layer-views.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import { turnOf } from './big-file-turn.ts';
import { receivedParts } from './parts-channel.ts';
import { isForAllProcessors } from './reading-load.ts';
import type { CompareTask, FileTask, PartsTask, ReadingTask } from './reading-task.ts';

/** Does nothing; the thread has started when the call returns. */
export function startInThread(): void {}

/** Reads one layer in a thread of the pool; keeps no state between calls. */
export async function readInThread(task: ReadingTask): Promise<Outcome<StoredReading>> {
  return await outcomeOf(
    async () => await createLayerReader(detectorsWith(task.classifiers), task).read(sourceOf(task), optionsOf(task)),
  );
}

/** Reads one layer in part in a thread of the pool; undefined in the cases of readPartsOfLayer(). */
export async function readPartsInThread(task: PartsTask): Promise<Outcome<StoredReading | undefined>> {
  const parts = receivedParts(task.parts);
  const { where, digest, diffId } = task;
  const source = {
    where,
    ...(digest && { digest }),
    ...(diffId && { diffId }),
    parts,
    open: async () => Readable.from([]),
  };
  try {
    return await outcomeOf(
      async () => await createLayerReader(detectorsWith(task.classifiers), task).readParts(source, optionsOf(task)),
    );
  } finally {
    parts.close();
  }
}

/** Reads one file of a layer in a thread of the pool. */
export async function readFileInThread(task: FileTask): Promise<Outcome<Uint8Array>> {
  return await outcomeOf(async () => {
    const bytes = await createLayerReader(detectorsWith(task.classifiers)).readFile(
      sourceOf(task),
      task.file,
      optionsOf(task),
    );
    return task.file.logged === undefined ? shared(bytes) : bytes;
  });
}

/** Compares the contents of a layer's parts and of the whole layer in a thread of the pool. */
export async function compareInThread({ part, whole }: CompareTask): Promise<Uint8Array | undefined> {
  return differingContents(part, whole);
}

/**
 * Returns the bytes in shared memory: a log can be 128 MiB long, and copying it between threads would block the
 * receiving thread.
 */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

function sourceOf({ where, digest, diffId, isPartial, bytes }: ReadingTask): LayerSource {
  return {
    where,
    ...(digest && { digest }),
    ...(diffId && { diffId }),
    ...(isPartial && { isPartial }),
    open: async () => ('path' in bytes ? fileBytes(bytes.path, bytes.range, bytes.within) : bytes),
    ...('path' in bytes && { file: () => bytes }),
  };
}

function optionsOf({
  layout,
  targets,
  load,
  turn,
  known,
  partsRefused,
}: Omit<ReadingTask, 'bytes'>): LayerReaderOptions {
  const processors = availableParallelism();
  return {
    layout,
    targets,
    areProcessorsBusy: () => isForAllProcessors(load, processors),
    turn: turnOf(turn.memory, turn.holder),
    ...(known && { known }),
    ...(partsRefused !== undefined && { partsRefused }),
  };
}
