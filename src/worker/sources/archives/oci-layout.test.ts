import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { buildLayer, configOf, hexOf, writeOciLayout } from '../../testing/image-builder.ts';
import { allOf } from '../../../bytes/testing/tar-builder.ts';
import { openDirectoryFiles } from './directory-files.ts';
import type { ImageSource } from '../image-source.ts';
import type { LayerSource } from '../layer-source.ts';
import { openOciLayout } from './oci-layout.ts';
import { parsePlatform, type PlatformWish } from '../image/platform.ts';

const root = mkdtempSync(join(tmpdir(), 'clair-oci-layout-'));
afterAll(() => rmSync(root, { recursive: true }));

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const TAG = 'org.opencontainers.image.ref.name';

const BASE = await buildLayer({ 'etc/os-release': 'ID=debian\n' });
const TOP = await buildLayer({ hello: 'world' });
const LAYERS = [
  { tar: BASE, createdBy: 'ADD base' },
  { tar: TOP, createdBy: 'RUN echo' },
];
const CONFIG = configOf(LAYERS);

type Descriptor = { readonly digest: string; readonly [field: string]: unknown };

type Draft = {
  readonly folder: string;
  readonly blob: (content: string | Buffer | object, mediaType?: string) => Descriptor;
  /** Writes a manifest of the two layers, made unique by a number, and returns its descriptor. */
  readonly image: (mark: number, parts?: object) => Descriptor;
  readonly path: (descriptor: Descriptor) => string;
  readonly index: (...manifests: readonly unknown[]) => void;
};

let drafts = 0;

function draft(): Draft {
  const folder = join(root, `${(drafts += 1)}`);
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const path = ({ digest }: Descriptor): string => join(folder, 'blobs', 'sha256', digest.replace('sha256:', ''));
  const blob = (content: string | Buffer | object, mediaType = 'x'): Descriptor => {
    const bytes = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);
    const descriptor = { mediaType, digest: `sha256:${hexOf(bytes)}`, size: Buffer.byteLength(bytes) };
    // All images of a draft have the same layers, and overwriting a file is slow.
    if (!existsSync(path(descriptor))) writeFileSync(path(descriptor), bytes);
    return descriptor;
  };
  return {
    folder,
    blob,
    path,
    image: (mark, parts = {}) => {
      const layers = [blob(BASE), blob(gzipSync(TOP))];
      return blob(
        { schemaVersion: 2, annotations: { mark: `${mark}` }, config: blob(CONFIG), layers, ...parts },
        MANIFEST,
      );
    },
    index: (...manifests) => {
      writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    },
  };
}

function tagged(descriptor: Descriptor, tag: string): Descriptor {
  return { ...descriptor, annotations: { [TAG]: tag } };
}

function platform(descriptor: Descriptor, architecture: string, os = 'linux'): Descriptor {
  return { ...descriptor, platform: { os, architecture } };
}

async function open(folder: string, tag?: string, architecture = 'amd64'): Promise<ImageSource> {
  return await openWished(folder, tag, { platform: { os: 'linux', architecture }, required: false });
}

async function openWished(folder: string, tag: string | undefined, wish: PlatformWish): Promise<ImageSource> {
  return await openOciLayout(openDirectoryFiles(folder), tag, wish);
}

