import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TargetOptions } from '../compose/target-images.ts';
import type { Platform } from '../worker/sources/image/platform.ts';
import { type EngineDaemon, respondError, startEngineDaemon } from '../worker/testing/engine-daemon.ts';
import { buildDockerArchive, buildLayer, configOf } from '../worker/testing/image-builder.ts';
import { type RegistryServer, startRegistryServer } from '../worker/testing/registry-server.ts';
import { openNamedImages } from './bare-name.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-bare-name-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const LAYERS = [{ tar: await buildLayer({ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' }), createdBy: 'ADD base' }];
const SOCKET = join(folder, 'docker.sock');
const MISSING = `unix://${join(folder, 'missing.sock')}`;

let daemon: EngineDaemon;
let registry: RegistryServer;
/** The image in the registry; after {@link storeInDaemon}, also in the daemon. */
let name: string;
let daemons: Record<string, string>;

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  daemon = await startEngineDaemon({ socket: SOCKET });
  registry = await startRegistryServer();
  registry.image(LAYERS, { tag: '1' });
  name = `${registry.domain}/app:1`;
  daemons = { DOCKER_HOST: `unix://${SOCKET}`, CONTAINER_HOST: MISSING };
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await daemon.close();
  await registry.close();
});

async function storeInDaemon(image: string = name): Promise<void> {
  daemon.images.set(image, await buildDockerArchive(LAYERS, image));
}

/** The kind and the name of the opened images, and the text on standard error. */
type Opened = { readonly kinds: readonly string[]; readonly target: string | undefined; readonly err: string };

async function open(text: string, options: Partial<TargetOptions> = {}): Promise<Opened> {
  let err = '';
  const { images, close } = await openNamedImages({ err: (line) => (err += line) }, text, {
    daemons,
    insecureRegistries: [registry.domain],
    mirrors: [],
    partialFetch: [],
    certificates: { files: [], folders: [] },
    allPlatforms: false,
    ...options,
  });
  try {
    const kinds: string[] = [];
    let target: string | undefined;
    for (const image of images) {
      const opened = await image.open();
      kinds.push(opened.kind);
      target = opened.target;
      await opened.close();
    }
    return { kinds, target, err };
  } finally {
    await close();
  }
}

it('the tests use no daemon of the machine that runs the tests', async () => {
  const { DOCKER_HOST, CONTAINER_HOST } = env;
  daemons = { DOCKER_HOST: DOCKER_HOST ?? '', CONTAINER_HOST: CONTAINER_HOST ?? '' };
  expect(Object.values(daemons)).toEqual(['unix:///nonexistent/docker.sock', 'unix:///nonexistent/podman.sock']);
  expect(await open(name)).toMatchObject({ kinds: ['registry'], err: '' });
});

