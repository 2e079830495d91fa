import type { LayerProgress } from '../../model/layer-progress.ts';
import type { ImageSource } from '../../worker/sources/image-source.ts';
import type { LayerSource } from '../../worker/sources/layer-source.ts';
import type { Console } from '../console.ts';
import { createProgressLine, REFRESH_MS } from './progress-line.ts';
import { countOf } from '../../model/counted-noun.ts';

/**
 * Until the work ends, shows the number of finished layers and the number of bytes downloaded from a registry.
 *
 * @param work analyses the given image and reports its progress
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
  const count = (bytes: number): void => void (fetched += bytes);
  const counted: ImageSource =
    image.kind === 'registry'
      ? { ...image, layers: image.layers.map((layer) => ({ ...layer, source: countedSource(layer.source, count) })) }
      : image;
  // The timer also updates the line while no bytes arrive.
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

/** Returns the progress of layers, such as `2 of 4 layers (1 cached)`. */
export function layersText({ total, done, known }: LayerProgress): string {
  return `${done} of ${countOf(total, 'layer')}${known === 0 ? '' : ` (${known} cached)`}`;
}

function progressText(layers: LayerProgress, fetched: number): string {
  return `${layersText(layers)}${fetched === 0 ? '' : `, ${(fetched / 1e6).toFixed(1)} MB downloaded`}`;
}

function countedSource(source: LayerSource, count: (bytes: number) => void): LayerSource {
  const { parts } = source;
  return {
    ...source,
    ...(parts && {
      parts: {
        ...parts,
        async read(start, end, signal) {
          const bytes = await parts.read(start, end, signal);
          count(bytes.length);
          return bytes;
        },
      },
    }),
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
