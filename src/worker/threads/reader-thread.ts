import { fileBytes } from '../../bytes/file-bytes.ts';
import { type Outcome, outcomeOf } from '../../errors.ts';
import { DETECTORS } from '../detectors/index.ts';
import { createLayerReader, type StoredReading } from '../layer/layer-reader.ts';
import { turnOf } from './big-file-turn.ts';
import type { ReadingTask } from './reading-task.ts';

/** What a thread of the pool does: reads one layer. Each call is complete in itself, nothing is kept between them. */
export async function readInThread({
  bytes,
  layout,
  targets,
  turn,
  ...promised
}: ReadingTask): Promise<Outcome<StoredReading>> {
  const source = {
    ...promised,
    open: async () => ('path' in bytes ? fileBytes(bytes.path, bytes.range, bytes.within) : bytes),
  };
  return await outcomeOf(
    async () =>
      await createLayerReader(DETECTORS).read(source, { layout, targets, turn: turnOf(turn.memory, turn.holder) }),
  );
}