describe('openNamedImages', () => {
  it('reads an image from the daemon that has the image, and says so', async () => {
    await storeInDaemon();
    expect(await open(name)).toEqual({
      kinds: ['docker'],
      target: `docker:${name}`,
      err: `clair: reading ${name} from the Docker daemon; use registry:${name} for the registry\n`,
    });
    expect(registry.requests).toEqual([]);
  });

  it('reads an image of Docker Hub from the daemon under its short name', async () => {
    await storeInDaemon('demo:latest');
    expect(await open('demo')).toEqual({
      kinds: ['docker'],
      target: 'docker:demo:latest',
      err: 'clair: reading demo:latest from the Docker daemon; use registry:demo for the registry\n',
    });
  });

  it('reads an image from Podman if Docker does not have the image', async () => {
    const podman = await startEngineDaemon({ socket: join(folder, 'podman.sock') });
    podman.images.set(name, await buildDockerArchive(LAYERS, name));
    daemons = { ...daemons, CONTAINER_HOST: `unix://${join(folder, 'podman.sock')}` };
    const { kinds, err } = await open(name);
    expect(kinds).toEqual(['podman']);
    expect(err).toBe(`clair: reading ${name} from the Podman service; use registry:${name} for the registry\n`);
    await podman.close();
  });

  it('reads an image from the registry without a message if no daemon has the image', async () => {
    expect(await open(name)).toMatchObject({ kinds: ['registry'], err: '' });
    expect(daemon.requests).toHaveLength(1);
    daemons = { DOCKER_HOST: MISSING, CONTAINER_HOST: MISSING };
    expect(await open(name)).toMatchObject({ kinds: ['registry'], err: '' });
  });

  it.each<[string, (image: string, digest: string) => string, Partial<TargetOptions>]>([
    ['the prefix registry:', (image) => `registry:${image}`, {}],
    ['a digest', (image, digest) => `${image.replace(/:1$/, '')}@${digest}`, {}],
    ['all platforms', (image) => image, { allPlatforms: true }],
  ])('asks no daemon for %s', async (_, text, options) => {
    await storeInDaemon();
    const { digest } = registry.image(LAYERS, { tag: '1' });
    expect(await open(text(name, digest), options)).toMatchObject({ kinds: ['registry'], err: '' });
    expect(daemon.requests).toEqual([]);
  });

  it('reads an image of another platform from the registry', async () => {
    await storeInDaemon();
    registry.image(LAYERS, { tag: '1', config: { ...configOf(LAYERS), architecture: 's390x' } });
    const platform: Platform = { os: 'linux', architecture: 's390x' };
    expect(await open(name, { platform })).toMatchObject({ kinds: ['registry'], err: '' });
    registry.image(LAYERS, { tag: '1' });
    await expect(open(name, { platform })).rejects.toMatchObject({
      code: 'image/choice-needed',
      message: expect.stringMatching(/; the Docker daemon has no image .* for linux\/s390x$/),
    });
  });

  it('reads no image from a daemon without access to daemons', async () => {
    await storeInDaemon();
    const options: Omit<TargetOptions, 'daemons'> = {
      insecureRegistries: [registry.domain],
      mirrors: [],
      partialFetch: [],
      certificates: { files: [], folders: [] },
      allPlatforms: false,
    };
    const { images, close } = await openNamedImages({ err: () => undefined }, name, options);
    expect((await images[0]!.open()).kind).toBe('registry');
    await close();
    expect(daemon.requests).toEqual([]);
  });

  it('reads the registry after a daemon fails to describe or to save the image', async () => {
    await storeInDaemon();
    for (const action of ['json', 'get']) {
      daemon.intercept = ({ url = '' }, response) => {
        if (!url.endsWith(`/${action}`)) return false;
        respondError(response, 500, 'disk is\u001B[31m gone');
        return true;
      };
      const { kinds, err } = await open(name);
      expect(kinds).toEqual(['registry']);
      const [line, ...before] = err.trimEnd().split('\n').toReversed();
      expect(line).toMatch(
        /^clair: the daemon at \S+docker\.sock responded with status 500: disk is.* gone; using the registry$/,
      );
      expect(line).not.toContain('\u001B');
      expect(before).toHaveLength(action === 'get' ? 1 : 0);
    }
  });

  it('reads the registry after two seconds if a daemon does not respond', async () => {
    await storeInDaemon();
    daemon.intercept = () => true;
    const start = Date.now();
    const { kinds, err } = await open(name);
    expect(Date.now() - start).toBeGreaterThan(1900);
    expect(kinds).toEqual(['registry']);
    expect(err).toBe(`clair: cannot reach the daemon at ${SOCKET}: no response within 2 s; using the registry\n`);
  });

  it('throws the error of the registry, which names the daemons without the image', async () => {
    const missing = `${registry.domain}/app:none`;
    await expect(open(missing)).rejects.toMatchObject({
      code: 'image/not-found',
      message: expect.stringMatching(new RegExp(`; the Docker daemon has no image ${missing}$`)),
    });
    daemons = { DOCKER_HOST: MISSING, CONTAINER_HOST: MISSING };
    await expect(open(missing)).rejects.toMatchObject({ message: expect.not.stringContaining('daemon') });
  });

  it('throws the error of an image in the daemon that cannot be read', async () => {
    daemon.images.set(name, Buffer.from('no archive'));
    await expect(open(name)).rejects.toMatchObject({ code: expect.stringMatching(/^(image|bytes)\//) });
    expect(registry.requests).toEqual([]);
  });
});
