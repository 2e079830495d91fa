import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildLayer, configOf, hexOf } from '../../testing/image-builder.ts';
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_INDEX,
  OCI_MANIFEST,
  type PushedDescriptor,
  type RegistryServer,
  startRegistryServer,
} from '../../testing/registry-server.ts';
import { createHttpClient, type HttpFormClient } from '../../../bytes/http/client.ts';
import { dockerCredentials } from '../docker-credential-store.ts';
import { parseImageReference } from '../../../model/image-reference.ts';
import type { PlatformImage } from '../image-set.ts';
import type { ImageSource } from '../image-source.ts';
import type { LayerSource } from '../layer-source.ts';
import { parsePlatform } from '../image/platform.ts';
import type { RegistryAccess } from './registry-client.ts';
import { openRegistryImage, registryImages } from './registry.ts';

const LAYERS = [
  { tar: await buildLayer({ 'etc/os-release': 'ID=debian\n' }), createdBy: 'ADD base' },
  { tar: await buildLayer({ hello: 'world' }), createdBy: 'RUN echo' },
];
const CONFIG = configOf(LAYERS);
const CONFIG_BLOB = `blobs/sha256:${hexOf(JSON.stringify(CONFIG))}`;
const LAYER_BLOB = `blobs/sha256:${hexOf(gzipSync(LAYERS[0]!.tar))}`;
const NOWHERE = `sha256:${'0'.repeat(64)}`;

let registry: RegistryServer;
let http: HttpFormClient;
let folder: string;

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  folder = mkdtempSync(join(tmpdir(), 'clair-registry-'));
  registry = await startRegistryServer();
  http = createHttpClient({ version: '1.2.3' });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await http.close();
  await registry.close();
  rmSync(folder, { recursive: true });
});

function access(): RegistryAccess {
  return { http, credentials: dockerCredentials(folder), insecureRegistries: [], mirrors: [], pause: async () => {} };
}

async function open(name = 'app:1', required?: string): Promise<ImageSource> {
  const reference = parseImageReference(`${registry.domain}/${name}`)!;
  const platform = parsePlatform(required ?? 'linux/amd64')!;
  return await openRegistryImage(reference, { platform, required: required !== undefined }, access());
}

async function all(name = 'app:1'): Promise<readonly PlatformImage[]> {
  return await registryImages(parseImageReference(`${registry.domain}/${name}`)!, access());
}

