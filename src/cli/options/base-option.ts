import { ClairError } from '../../errors.ts';
import { layersText } from '../../worker/sources/image/image-config.ts';
import type { ImageSource } from '../../worker/sources/image-source.ts';
import { parsePlatform } from '../../worker/sources/image/platform.ts';
import { openNamedImages } from '../bare-name.ts';
import type { Console } from '../console.ts';
import { registryAccess } from '../settings/registry-access.ts';
import type { RegistryOptions } from './registry-options.ts';

/**
 * Returns the number of layers that come from the base image. The value of `--base` is either this number or a base
 * image for the platform of the image. The layers of the base image must be the lowest layers of the image.
 *
 * @throws ClairError `cli/usage` for a number above the number of layers and for an image that is not the base; the
 *   errors of `openNamedImages` for a base that cannot be opened
 */
export async function baseLayersOf(
  base: string,
  image: Pick<ImageSource, 'layers' | 'platform' | 'reference'>,
  console: Console,
  options: RegistryOptions,
): Promise<number> {
  const count = /^\d{1,4}$/.test(base) ? Number(base) : await layersOf(base, image, console, options);
  if (count <= image.layers.length) return count;
  throw new ClairError(
    'cli/usage',
    `--base ${base} is too high: ${image.reference} has ${layersText(image.layers.length)}`,
  );
}

async function layersOf(
  base: string,
  image: Pick<ImageSource, 'layers' | 'platform' | 'reference'>,
  console: Console,
  options: RegistryOptions,
): Promise<number> {
  const { images, close } = await openNamedImages(console, base, {
    ...registryAccess(console, options),
    platform: parsePlatform(image.platform),
    allPlatforms: false,
  });
  try {
    const [opened] = images;
    if (opened === undefined) throw new Error(`${base} contains no image`);
    const { layers, close: closeBase } = await opened.open();
    await closeBase();
    const differs = layers.findIndex(({ diffId }, index) => diffId !== image.layers[index]?.diffId);
    if (differs === -1) return layers.length;
    const why = differs < image.layers.length ? `layer ${differs} differs` : 'the base has more layers than the image';
    throw new ClairError('cli/usage', `--base ${base} is not the base of ${image.reference}: ${why}`);
  } finally {
    await close();
  }
}
