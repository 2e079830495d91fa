import { openImage, parseTarget } from '../sources/target.ts';
import type { Worker } from '../worker.ts';
import type { ImageSource } from '../sources/image-source.ts';
import type { Layer } from '../../model/layer.ts';

/** Analyses and closes the image of a target, as `clair scan` does; returns the image with its layers. */
export async function knowImage(
  worker: Worker,
  target: string,
): Promise<{ readonly image: ImageSource; readonly layers: readonly Layer[] }> {
  const image = await openImage(parseTarget(target));
  try {
    return { image, layers: await worker.analyzeImage(image) };
  } finally {
    await image.close();
  }
}
