import type { LayerProgress } from '../../model/layer-progress.ts';
import type { ImageSource } from '../../worker/sources/image-source.ts';
import type { LayerSource } from '../../worker/sources/layer-source.ts';
import type { Console } from '../console.ts';
import { createProgressLine, REFRESH_MS } from './progress-line.ts';

/**
 * Shows how far the reading of an image has come, until the work ends: which of its layers are done, and how many bytes were
 * fetched of those that come from a registry.
 *
 * @param work reads the image that it is given, and says how far it is
 */
export async function showingProgress<Result>(
  console: Pick<Console, 'err' | 'columns'>,
  image: ImageSource,
  work: (image: ImageSource, progress: (now: LayerProgress) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const line = createProgressLine(console, Date.now);
  let now: LayerProgress = { total: image.layers.length, done: 0, known: 0 };
  let fetched = 0;
  const show = (): void => line.set(image.reference, progressText(now, fetched));
  const counted: ImageSource = {
    ...image,
    layers: image.layers.map((layer) => ({
      ...layer,
      source: countedSource(layer.source, (bytes) => {
        fetched += bytes;
      }),
    })),
  };
  // By a clock of its own: it must be seen that nothing comes, too.
  const timer = setInterval(show, REFRESH_MS);
  try {
    return await work(counted, async (progress) => {
      now = progress;
    });
  } finally {
    clearInterval(timer);
    line.done(image.reference);
  }
}

/** Says which of the layers of an image are done: `2 of 4 layers (1 known before)`. */
export function layersText({ total, done, known }: LayerProgress): string {
  return `${done} of ${total} layers${known === 0 ? '' : ` (${known} known before)`}`;
}

function progressText(layers: LayerProgress, fetched: number): string {
  return `${layersText(layers)}${fetched === 0 ? '' : `, ${(fetched / 1e6).toFixed(1)} MB fetched`}`;
}

/** What lies in a file is read by a thread, which does not ask here. */
function countedSource(source: LayerSource, count: (bytes: number) => void): LayerSource {
  if (source.file !== undefined) return source;
  return {
    ...source,
    async open(signal) {
      const stream = await source.open(signal);
      return (async function* counting() {
        for await (const chunk of stream) {
          count(chunk.length);
          yield chunk;
        }
      })();
    },
  };
}
