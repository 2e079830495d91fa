import { describe, expect, it } from 'vitest';
import { hexOf } from '../../testing/image-builder.ts';
import { placeOfBlobs } from '../../testing/place-of-blobs.ts';
import { chooseManifest, manifestsBelow, platformsOf } from './image-index.ts';
import type { Descriptor } from './image-manifest.ts';
import { parsePlatform } from './platform.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

function image(mark: number, platform?: string): Descriptor {
  const digest = `sha256:${mark.toString(16).padStart(64, '0')}`;
  return platform === undefined ? { digest } : { digest, platform: parsePlatform(platform)! };
}

describe('the image for a platform', () => {
  const SEVERAL = ['linux/amd64', 'linux/amd64/v3', 'linux/arm64/v8', 'linux/arm/v6', 'linux/arm/v7', 'windows/amd64'];

  it.each<[string, readonly (string | undefined)[], boolean, number | undefined]>([
    ['linux/amd64', SEVERAL, true, 0],
    ['linux/amd64/v3', SEVERAL, true, 1],
    ['linux/amd64/v2', SEVERAL, true, undefined],
    ['linux/arm64', SEVERAL, true, 2],
    ['linux/arm64/v8', SEVERAL, true, 2],
    ['linux/arm/v6', SEVERAL, true, 3],
    ['linux/arm', SEVERAL, true, undefined],
    ['linux/arm', SEVERAL, false, undefined],
    ['windows/amd64', SEVERAL, true, 5],
    ['linux/s390x', SEVERAL, false, undefined],
    // A single image is used, unless it states a platform other than the required platform.
    ['linux/amd64', ['linux/s390x'], false, 0],
    ['linux/amd64', ['linux/s390x'], true, undefined],
    ['linux/amd64', [undefined], false, 0],
    ['linux/amd64', [undefined], true, 0],
    ['linux/amd64', [undefined, 'linux/amd64'], true, 1],
    ['linux/amd64', [undefined, undefined], false, undefined],
    ['linux/amd64', ['linux/amd64', 'linux/amd64'], true, undefined],
    ['linux/amd64', [], false, undefined],
  ])('%s of %j (required: %s) is at %s', (wanted, offered, required, at) => {
    const candidates = offered.map((platform, mark) => image(mark, platform));
    const chosen = chooseManifest(candidates, { platform: parsePlatform(wanted)!, required });
    expect(chosen).toEqual(at === undefined ? undefined : candidates[at]);
  });

  it('is found if it is listed twice', () => {
    const twice = [image(1, 'linux/amd64'), image(1, 'linux/amd64')];
    const wish = { platform: parsePlatform('linux/amd64')!, required: true };
    expect(chooseManifest(twice, wish)).toEqual(twice[0]);
  });
});

it('lists each platform once, including variants', () => {
  const candidates = ['linux/arm/v6', 'linux/arm/v7', undefined, 'linux/arm/v6'].map((text, mark) => image(mark, text));
  expect(platformsOf(candidates)).toBe('linux/arm/v6, linux/arm/v7, unnamed');
});

describe('an index with images in other formats', () => {
  const blobs = new Map<string, string>();
  const place = placeOfBlobs(blobs);
  const manifest = (mediaType: string): Descriptor => {
    const content = JSON.stringify({ config: { mediaType, digest: `sha256:${hexOf('{}')}` }, layers: [] });
    blobs.set(`sha256:${hexOf(content)}`, content);
    return { digest: `sha256:${hexOf(content)}`, artifactType: 'application/vnd.amazon.soci.index.v2+json' };
  };
  const plain = image(0, 'linux/amd64');
  const wish = { platform: parsePlatform('linux/amd64')!, required: true };

  it('has no SOCI indexes among its images, unless their manifest is that of an image', async () => {
    const indexes = ['application/vnd.oci.empty.v1+json', 'application/vnd.amazon.soci.index.v1+json'].map(manifest);
    const [disguised, missing] = [manifest('application/vnd.oci.image.config.v1+json'), manifest('')];
    blobs.delete(missing.digest);
    expect(await manifestsBelow(place, [plain, ...indexes, disguised, missing])).toEqual([plain, disguised, missing]);
  });

  it('needs a choice between an ordinary image and an image that states the format of Nydus', async () => {
    const { digest } = image(1);
    const nydus = { digest, platform: { ...plain.platform!, 'os.features': ['nydus.remoteimage.v1'] } };
    const candidates = await manifestsBelow(place, [nydus, plain]);
    expect(candidates).toEqual([nydus, plain]);
    expect(chooseManifest(candidates, wish)).toBeUndefined();
    expect(platformsOf(candidates)).toBe('linux/amd64 (Nydus), linux/amd64');
  });

  it('may have fields of unknown shape, which other tools ignore', async () => {
    const odd = { ...plain, artifactType: 3, platform: { ...plain.platform!, 'os.features': null } };
    const content = JSON.stringify({ manifests: [odd] });
    blobs.set(`sha256:${hexOf(content)}`, content);
    const [found] = await manifestsBelow(place, [{ mediaType: INDEX, digest: `sha256:${hexOf(content)}` }]);
    expect(chooseManifest([found!], wish)).toEqual(odd);
  });
});
