import { type BuiltLayer, buildLayer } from '../../../src/worker/testing/image-builder.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';

/** The number of images per middle layer. */
const IMAGES_PER_MIDDLE = 8;

/** The number of middle layers per base. */
const MIDDLES_PER_BASE = 4;

/** Builds images that have the packages of the demo image and share their lower layers. */
export async function buildLoadImages(count: number): Promise<readonly (readonly BuiltLayer[])[]> {
  const demo = await buildDemoLayers();
  const known = new Map<string, BuiltLayer>();
  async function layer(name: string): Promise<BuiltLayer> {
    const found = known.get(name) ?? { createdBy: `COPY ${name}`, tar: await buildLayer({ [`opt/${name}`]: name }) };
    known.set(name, found);
    return found;
  }
  const images: BuiltLayer[][] = [];
  for (let at = 0; at < count; at += 1) {
    const middle = Math.floor(at / IMAGES_PER_MIDDLE);
    const base = await layer(`base-${Math.floor(middle / MIDDLES_PER_BASE)}`);
    images.push([base, ...demo, await layer(`middle-${middle}`), await layer(`app-${at}`)]);
  }
  return images;
}
