import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPrivateAuthority } from '../../../bytes/testing/private-authority.ts';
import { createTemporarySpace } from '../../../bytes/temporary-space.ts';
import { type EngineDaemon, respondError, startEngineDaemon } from '../../testing/engine-daemon.ts';
import {
  buildDockerArchive,
  buildLayer,
  buildTar,
  oldestDockerArchive,
  writeOciLayout,
} from '../../testing/image-builder.ts';
import type { ImageSource } from '../image-source.ts';
import { openImage, type OpenImageOptions, openImages, parseTarget } from '../target.ts';
import { saveDaemonImage } from './daemon-image.ts';
import { daemonTarget } from './daemon-target.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-daemon-image-'));
const temporary = join(folder, 'temporary');
mkdirSync(temporary);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LAYERS = [
  { tar: await buildLayer({ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' }), createdBy: 'ADD base' },
  { tar: await buildLayer({ 'srv/data': Buffer.alloc(300_000, 7) }), createdBy: 'COPY data' },
];
const ARCHIVE = await buildDockerArchive(LAYERS, 'app:1');

let daemon: EngineDaemon;
let socket: string;
let sockets = 0;

beforeEach(async () => {
  socket = join(folder, `${(sockets += 1)}.sock`);
  daemon = await startEngineDaemon({ socket });
  daemon.images.set('app:1', ARCHIVE);
});
afterEach(async () => {
  await daemon.close();
  expect(readdirSync(temporary)).toEqual([]);
});

async function opened(target: string, options: OpenImageOptions = {}): Promise<ImageSource> {
  const daemons = { DOCKER_HOST: `unix://${socket}`, CONTAINER_HOST: `unix://${socket}` };
  return await openImage(parseTarget(target), {
    daemons,
    space: createTemporarySpace({ folder: temporary }),
    ...options,
  });
}

async function failure(target: string, options: OpenImageOptions = {}): Promise<{ code: string; message: string }> {
  const error: unknown = await opened(target, options).then(
    ({ close }) => close(),
    (reason: unknown) => reason,
  );
  return error as { code: string; message: string };
}

describe('openImage with an image from a daemon', () => {
  it.each(['docker', 'podman'])('reads the archive that %s saves, under the name of the target', async (kind) => {
    const path = join(folder, 'image.tar');
    writeFileSync(path, ARCHIVE);
    const expected = await openImage(parseTarget(path));
    const image = await opened(`${kind}:app:1`);
    expect(image).toMatchObject({ kind, target: `${kind}:app:1`, reference: 'app:1', digest: expected.digest });
    expect(image.layers.map(({ diffId }) => diffId)).toEqual(expected.layers.map(({ diffId }) => diffId));
    expect(daemon.requests).toEqual(['/images/app:1/json', '/images/app:1/get']);
    await image.close();
    await expected.close();
  });

  it.each(['sha256:1234', 'ghcr.io:443/org/app@sha256:1234'])(
    'accepts %s, and is named after the target if the archive has no name',
    async (name) => {
      // `docker save` of an ID writes no name.
      const text = (await buildDockerArchive(LAYERS, '')).toString('latin1');
      daemon.images.set(name, Buffer.from(text.replace('[""]', 'null'), 'latin1'));
      const image = await opened(`docker:${name}`);
      expect(image.reference).toBe(name);
      await image.close();
    },
  );

  it.each([
    ['registry.test:5000/app', 'registry.test:5000/app:latest'],
    ['000000000000', '000000000000'],
  ])('saves %s as %s: a daemon saves all tags of a name without a tag', async (name, saved) => {
    daemon.images.set(saved, ARCHIVE);
    await (await opened(`docker:${name}`)).close();
    expect(daemon.requests).toEqual([`/images/${name}/json`, `/images/${saved}/get`]);
  });

  it('reads the archives of the oldest and the newest daemons', async () => {
    daemon.images.set('oldest:latest', await buildTar(Object.entries(oldestDockerArchive(LAYERS, ['app:1']))));
    // The image store of containerd saves an OCI layout.
    const layout = join(folder, 'layout');
    writeOciLayout(layout, LAYERS, '1');
    const files = readdirSync(layout, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => join(parentPath, name));
    const members = paths.map((path): [string, Buffer] => [path.slice(layout.length + 1), readFileSync(path)]);
    daemon.images.set('newest:latest', await buildTar(members));
    for (const name of ['oldest', 'newest']) {
      const image = await opened(`docker:${name}`);
      expect(image).toMatchObject({ kind: 'docker', target: `docker:${name}` });
      expect(image.layers).toHaveLength(2);
      await image.close();
    }
  });

  it('asks for the platform, and refuses an image of another platform', async () => {
    const { message } = await failure('docker:app:1', { platform: { os: 'linux', architecture: 's390x' } });
    expect(message).toContain('s390x');
    const [, saving = ''] = daemon.requests;
    const query = new URL(saving, 'http://x').searchParams.get('platform') ?? '';
    expect(JSON.parse(query)).toEqual({ os: 'linux', architecture: 's390x' });
  });

  it('is the only image for all platforms', async () => {
    const daemons = { DOCKER_HOST: `unix://${socket}` };
    const { images, close } = await openImages(parseTarget('docker:app:1'), { daemons });
    expect(images).toHaveLength(1);
    expect(await images[0]!.open()).toMatchObject({ kind: 'docker', target: 'docker:app:1' });
    await close();
  });

  it('is not available where daemons are not configured', async () => {
    await expect(openImage(parseTarget('docker:app'))).rejects.toMatchObject({ code: 'image/target-invalid' });
  });

  it('reaches a daemon by TCP, with TLS and client certificates', async () => {
    const authority = createPrivateAuthority();
    const tls = { ...authority.identify('127.0.0.1'), ca: authority.certificate, requestCert: true };
    const client = authority.identify('127.0.0.1');
    const files = { 'ca.pem': authority.certificate, 'cert.pem': client.cert, 'key.pem': client.key };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    for (const [place, variables] of [
      [{}, {}],
      [{ tls }, { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder }],
    ] as const) {
      const remote = await startEngineDaemon(place);
      remote.images.set('app:1', ARCHIVE);
      const daemons = { DOCKER_HOST: `tcp://${remote.host}`, ...variables };
      const image = await opened('docker:app:1', { daemons });
      expect(image.layers).toHaveLength(2);
      await image.close();
      await remote.close();
    }
  });

  it('trusts no certificate of another authority', async () => {
    const remote = await startEngineDaemon({ tls: createPrivateAuthority().identify('127.0.0.1') });
    const daemons = { DOCKER_HOST: `tcp://${remote.host}`, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
    expect(await failure('docker:app:1', { daemons })).toMatchObject({ code: 'daemon/unreachable' });
    expect(remote.requests).toEqual([]);
    await remote.close();
  });
});

describe('the errors of daemons', () => {
  it.each([
    [
      'an image that the daemon does not have',
      'docker:ghcr.io/a/b:2',
      'image/not-found',
      'No such image: ghcr.io/a/b:2',
    ],
    ['a tag that also names an image on Docker Hub', 'docker:27', 'image/not-found', 'use registry:docker:27'],
  ])('are %s', async (_, target, code, message) => {
    const error = await failure(target);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(daemon.requests).toHaveLength(1);
  });

  it('are a missing socket', async () => {
    const daemons = { DOCKER_HOST: `unix://${join(folder, 'none.sock')}` };
    expect(await failure('docker:app', { daemons })).toMatchObject({
      code: 'daemon/unreachable',
      message: expect.stringContaining('none.sock: the socket does not exist; for the image docker:app in a registry'),
    });
  });

  it('are a socket without a daemon', async () => {
    const path = join(folder, 'file.sock');
    writeFileSync(path, '');
    const daemons = { DOCKER_HOST: `unix://${path}` };
    expect(await failure('docker:app/b', { daemons })).toMatchObject({
      code: 'daemon/unreachable',
      message: `cannot reach the daemon at ${path}: no daemon is listening`,
    });
  });

  it('are a server that does not speak HTTP', async () => {
    const server = createServer((connection) => connection.end('220 mail ready\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const daemons = { DOCKER_HOST: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` };
    expect(await failure('docker:app/b', { daemons })).toMatchObject({ code: 'daemon/unreachable' });
    server.close();
  });

  it.each<[string, EngineDaemon['intercept'], string]>([
    [
      'too old for the API',
      (_, response) =>
        response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n') !== undefined,
      'status 404 instead of a response of the Docker Engine API: update the daemon',
    ],
    [
      'too old for the path',
      (_, response) => respondError(response, 404, 'page not found') === undefined,
      'status 404 instead of a response of the Docker Engine API: update the daemon',
    ],
    [
      'failing',
      (_, response) => respondError(response, 500, 'layer does not exist') === undefined,
      'status 500: layer does not exist',
    ],
    ['redirecting', (_, response) => response.writeHead(301).end() !== undefined, 'status 301'],
    [
      'endless',
      (_, response) => response.writeHead(200).end(Buffer.alloc(9 * 1024 ** 2)) !== undefined,
      'returned a description of a/app:1 that exceeds 8388608 bytes',
    ],
    [
      'cut off',
      (_, response) => response.writeHead(200).write('{', () => response.destroy()) !== undefined,
      'stopped sending',
    ],
  ])('are a daemon that is %s', async (_, intercept, message) => {
    daemon.intercept = intercept;
    expect(await failure('docker:a/app:1')).toMatchObject({
      code: 'daemon/failed',
      message: expect.stringContaining(message),
    });
  });

  it('are an error in the middle of the image, which ends the response regularly', async () => {
    daemon.failure = 'open layer.tar: no space left on device';
    expect(await failure('docker:app:1')).toMatchObject({
      code: 'daemon/failed',
      message: `the daemon at ${socket} could not save the image: open layer.tar: no space left on device`,
    });
  });

  it('are a connection that breaks in the middle of the image', async () => {
    daemon.intercept = ({ url = '' }, response) => {
      if (!url.endsWith('/get')) return false;
      response.writeHead(200).write(ARCHIVE.subarray(0, 100_000), () => response.destroy());
      return true;
    };
    expect(await failure('docker:app:1')).toMatchObject({
      code: 'daemon/failed',
      message: expect.stringContaining(`the daemon at ${socket} stopped sending the response: `),
    });
  });

  it('are an archive without an image', async () => {
    daemon.images.set('empty:latest', await buildTar([['file', 'x']]));
    expect(await failure('docker:empty')).toMatchObject({ code: 'image/target-invalid' });
  });

  it('are an image beyond the limits of bytes and of temporary space', async () => {
    const access = { DOCKER_HOST: `unix://${socket}` };
    const space = createTemporarySpace({ folder: temporary, maxBytes: 100_000 });
    const code = 'bytes/limit-exceeded';
    await expect(saveDaemonImage(daemonTarget('docker', 'app:1'), { access, space })).rejects.toMatchObject({ code });
    const options = { access, space: createTemporarySpace({ folder: temporary }), maxBytes: ARCHIVE.length - 1 };
    await expect(saveDaemonImage(daemonTarget('docker', 'app:1'), options)).rejects.toMatchObject({ code });
    const files = await saveDaemonImage(daemonTarget('docker', 'app:1'), { ...options, maxBytes: ARCHIVE.length });
    await files.close();
  });

  it('are a daemon that sends nothing', async () => {
    daemon.intercept = ({ url = '' }) => url.endsWith('/get');
    const limits = { connect: 1000, headers: 50, body: { idle: 50 } };
    const options = { access: { DOCKER_HOST: `unix://${socket}` }, limits };
    await expect(saveDaemonImage(daemonTarget('docker', 'app:1'), options)).rejects.toMatchObject({
      code: 'daemon/unreachable',
      message: expect.stringContaining('no response within 50 ms'),
    });
  });

  it('are no errors when the user stops the command', async () => {
    const stop = new AbortController();
    daemon.intercept = ({ url = '' }, response) => {
      if (!url.endsWith('/get')) return false;
      response.writeHead(200).write(ARCHIVE.subarray(0, 100_000), () => stop.abort(new Error('stopped')));
      return true;
    };
    expect(await failure('docker:app:1', { signal: stop.signal })).toMatchObject({ message: 'stopped' });
  });
});

describe('daemonTarget', () => {
  it.each(['../x', 'a/../b', 'a//b', '/a', 'a?b', 'a b', 'a%2e', 'a\n', '-a', `a${'b'.repeat(512)}`])(
    'rejects %j',
    (name) => {
      expect(() => parseTarget(`docker:${name}`)).toThrow(expect.objectContaining({ code: 'image/target-invalid' }));
    },
  );
});
