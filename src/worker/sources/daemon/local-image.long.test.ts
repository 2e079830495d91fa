import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImageReference, parseImageReference } from '../../../model/image-reference.ts';
import { type EngineDaemon, respondError, startEngineDaemon } from '../../testing/engine-daemon.ts';
import type { DaemonLimits } from './daemon-client.ts';
import { findLocalImage, type LocalImage, type LocalImageOptions } from './local-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-local-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const MISSING = `unix://${join(folder, 'missing.sock')}`;
const DIGEST = `sha256:${'a'.repeat(64)}`;
const SHORT: DaemonLimits = { connect: 1000, headers: 50, body: { idle: 1000 } };
const SHORT_IN_TOTAL: DaemonLimits = { connect: 1000, headers: 1000, body: { idle: 1000 }, total: 300 };

let docker: EngineDaemon;
let podman: EngineDaemon;
let access: { readonly DOCKER_HOST: string; readonly CONTAINER_HOST: string };

beforeEach(async () => {
  const sockets = { docker: join(folder, 'docker.sock'), podman: join(folder, 'podman.sock') };
  docker = await startEngineDaemon({ socket: sockets.docker });
  podman = await startEngineDaemon({ socket: sockets.podman });
  access = { DOCKER_HOST: `unix://${sockets.docker}`, CONTAINER_HOST: `unix://${sockets.podman}` };
});
afterEach(async () => {
  await docker.close();
  await podman.close();
});

function referenceOf(text: string): ImageReference {
  const reference = parseImageReference(text);
  if (reference === undefined) throw new Error(`${text} is not a reference`);
  return reference;
}

async function find(text: string, options: Partial<LocalImageOptions> = {}): Promise<LocalImage> {
  return await findLocalImage(referenceOf(text), { access, ...options });
}

describe('findLocalImage', () => {
  it.each([
    ['app', 'app:latest'],
    ['docker.io/library/app:1', 'app:1'],
    ['org/app:1', 'org/app:1'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
  ])('finds %s in Docker, and does not query Podman', async (text, name) => {
    docker.images.set(name, Buffer.alloc(0));
    podman.images.set(name, Buffer.alloc(0));
    expect(await find(text)).toEqual({ target: { kind: 'docker', name }, without: [], failures: [] });
    expect(podman.requests).toEqual([]);
  });

  it('finds an image in Podman under its full name if Docker does not have the image', async () => {
    podman.images.set('app:1', Buffer.alloc(0));
    const target = { kind: 'podman', name: 'docker.io/library/app:1' };
    expect(await find('app:1')).toEqual({ target, without: ['docker'], failures: [] });
    expect(podman.requests).toEqual(['/images/docker.io/library/app:1/json']);
  });

  it('names the daemons that do not have the image', async () => {
    expect(await find('app:1')).toEqual({ without: ['docker', 'podman'], failures: [] });
  });

  it.each([
    ['a name in another registry', ['localhost/app:1', 'quay.io/org/app:1']],
    ['an image without names, which the daemon found by its ID', null],
  ])('does not accept %s', async (_, names) => {
    docker.intercept = (_request, response) =>
      response.end(JSON.stringify({ Id: DIGEST, RepoTags: names, Os: 'linux', Architecture: 'amd64' })) !== undefined;
    expect(await find('app:1')).toEqual({ without: ['docker', 'podman'], failures: [] });
  });

  it.each([
    ['a digest', `app@${DIGEST}`],
    ['a tag and a digest', `app:1@${DIGEST}`],
    ['an IPv6 host, which Docker does not support', '[::1]:5000/app'],
  ])('queries no daemon for %s', async (_, text) => {
    expect(await find(text)).toEqual({ without: [], failures: [] });
    expect([...docker.requests, ...podman.requests]).toEqual([]);
  });

  it.each([
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }, true],
    ['linux/s390x', { os: 'linux', architecture: 's390x' }, false],
  ])('requires the platform %s', async (_, platform, isFound) => {
    docker.images.set('app:1', Buffer.alloc(0));
    const { target, without } = await find('app:1', { platform });
    expect(target !== undefined).toBe(isFound);
    expect(without).toEqual(isFound ? [] : ['docker', 'podman']);
    const asked = new URL(docker.requests[0] ?? '', 'http://x').searchParams.get('platform') ?? '';
    expect(JSON.parse(asked)).toEqual(platform);
  });

  it('does not accept an image without a platform if a platform is required', async () => {
    docker.intercept = (_, response) => response.end(JSON.stringify({ Id: DIGEST, RepoTags: ['app:1'] })) !== undefined;
    expect((await find('app:1')).target).toEqual({ kind: 'docker', name: 'app:1' });
    expect((await find('app:1', { platform: { os: 'linux', architecture: 'amd64' } })).target).toBeUndefined();
  });

  it('queries a daemon that both variables name only once', async () => {
    expect(await find('app:1', { access: { ...access, CONTAINER_HOST: access.DOCKER_HOST } })).toEqual({
      without: ['docker'],
      failures: [],
    });
    expect(docker.requests).toHaveLength(1);
  });

  it('skips sockets that do not exist', async () => {
    const missing = { DOCKER_HOST: MISSING, CONTAINER_HOST: MISSING };
    expect(await find('app:1', { access: missing })).toEqual({ without: [], failures: [] });
  });

  it.each<[string, EngineDaemon['intercept'], DaemonLimits | undefined, string]>([
    [
      'that fails',
      (_, response) => respondError(response, 500, 'disk is gone') === undefined,
      undefined,
      'responded with status 500: disk is gone',
    ],
    ['that does not respond', () => true, SHORT, 'no response within 50 ms'],
    [
      'that sends its response too slowly',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.once('close', () => clearInterval(timer));
        return response.writeHead(200) !== undefined;
      },
      SHORT_IN_TOTAL,
      'aborted due to timeout',
    ],
  ])('reports a daemon %s, and continues with the next daemon', async (_, intercept, limits, message) => {
    docker.intercept = intercept;
    podman.images.set('app:1', Buffer.alloc(0));
    const { target, without, failures } = await find('app:1', { ...(limits && { limits }) });
    expect(target?.kind).toBe('podman');
    expect(without).toEqual([]);
    expect(failures.map((error) => error.message)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['a file that is not a socket', `unix://${join(folder, 'file')}`, 'no daemon is listening'],
    ['an address in another form', 'ssh://host', 'DOCKER_HOST does not have the form'],
    ['a remote address without TLS', 'tcp://docker:2375', 'names the remote host docker without TLS'],
  ])('reports %s', async (_, address, message) => {
    writeFileSync(join(folder, 'file'), '');
    const { failures } = await find('app:1', { access: { DOCKER_HOST: address, CONTAINER_HOST: MISSING } });
    expect(failures.map((error) => error.message)).toEqual([expect.stringContaining(message)]);
  });

  it('stops when the user stops the command', async () => {
    const stop = new AbortController();
    docker.intercept = () => {
      stop.abort(new Error('stopped'));
      return true;
    };
    await expect(find('app:1', { signal: stop.signal })).rejects.toThrow('stopped');
    expect(podman.requests).toEqual([]);
  });
});
