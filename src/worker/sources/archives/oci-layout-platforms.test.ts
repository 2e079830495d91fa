import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import {
  buildDockerArchive,
  buildLayer,
  buildTar,
  configOf,
  hexOf,
  writeOciLayout,
} from '../../testing/image-builder.ts';
import type { ImageSource } from '../image-source.ts';
import type { LayerSource } from '../layer-source.ts';
import { openImage, openImages, parseTarget } from '../target.ts';

const root = mkdtempSync(join(tmpdir(), 'clair-oci-platforms-'));
afterAll(() => rmSync(root, { recursive: true }));

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const TAG = 'org.opencontainers.image.ref.name';
const LAYER = { tar: await buildLayer({ 'etc/os-release': 'ID=debian\n' }), createdBy: 'ADD base' };

type Descriptor = { readonly digest: string; readonly [field: string]: unknown };

type Draft = {
  readonly folder: string;
  readonly blob: (content: string | Buffer | object, mediaType?: string) => Descriptor;
  /** Writes an image for a processor, and returns its descriptor; `parts` replace fields of the layer's descriptor. */
  readonly image: (architecture: string, parts?: object) => Descriptor;
  readonly index: (...manifests: readonly unknown[]) => void;
};

let drafts = 0;

function draft(): Draft {
  const folder = join(root, `${(drafts += 1)}`);
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const blob = (content: string | Buffer | object, mediaType = 'x'): Descriptor => {
    const bytes = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);
    writeFileSync(join(folder, 'blobs', 'sha256', hexOf(bytes)), bytes);
    return { mediaType, digest: `sha256:${hexOf(bytes)}` };
  };
  return {
    folder,
    blob,
    image(architecture, parts = {}) {
      const layers = [{ ...blob(gzipSync(LAYER.tar)), ...parts }];
      const config = blob({ ...configOf([LAYER]), architecture });
      return { ...blob({ config, layers }, MANIFEST), platform: { os: 'linux', architecture } };
    },
    index: (...manifests) => writeFileSync(join(folder, 'index.json'), JSON.stringify({ manifests })),
  };
}

function tagged(descriptor: Descriptor, tag: string): Descriptor {
  return { ...descriptor, annotations: { [TAG]: tag } };
}

async function archive(folder: string, compress = (tar: Buffer): Buffer => tar): Promise<string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const members = names.map((entry) => join(entry.parentPath, entry.name));
  const tar = await buildTar(members.map((path) => [path.slice(folder.length + 1), readFileSync(path)] as const));
  const path = `${folder}.tar`;
  writeFileSync(path, compress(tar));
  return path;
}