async function bytesOf(source: LayerSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function imageFor(platform: string): PushedDescriptor & { readonly platform: object } {
  const offered = parsePlatform(platform)!;
  return { ...registry.image(LAYERS, { config: { ...CONFIG, ...offered } }), platform: offered };
}

describe('an image from a registry', () => {
  it.each([
    ['OCI', false],
    ['Docker, schema 2', true],
  ])("of %s has its manifest's digest, and its layers base first with both digests", async (_, docker) => {
    const { digest } = registry.image(LAYERS, { tag: '1', docker });
    const image = await open();
    const expected = LAYERS.map(({ tar, createdBy }) => {
      const [stored, diffId] = [`sha256:${hexOf(gzipSync(tar))}`, `sha256:${hexOf(tar)}`];
      return { digest: stored, diffId, createdBy, source: { digest: stored, diffId } };
    });
    const reference = `${registry.domain}/app:1`;
    expect(image).toMatchObject({ kind: 'registry', reference, digest, platform: 'linux/amd64', layers: expected });
    expect(await bytesOf(image.layers[1]!.source)).toEqual(gzipSync(LAYERS[1]!.tar));
  });

  it('fetches only manifest and configuration until a layer is opened', async () => {
    registry.image(LAYERS, { tag: '1' });
    const { layers } = await open('group/app:1');
    expect(registry.requests).toEqual(['group/app/manifests/1', `group/app/${CONFIG_BLOB}`]);
    await bytesOf(layers[0]!.source);
    expect(registry.requests.slice(2)).toEqual([`group/app/${LAYER_BLOB}`]);
  });

  it('is pulled by digest, even with a tag', async () => {
    const { digest } = registry.image(LAYERS, { tag: '1' });
    registry.image([], { tag: '2' });
    expect(await open(`app@${digest}`)).toMatchObject({ digest, reference: `${registry.domain}/app@${digest}` });
    expect(await open(`app:2@${digest}`)).toMatchObject({ digest });
  });

  it('is requested with every supported media type', async () => {
    registry.image(LAYERS, { tag: '1' });
    const accepted: (string | undefined)[] = [];
    registry.intercept = ({ headers }) => {
      accepted.push(headers.accept);
      return false;
    };
    await open();
    expect(accepted[0]!.split(', ')).toEqual([OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST]);
  });
});

describe('an index', () => {
  it.each([
    ['of OCI', OCI_INDEX],
    ['of Docker', DOCKER_LIST],
  ])('%s selects the image of the platform', async (_, mediaType) => {
    const [one, two] = [imageFor('linux/amd64'), imageFor('linux/arm64')];
    registry.manifest({ schemaVersion: 2, mediaType, manifests: [one, two] }, mediaType, '1');
    expect(await open()).toMatchObject({ digest: one.digest, platform: 'linux/amd64' });
    expect(await open('app:1', 'linux/arm64/v8')).toMatchObject({ digest: two.digest, platform: 'linux/arm64' });
  });

  it('may be nested, and may hold attestations, which are not fetched', async () => {
    const [image, other] = [imageFor('linux/amd64'), imageFor('linux/arm64')];
    const platform = { os: 'unknown', architecture: 'unknown' };
    const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
    const attestation = { ...registry.image([]), platform, annotations };
    const inner = registry.manifest({ manifests: [attestation, image, other] }, OCI_INDEX);
    registry.manifest({ manifests: [inner] }, OCI_INDEX, '1');
    expect(await open()).toMatchObject({ digest: image.digest });
    expect(registry.requests).not.toContain(`app/manifests/${attestation.digest}`);
  });

  it('without the platform fails with a list of platforms', async () => {
    const manifests = [imageFor('linux/arm64'), imageFor('linux/arm/v7')];
    registry.manifest({ manifests }, OCI_INDEX, '1');
    await expect(open()).rejects.toMatchObject({
      code: 'image/choice-needed',
      message: `manifests/1 in ${registry.domain}/app has no image for linux/amd64; it has images for linux/arm64, linux/arm/v7`,
    });
  });

  it('without images fails', async () => {
    registry.manifest({ manifests: [] }, OCI_INDEX, '1');
    await expect(open()).rejects.toMatchObject({ message: expect.stringContaining('contains no image') });
  });
});

describe('all platforms of an index', () => {
  it('are found once each, including nested indexes, without attestations and unknown platforms', async () => {
    const [one, two, three] = ['linux/amd64', 'linux/arm64', 'windows/amd64'].map((name) => imageFor(name));
    const unknown = { os: 'unknown', architecture: 'amd64' };
    const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
    const inner = registry.manifest(
      { manifests: [two, { ...registry.image([]), platform: unknown }, { ...two, annotations }] },
      OCI_INDEX,
    );
    registry.manifest({ manifests: [one, inner, three, two] }, OCI_INDEX, '1');
    const images = await all();
    expect(images.map(({ platform }) => platform)).toEqual(['linux/amd64', 'windows/amd64', 'linux/arm64']);
    // Only the two indexes are requested, because an image is fetched when it is opened.
    expect(registry.requests).toHaveLength(2);
    const opened = await Promise.all(images.map(async (image) => await image.open()));
    expect(opened.map(({ digest, platform }) => [digest, platform])).toEqual([
      [one!.digest, 'linux/amd64'],
      [three!.digest, 'windows/amd64'],
      [two!.digest, 'linux/arm64'],
    ]);
    expect(opened[0]).toMatchObject({ kind: 'registry', reference: `${registry.domain}/app:1` });
  });

  it('of a single manifest are its own platform', async () => {
    const { digest } = registry.image(LAYERS, { tag: '1', config: { ...CONFIG, architecture: 's390x' } });
    const images = await all();
    expect(images.map(({ platform }) => platform)).toEqual(['linux/s390x']);
    expect(await images[0]!.open()).toMatchObject({ digest });
  });

  it('fail independently', async () => {
    const missing = { mediaType: OCI_MANIFEST, digest: NOWHERE, platform: { os: 'linux', architecture: 'arm' } };
    registry.manifest({ manifests: [missing, imageFor('linux/amd64')] }, OCI_INDEX, '1');
    const [broken, whole] = await all();
    await expect(broken!.open()).rejects.toMatchObject({ code: 'image/not-found' });
    expect(await whole!.open()).toMatchObject({ platform: 'linux/amd64' });
  });

  it('of an index without images are an error', async () => {
    registry.manifest({ manifests: [] }, OCI_INDEX, '1');
    await expect(all()).rejects.toMatchObject({
      code: 'image/unreadable',
      message: `manifests/1 in ${registry.domain}/app contains no image`,
    });
  });
});

describe('a foreign layer', () => {
  it.each<[string, object]>([
    ['of OCI', { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip' }],
    ['of Docker', { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }],
    ['with another address', { urls: ['https://a.example/'] }],
  ])('is absent while the others are present: %s', async (_, parts) => {
    const [one, two] = LAYERS.map(({ tar }) => registry.blob(gzipSync(tar)));
    registry.image(LAYERS, { tag: '1', manifest: { layers: [{ ...one, digest: NOWHERE, ...parts }, two] } });
    const { layers } = await open();
    expect(layers[0]).toMatchObject({
      digest: NOWHERE,
      diffId: `sha256:${hexOf(LAYERS[0]!.tar)}`,
      absent: `layer 0 (${NOWHERE}) is a foreign layer, stored at another location, so Clair did not read it`,
    });
    expect(layers[1]).not.toHaveProperty('absent');
    expect(await bytesOf(layers[1]!.source)).toEqual(gzipSync(LAYERS[1]!.tar));
  });
});

it('rejects an image of another platform than the required platform', async () => {
  registry.image(LAYERS, { tag: '1' });
  await expect(open('app:1', 'linux/arm64')).rejects.toMatchObject({
    code: 'image/choice-needed',
    message: `${registry.domain}/app has an image for linux/amd64, not for linux/arm64`,
  });
});

describe('rejects a wrong digest', () => {
  const change = (name: (digest: string) => string) => (digest: string) => {
    registry.intercept = ({ url = '' }, response) => {
      if (!url.endsWith(name(digest))) return false;
      response.end(JSON.stringify({ ...CONFIG, config: {}, layers: [] }));
      return true;
    };
  };

  it.each<[string, (digest: string) => void]>([
    ['of a manifest', change((digest) => `manifests/${digest}`)],
    ['of a configuration', change(() => CONFIG_BLOB)],
  ])('%s', async (_, tamper) => {
    const { digest } = registry.image(LAYERS);
    tamper(digest);
    await expect(open(`app@${digest}`)).rejects.toMatchObject({ code: 'bytes/digest-mismatch' });
  });

  it('of a manifest requested by tag, if the registry states the digest', async () => {
    const { digest } = registry.image(LAYERS, { tag: '1' });
    let told = digest;
    registry.intercept = (_, response) => {
      response.setHeader('docker-content-digest', told);
      return false;
    };
    expect(await open()).toMatchObject({ digest });
    told = NOWHERE;
    await expect(open()).rejects.toMatchObject({
      code: 'bytes/digest-mismatch',
      message: `manifests/1 in ${registry.domain}/app has digest ${digest}, not ${NOWHERE}`,
    });
  });
});

describe('a missing', () => {
  it('image is reported', async () => {
    await expect(open()).rejects.toMatchObject({
      code: 'image/not-found',
      message: `no tag 1 in ${registry.domain}/app`,
    });
    const message = `no manifest ${NOWHERE} in ${registry.domain}/app`;
    await expect(open(`app@${NOWHERE}`)).rejects.toMatchObject({ code: 'image/not-found', message });
  });

  const many = Array.from({ length: 12 }, (_, index) => `t${index}`);
  it.each<[string, string, string]>([
    ['all of a few', JSON.stringify({ name: 'app', tags: ['4', '5'] }), '; available: 4, 5'],
    ['a few of many', JSON.stringify({ tags: many }), `; available: ${many.slice(0, 10).join(', ')}, …`],
    ['none if there are none', '{"tags":[]}', ''],
    ['none for a response that is not a list', '{"tags":null}', ''],
    ['none for a response that is not JSON', '<html>', ''],
    [
      'none for a response that is too long',
      JSON.stringify({ tags: Array.from({ length: 9000 }, () => 'long-tag') }),
      '',
    ],
  ])('image is reported with other tags: %s', async (_, list, words) => {
    registry.intercept = ({ url }, response) => {
      if (url?.includes('/tags/list') !== true) return false;
      expect(url).toMatch(/\/app\/tags\/list\?n=100$/);
      response.end(list);
      return true;
    };
    const message = `no tag 1 in ${registry.domain}/app${words}`;
    await expect(open()).rejects.toMatchObject({ code: 'image/not-found', message });
  });

  it('configuration is reported, and a missing layer when it is read', async () => {
    registry.manifest({ config: { digest: NOWHERE }, layers: [] }, OCI_MANIFEST, '1');
    await expect(open()).rejects.toMatchObject({ code: 'bytes/not-found' });
    registry.image(LAYERS, { tag: '2', manifest: { layers: [{ digest: NOWHERE }, { digest: NOWHERE }] } });
    const { layers } = await open('app:2');
    await expect(bytesOf(layers[1]!.source)).rejects.toMatchObject({
      code: 'bytes/not-found',
      message: `${registry.domain}/app has no blobs/${NOWHERE}`,
    });
  });
});

describe('rejects images that cannot be scanned', () => {
  it.each<[string, object | string, string, RegExp]>([
    ['schema 1 by its type', '{}', 'application/vnd.docker.distribution.manifest.v1+prettyjws', /schema 1/],
    ['schema 1 by its content', { schemaVersion: 1, fsLayers: [] }, 'application/json', /schema 1/],
  ])('as unsupported: %s', async (_, content, mediaType, message) => {
    registry.manifest(content, mediaType, '1');
    await expect(open()).rejects.toMatchObject({
      code: 'image/unsupported',
      message: expect.stringMatching(message),
    });
  });

  it('as unsupported: schema 1 by its content, despite its digest of other bytes', async () => {
    registry.manifest({ schemaVersion: 1, fsLayers: [] }, 'application/json', NOWHERE);
    await expect(open(`app@${NOWHERE}`)).rejects.toMatchObject({
      code: 'image/unsupported',
      message: expect.stringMatching(/schema 1/),
    });
  });

  it.each<[string, object | string, RegExp]>([
    ['no JSON', '<html>', /is not valid JSON/],
    ['another shape', { layers: 1 }, /\/layers/],
    ['neither index nor manifest', { schemaVersion: 2 }, /neither an index nor a manifest/],
    [
      'both index and manifest',
      { manifests: [], config: { digest: NOWHERE }, layers: [] },
      /has fields of both an index and a manifest/,
    ],
    ['too much', `"${'x'.repeat(4 * 1024 * 1024)}"`, /larger than 4194304 bytes/],
    [
      'a digest that is a path',
      { config: { digest: 'sha256:../../x' }, layers: [] },
      /not a SHA-256 or SHA-512 digest/,
    ],
  ])('as unreadable: %s', async (_, content, message) => {
    registry.manifest(content, OCI_MANIFEST, '1');
    await expect(open()).rejects.toMatchObject({ code: 'image/unreadable', message: expect.stringMatching(message) });
  });
});

it('reports a truncated blob while it is read', async () => {
  registry.image(LAYERS, { tag: '1' });
  const { layers } = await open();
  registry.intercept = ({ socket }, response) => {
    response.setHeader('content-length', 1000).write('some', () => socket.end());
    return true;
  };
  await expect(bytesOf(layers[0]!.source)).rejects.toMatchObject({
    code: 'bytes/unreachable',
    message: expect.stringContaining('the response was truncated'),
  });
});