async function bytesOf(source: LayerSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('an image', () => {
  it("has its manifest's digest, and its layers base first with both digests", async () => {
    const folder = join(root, 'whole');
    const digest = writeOciLayout(folder, LAYERS, '1.0');
    const image = await open(folder);
    const expected = LAYERS.map(({ tar, createdBy }) => {
      const [stored, diffId] = [`sha256:${hexOf(gzipSync(tar))}`, `sha256:${hexOf(tar)}`];
      return { digest: stored, diffId, createdBy, source: { digest: stored, diffId } };
    });
    expect(image).toMatchObject({ kind: 'oci', reference: '1.0', digest, platform: 'linux/amd64', layers: expected });
    expect(await Promise.all(image.layers.map(({ source }) => bytesOf(source)))).toEqual([
      gzipSync(BASE),
      gzipSync(TOP),
    ]);
  });

  it('may have wrong media types on its layers', async () => {
    const { folder, blob, image, index } = draft();
    const layers = [blob(BASE, 'application/vnd.oci.image.layer.v1.tar+zstd'), blob(gzipSync(TOP), 'text/html')];
    index(image(1, { layers }));
    const { layers: opened } = await open(folder);
    expect(await bytesOf(opened[0]!.source)).toEqual(BASE);
  });

  it('may have digests by SHA-512, in a folder of their own', async () => {
    const { folder, blob, image, index } = draft();
    mkdirSync(join(folder, 'blobs', 'sha512'));
    const inSha512 = (bytes: Buffer): Descriptor => {
      const hex = createHash('sha512').update(bytes).digest('hex');
      writeFileSync(join(folder, 'blobs', 'sha512', hex), bytes);
      return { mediaType: 'x', digest: `sha512:${hex}`, size: bytes.length };
    };
    const layers = [inSha512(BASE), blob(gzipSync(TOP))];
    const manifest = inSha512(
      readFileSync(join(folder, 'blobs', 'sha256', image(1, { layers }).digest.replace('sha256:', ''))),
    );
    index(manifest);
    const opened = await open(folder);
    expect(opened).toMatchObject({ digest: manifest.digest, layers: layers.map(({ digest }) => ({ digest })) });
    expect(await bytesOf(opened.layers[0]!.source)).toEqual(BASE);

    const other = Buffer.from(JSON.stringify({ schemaVersion: 2 }));
    writeFileSync(join(folder, 'blobs', 'sha512', manifest.digest.replace('sha512:', '')), other);
    await expect(open(folder)).rejects.toMatchObject({ code: 'bytes/digest-mismatch' });
  });

  it('may have no media types', async () => {
    const { folder, image, index } = draft();
    const { digest } = image(1);
    index({ digest });
    expect(await open(folder)).toMatchObject({ digest, reference: folder });
  });
});

describe('the choice of an image', () => {
  it('is by tag', async () => {
    const { folder, image, index } = draft();
    const [one, two] = [image(1), image(2)];
    index(tagged(one, '1'), tagged(two, '2'));
    expect(await open(folder, '1')).toMatchObject({ digest: one.digest, reference: '1' });
    expect(await open(folder, '2')).toMatchObject({ digest: two.digest, reference: '2' });
  });

  it('is unnecessary when several tags name one image', async () => {
    const { folder, image, index } = draft();
    index(tagged(image(1), '1'), tagged(image(1), '1.0'));
    expect(await open(folder)).toMatchObject({ digest: image(1).digest });
    expect(await open(folder, '1')).toMatchObject({ reference: '1' });
  });

  it.each<[string, string | undefined, RegExp]>([
    ['no tag, of several', undefined, /contains several images: 1, 2, sha256:[0-9a-f]{64} \(platforms: unnamed\)$/],
    ['an unknown tag', '3', /has no image "3"; it contains 1, 2, sha256:[0-9a-f]{64}$/],
    ['an empty tag', '', /has no image ""; it contains 1, 2, /],
  ])('fails with a list of images: %s', async (_, tag, message) => {
    const { folder, image, index } = draft();
    index(tagged(image(1), '1'), tagged(image(2), '2'), image(3));
    await expect(open(folder, tag)).rejects.toMatchObject({
      code: 'image/choice-needed',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, boolean]>([
    ['its descriptor', true],
    ['its configuration', false],
  ])('rejects an image of another platform than the required platform, by %s', async (_, isTold) => {
    const { folder, image, index } = draft();
    index(isTold ? platform(image(1), 'amd64') : image(1));
    const wish = { platform: parsePlatform('linux/arm64')!, required: true };
    await expect(openWished(folder, undefined, wish)).rejects.toMatchObject({
      code: 'image/choice-needed',
      message: expect.stringContaining('linux/amd64'),
    });
  });

  it('fails for an empty layout', async () => {
    const { folder, index } = draft();
    index();
    await expect(open(folder)).rejects.toMatchObject({
      code: 'image/unreadable',
      message: `${folder} contains no image`,
    });
  });
});

describe('an index in the index', () => {
  it.each([
    ['of OCI', INDEX],
    ['of Docker', DOCKER_LIST],
  ])('%s selects the image of the platform', async (_, mediaType) => {
    const { folder, blob, image, index } = draft();
    const [one, two, three] = [image(1), image(2), image(3)];
    const manifests = [platform(one, 'amd64'), platform(two, 'arm64'), platform(three, 'amd64', 'windows')];
    index(tagged(blob({ manifests }, mediaType), 'multi'));
    expect(await open(folder, undefined, 'amd64')).toMatchObject({ digest: one.digest, reference: folder });
    expect(await open(folder, 'multi', 'arm64')).toMatchObject({ digest: two.digest, reference: 'multi' });
  });

  it('without the platform fails with a list of platforms', async () => {
    const { folder, blob, image, index } = draft();
    index(tagged(blob({ manifests: [platform(image(1), 'arm64'), platform(image(2), 's390x')] }, INDEX), 'multi'));
    await expect(open(folder)).rejects.toMatchObject({
      code: 'image/choice-needed',
      message: `${folder} contains several images: multi (platforms: linux/arm64, linux/s390x)`,
    });
  });

  it('with a single image selects that image, regardless of its platform', async () => {
    const { folder, blob, image, index } = draft();
    index(blob({ manifests: [platform(image(1), 's390x')] }, INDEX));
    expect(await open(folder)).toMatchObject({ digest: image(1).digest });
  });

  it('may hold attestations, which are not images', async () => {
    const { folder, blob, image, index } = draft();
    const attestation = { 'vnd.docker.reference.type': 'attestation-manifest' };
    const manifests = [
      platform(image(1), 'arm64'),
      platform(image(2), 'unknown', 'unknown'),
      { ...platform(image(3), 'amd64'), annotations: attestation },
    ];
    index(blob({ manifests }, INDEX));
    // The only image is used regardless of its platform.
    expect(await open(folder)).toMatchObject({ digest: image(1).digest });
  });

  it('may be nested four deep, but not deeper', async () => {
    const { folder, blob, image, index } = draft();
    let descriptor = image(1);
    for (let depth = 0; depth < 4; depth += 1) descriptor = blob({ manifests: [descriptor] }, INDEX);
    index(descriptor);
    expect(await open(folder)).toMatchObject({ digest: image(1).digest });
    index(blob({ manifests: [descriptor] }, INDEX));
    await expect(open(folder)).rejects.toMatchObject({
      code: 'image/unreadable',
      message: `${folder} nests indexes more than 4 levels deep`,
    });
  });

  it('is read once, regardless of the number of references', { timeout: 5000 }, async () => {
    const { folder, blob, image, index } = draft();
    // Without a cache, the indexes would be read 1000^4 times.
    let descriptor = image(1);
    for (let depth = 0; depth < 4; depth += 1) descriptor = blob({ manifests: Array(1000).fill(descriptor) }, INDEX);
    index(descriptor);
    expect(await open(folder)).toMatchObject({ digest: image(1).digest });
  });
});

describe('rejects a wrong digest', () => {
  it.each<[string, (draft: Draft) => Descriptor]>([
    ['of an index', ({ image, blob }) => blob({ manifests: [image(1)] }, INDEX)],
    ['of a manifest', ({ image }) => image(1)],
    ['of a configuration', ({ blob }) => blob(CONFIG)],
  ])('%s', async (_, choose) => {
    const layout = draft();
    layout.index(layout.blob({ manifests: [layout.image(1)] }, INDEX));
    const chosen = choose(layout);
    // The changed file is still JSON of the expected form.
    writeFileSync(layout.path(chosen), ` ${readFileSync(layout.path(chosen), 'utf8')}`);
    await expect(open(layout.folder)).rejects.toMatchObject({
      code: 'bytes/digest-mismatch',
      message: expect.stringContaining(`not ${chosen.digest}`),
    });
  });
});

describe('rejects a broken layout', () => {
  const text = (content: string) => (layout: Draft) => writeFileSync(join(layout.folder, 'index.json'), content);
  const manifest = (parts: object) => (layout: Draft) => layout.index(layout.image(1, parts));
  const missing = (choose: (layout: Draft) => Descriptor) => (layout: Draft) => {
    layout.index(layout.image(1));
    rmSync(layout.path(choose(layout)));
  };

  it.each<[string, (layout: Draft) => void, RegExp]>([
    ['no index', () => {}, /has no index\.json/],
    ['an index that is not JSON', text('<html>'), /index\.json in .* is not valid JSON/],
    ['an index of another shape', text('{"manifests": {}}'), /index\.json in .* is invalid: \/manifests/],
    ['too large an index', text(`"${'x'.repeat(4 * 1024 * 1024)}"`), /is larger than 4194304 bytes/],
    ['a descriptor without a digest', text('{"manifests": [{}]}'), /\/manifests\/0/],
    [
      'a digest of another kind',
      text('{"manifests": [{"digest": "sha512:abc"}]}'),
      /"sha512:abc", which is not a SHA-256/,
    ],
    [
      'a digest that is a path',
      text('{"manifests": [{"digest": "sha256:../../../etc/passwd"}]}'),
      /not a SHA-256 or SHA-512 digest/,
    ],
    ['no manifest', missing(({ image }) => image(1)), /has no blobs\/sha256\//],
    ['no configuration', missing(({ blob }) => blob(CONFIG)), /has no blobs\/sha256\//],
    ['a manifest of another shape', manifest({ layers: 1 }), /\/layers/],
    ['a manifest without a configuration', manifest({ config: undefined }), /config/],
    ['an index that is called a manifest', ({ blob, index }) => index(blob({ manifests: [] }, MANIFEST)), /is invalid/],
    [
      'fewer layers than the configuration',
      manifest({ layers: [] }),
      /lists 0 layers, but the image configuration lists 2/,
    ],
    [
      'layers without a digest',
      manifest({ layers: [{ digest: '' }, { digest: '' }] }),
      /refers to "", which is not a SHA-256/,
    ],
    ['an invalid configuration', ({ blob, image, index }) => index(image(1, { config: blob('{}') })), /rootfs/],
  ])('%s', async (_, damage, message) => {
    const layout = draft();
    damage(layout);
    await expect(open(layout.folder)).rejects.toMatchObject({
      code: 'image/unreadable',
      message: expect.stringMatching(message),
    });
  });

  it('reports a missing layer when it is read', async () => {
    const { folder, path, blob, image, index } = draft();
    index(image(1));
    rmSync(path(blob(BASE)));
    const { layers } = await open(folder);
    await expect(bytesOf(layers[0]!.source)).rejects.toMatchObject({ code: 'image/unreadable' });
    expect(await bytesOf(layers[1]!.source)).toEqual(gzipSync(TOP));
  });
});

describe('links', () => {
  it('within the layout are followed', async () => {
    const { folder, path, blob, image, index } = draft();
    index(image(1));
    const layer = path(blob(BASE));
    renameSync(layer, join(folder, 'elsewhere'));
    symlinkSync('../../elsewhere', layer);
    const { layers } = await open(folder);
    expect(await bytesOf(layers[0]!.source)).toEqual(BASE);
  });

  it.each<[string, (layout: Draft) => string]>([
    ['the index', ({ folder }) => join(folder, 'index.json')],
    ['a manifest', ({ path, image }) => path(image(1))],
    ['a configuration', ({ path, blob }) => path(blob(CONFIG))],
  ])('out of the layout are rejected: %s', async (_, choose) => {
    const layout = draft();
    layout.index(layout.image(1));
    const path = choose(layout);
    const outside = join(root, `outside-${drafts}`);
    renameSync(path, outside);
    symlinkSync(outside, path);
    await expect(open(layout.folder)).rejects.toMatchObject({
      code: 'image/unreadable',
      message: expect.stringContaining('is a link that leads outside'),
    });
  });

  it('of a layer out of the layout are rejected when it is read', async () => {
    const { folder, path, blob, image, index } = draft();
    index(image(1));
    const secret = path(blob(BASE));
    renameSync(secret, join(root, 'secret'));
    symlinkSync('../../../secret', secret);
    const { layers } = await open(folder);
    await expect(bytesOf(layers[0]!.source)).rejects.toMatchObject({ code: 'image/unreadable' });
  });

  it('that replace a layer after the check are rejected', async () => {
    const { folder, path, blob, image, index } = draft();
    index(image(1));
    const layer = path(blob(BASE));
    const { layers } = await open(folder);
    const bytes = await layers[0]!.source.open();
    const outside = join(root, `outside-${drafts}`);
    renameSync(layer, outside);
    symlinkSync(outside, layer);
    await expect(allOf(bytes)).rejects.toMatchObject({ code: 'image/unreadable' });
  });
});