async function bytesOf(source: LayerSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Opens all images of a target in turn; reads and closes each image before it opens the next image. */
async function readAll(target: string): Promise<readonly ImageSource[]> {
  const { images, close } = await openImages(parseTarget(target));
  const read: ImageSource[] = [];
  for (const { platform, open } of images) {
    const image = await open();
    expect(image.platform).toBe(platform);
    for (const { source } of image.layers) expect(hexOf(await bytesOf(source))).toBe(source.digest!.slice(7));
    await image.close();
    read.push(image);
  }
  await close();
  return read;
}

describe('the images of all platforms', () => {
  function multi(): Draft {
    const layout = draft();
    const { blob, image, index } = layout;
    const attestation = { ...image('amd64'), annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } };
    const unknown = { ...image('amd64'), platform: { os: 'unknown', architecture: 'unknown' } };
    const inner = blob({ manifests: [image('arm64'), attestation, unknown, image('s390x')] }, INDEX);
    index(tagged(blob({ manifests: [image('amd64'), inner, image('arm64')] }, INDEX), 'multi'));
    return layout;
  }

  it('of a layout, including nested indexes, are found once each with its tag', async () => {
    const { folder, image } = multi();
    const expected = ['amd64', 'arm64', 's390x'].map((architecture) => ({
      kind: 'oci',
      reference: 'multi',
      digest: image(architecture).digest,
      platform: `linux/${architecture}`,
    }));
    expect(await readAll(folder)).toMatchObject(expected);
    expect(await readAll(`oci:${folder}:multi`)).toMatchObject(expected);
  });

  it('of an archive are read one after the other; closing deletes the unpacked files', async () => {
    const temporary = join(root, 'temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    try {
      expect(await readAll(await archive(multi().folder, gzipSync))).toHaveLength(3);
      expect(readdirSync(temporary)).toEqual([]);
      writeFileSync(join(root, 'none.tar.gz'), gzipSync(await buildTar([['index.json', '{"manifests": []}']])));
      await expect(openImages(parseTarget(join(root, 'none.tar.gz')))).rejects.toMatchObject({
        code: 'image/unreadable',
      });
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('may be listed by the layout itself, without a tag or with the same one', async () => {
    const { folder, image, index } = draft();
    index(image('amd64'), image('arm64'));
    expect(await readAll(folder)).toMatchObject([{ reference: folder }, { reference: folder }]);
    index(tagged(image('amd64'), '1'), tagged(image('arm64'), '1'));
    expect(await readAll(folder)).toMatchObject([{ reference: '1' }, { reference: '1' }]);
  });

  it('fail independently', async () => {
    const { folder, image, index } = draft();
    index({ ...image('arm64'), digest: `sha256:${'0'.repeat(64)}` }, image('amd64'));
    const { images } = await openImages(parseTarget(folder));
    await expect(images[0]!.open()).rejects.toMatchObject({ code: 'image/unreadable' });
    expect(await images[1]!.open()).toMatchObject({ platform: 'linux/amd64' });
  });

  it.each<[string, string, RegExp]>([
    [
      'several names, and none is chosen',
      '',
      /contains several images: 1, 2 \(platforms: linux\/amd64, linux\/arm64\)$/,
    ],
    ['not the name that is chosen', ':3', /has no image "3"; it contains 1, 2$/],
  ])('exclude other images: %s', async (_, tag, message) => {
    const { folder, image, index } = draft();
    index(tagged(image('amd64'), '1'), tagged(image('arm64'), '2'));
    await expect(openImages(parseTarget(`${folder}${tag}`))).rejects.toMatchObject({
      code: 'image/choice-needed',
      message: expect.stringMatching(message),
    });
    expect(await readAll(`${folder}:2`)).toMatchObject([{ platform: 'linux/arm64' }]);
  });

  it('of a format without platforms are a single image', async () => {
    const path = join(root, 'docker.tar');
    writeFileSync(path, await buildDockerArchive([LAYER], 'app:1'));
    const { images, close } = await openImages(parseTarget(path));
    const [image] = await Promise.all(images.map(async ({ open }) => await open()));
    expect(image).toMatchObject({ kind: 'docker-archive', reference: 'app:1', platform: 'linux/amd64' });
    await image!.close();
    expect(await bytesOf(image!.layers[0]!.source)).toEqual(LAYER.tar);
    await close();
    const folder = join(root, 'single');
    writeOciLayout(folder, [LAYER], '1');
    const { images: single } = await openImages(parseTarget(folder));
    expect(single.map(({ platform }) => platform)).toEqual(['unnamed']);
  });

  it('do not contact a registry without access options', async () => {
    await expect(openImages(parseTarget('localhost/app'))).rejects.toMatchObject({ code: 'image/target-invalid' });
  });
});

describe('a foreign layer', () => {
  const foreign = { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip' };
  const nowhere = { digest: `sha256:${'0'.repeat(64)}` };

  it.each<[string, (folder: string) => string | Promise<string>]>([
    ['a layout', (folder) => folder],
    ['an archive', async (folder) => await archive(folder)],
  ])('that %s does not hold is absent', async (_, place) => {
    const { folder, image, index } = draft();
    index(image('amd64', { ...foreign, ...nowhere }));
    const path = await place(folder);
    const opened = await openImage(parseTarget(path));
    const absent = `layer 0 (${nowhere.digest}) is a foreign layer, stored at another location, so Clair did not read it`;
    expect(opened.layers).toMatchObject([{ absent }]);
  });

  it('that is present is an ordinary layer', async () => {
    const { folder, image, index } = draft();
    index(image('amd64', foreign));
    const { layers } = await openImage(parseTarget(folder));
    expect(layers[0]).not.toHaveProperty('absent');
    expect(await bytesOf(layers[0]!.source)).toEqual(gzipSync(LAYER.tar));
  });

  it('may be absent, but a missing ordinary layer is an error when read', async () => {
    const { folder, image, index } = draft();
    index(image('amd64', nowhere));
    const { layers } = await openImage(parseTarget(folder));
    expect(layers[0]).not.toHaveProperty('absent');
    await expect(bytesOf(layers[0]!.source)).rejects.toMatchObject({ code: 'image/unreadable' });
  });
});

describe('an image that cannot be chosen', () => {
  it.each<[string, string, string, RegExp]>([
    [
      'a tag without the platform',
      ':1',
      's390x',
      /has no image "1" for linux\/s390x; it contains 1 \(platforms: linux\/amd64\)$/,
    ],
    ['no tag with the platform', '', 's390x', /has no image for linux\/s390x; it contains 1, 2, 2 \(platforms: .*\)$/],
    ['a tag of two images', ':2', 'arm64', /contains several images "2" for linux\/arm64 \(platforms: linux\/arm64\)$/],
    ['a tag without an image', ':3', 'amd64', /has no image "3"; it contains 1, 2, 2$/],
  ])('is reported with the images of the layout: %s', async (_, tag, architecture, message) => {
    const { folder, image, index } = draft();
    index(tagged(image('amd64'), '1'), tagged(image('arm64'), '2'), tagged(image('arm64', { size: 1 }), '2'));
    const platform = { os: 'linux', architecture };
    await expect(openImage(parseTarget(`oci:${folder}${tag}`), { platform })).rejects.toMatchObject({
      code: 'image/choice-needed',
      message: expect.stringMatching(message),
    });
  });

  it('is reported as missing if the tag refers to an empty index', async () => {
    const { folder, blob, index } = draft();
    index(tagged(blob({ manifests: [] }, INDEX), '1'));
    await expect(openImage(parseTarget(`oci:${folder}:1`))).rejects.toMatchObject({
      code: 'image/unreadable',
      message: `${folder} contains no image "1"`,
    });
  });
});
