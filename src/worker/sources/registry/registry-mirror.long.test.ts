import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OCI_INDEX, type RegistryServer, startRegistryServer } from '../../testing/registry-server.ts';
import { createHttpClient, type HttpFormClient } from '../../../bytes/http/client.ts';
import { dockerCredentials } from '../docker-credential-store.ts';
import type { RegistryClient } from './registry-client.ts';
import { createMirroredClient } from './mirrored-client.ts';
import { parseRegistryMirror, type RegistryMirror } from './registry-mirror.ts';

describe('a mirror', () => {
  it.each<[string, RegistryMirror]>([
    ['docker.io=a.example', { of: 'docker.io', domain: 'a.example', prefix: '' }],
    ['index.docker.io=a.example/', { of: 'docker.io', domain: 'a.example', prefix: '' }],
    ['b.example:5000=a.example:443', { of: 'b.example:5000', domain: 'a.example:443', prefix: '' }],
    ['quay.io=localhost/hub', { of: 'quay.io', domain: 'localhost', prefix: 'hub/' }],
    ['quay.io=[::1]:5000/a/b-c/', { of: 'quay.io', domain: '[::1]:5000', prefix: 'a/b-c/' }],
    ['a.example=docker.io/proxy', { of: 'a.example', domain: 'docker.io', prefix: 'proxy/' }],
  ])('is parsed from %s', (text, mirror) => {
    expect(parseRegistryMirror(text)).toEqual(mirror);
  });

  it.each([
    '',
    'docker.io',
    'docker.io=',
    '=a.example',
    'docker.io=mirror',
    'hub=a.example',
    'docker.io/library=a.example',
    'docker.io=https://a.example',
    'docker.io=a.example/A',
    'docker.io=a.example//b',
    'docker.io=a.example/b:1',
    'docker.io=a.example/b@c',
    'docker.io=a.example=b.example',
    'docker.io=a.example:port',
    'docker.io=me:secret@a.example',
  ])('is not parsed from %j', (text) => {
    expect(parseRegistryMirror(text)).toBeUndefined();
  });
});

let registry: RegistryServer;
let mirrors: readonly [RegistryServer, RegistryServer];
let http: HttpFormClient;
let folder: string;
let digest: string;

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  folder = mkdtempSync(join(tmpdir(), 'clair-registry-mirror-'));
  registry = await startRegistryServer();
  mirrors = [await startRegistryServer(), await startRegistryServer()];
  http = createHttpClient({ version: '1.2.3' });
  ({ digest } = registry.blob('some bytes'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await http.close();
  await Promise.all([registry, ...mirrors].map(async (each) => await each.close()));
  rmSync(folder, { recursive: true });
});

function client(domain = registry.domain, of = registry.domain): RegistryClient {
  return createMirroredClient(domain, 'group/app', {
    http,
    credentials: dockerCredentials(folder),
    insecureRegistries: [],
    mirrors: mirrors.map(({ domain: mirror }) => ({ of, domain: mirror, prefix: 'some/prefix/' })),
    pause: async () => {},
  });
}

async function read(from = client(), name = `blobs/${digest}`): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await from.get(name)).body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function asked(): readonly number[] {
  return [...mirrors, registry].map(({ requests }) => requests.length);
}

function respond(status: number, headers: Record<string, string> = {}): RegistryServer['intercept'] {
  return (_, response) => {
    response.writeHead(status, headers).end();
    return true;
  };
}

describe('a registry with mirrors', () => {
  it('gets no request when the first mirror has the content', async () => {
    mirrors[0].blob('some bytes');
    expect(await read()).toBe('some bytes');
    expect(asked()).toEqual([1, 0, 0]);
    expect(mirrors[0].requests).toEqual([`some/prefix/group/app/blobs/${digest}`]);
  });

  it.each<[string, RegistryServer['intercept']]>([
    ['does not have it', () => false],
    ['refuses', respond(403)],
    ['requires unknown credentials', respond(401, { 'www-authenticate': 'Basic realm="x"' })],
    ['is unavailable', respond(503)],
    ['requires a long pause', respond(429, { 'retry-after': '3600' })],
    [
      'breaks',
      ({ socket }) => {
        socket.destroy();
        return true;
      },
    ],
  ])('gets the request when each mirror %s, after one request to each', async (_, intercept) => {
    for (const mirror of mirrors) mirror.intercept = intercept;
    expect(await read()).toBe('some bytes');
    expect(asked()).toEqual([1, 1, 1]);
  });

  it('gets the request when no mirror accepts connections', async () => {
    const both = client();
    await Promise.all(mirrors.map(async (mirror) => await mirror.close()));
    expect(await read(both)).toBe('some bytes');
  });

  it('tries the last successful host first, then the hosts after it', async () => {
    mirrors[1].blob('some bytes');
    const { digest: other } = registry.blob('other bytes');
    const one = client();
    expect([await read(one), await read(one)]).toEqual(['some bytes', 'some bytes']);
    expect(asked()).toEqual([1, 2, 0]);
    expect([await read(one, `blobs/${other}`), await read(one)]).toEqual(['other bytes', 'some bytes']);
    expect(asked()).toEqual([1, 3, 2]);
  });

  it('may have attached manifests that the mirrors lack, which does not divert later requests', async () => {
    registry.manifest({ manifests: [] }, OCI_INDEX, digest.replace(':', '-'));
    registry.intercept = ({ url = '' }, response) => {
      const isList = url.includes('/referrers/');
      if (isList) response.writeHead(200).end('list');
      return isList;
    };
    mirrors[0].blob('some bytes');
    const one = client();
    expect(await read(one, `referrers/${digest}?artifactType=a`)).toBe('list');
    expect(JSON.parse(await read(one, `manifests/${digest.replace(':', '-')}`))).toEqual({ manifests: [] });
    expect(await read(one)).toBe('some bytes');
    expect(asked()).toEqual([3, 2, 2]);
  });

  it("determines the error, with the mirrors' failures appended", async () => {
    mirrors[0].intercept = respond(403);
    const missing = `blobs/sha256:${'0'.repeat(64)}`;
    const where = (server: RegistryServer, prefix = 'some/prefix/'): string => `${server.domain}/${prefix}group/app`;
    await expect(read(client(), missing)).rejects.toMatchObject({
      code: 'bytes/not-found',
      message:
        `${where(registry, '')} has no ${missing}; the mirrors failed too: ` +
        `${where(mirrors[0])} denied access, or does not exist (${missing}: status 403); ` +
        `${where(mirrors[1])} has no ${missing}`,
    });
  });

  it('gets its own credentials, and each mirror the credentials of its host', async () => {
    const basic = (user: string): string => Buffer.from(`${user}:x`).toString('base64');
    const auths = {
      [registry.domain]: { auth: basic('registry') },
      [mirrors[1].domain]: { auth: basic('mirror') },
    };
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
    for (const server of [...mirrors, registry]) {
      server.intercept = ({ headers }, response) => {
        if (server === registry && headers.authorization !== undefined) return false;
        return respond(401, { 'www-authenticate': 'Basic realm="x"' })(response.req, response);
      };
    }
    expect(await read()).toBe('some bytes');
    expect(mirrors[0].authorizations).toEqual([undefined]);
    expect(mirrors[1].authorizations).toEqual([undefined, `Basic ${basic('mirror')}`]);
    expect(registry.authorizations).toEqual([undefined, `Basic ${basic('registry')}`]);
  });

  it('gets no request with broken credentials configuration or after an abort', async () => {
    mirrors[0].intercept = respond(401, { 'www-authenticate': 'Basic realm="x"' });
    writeFileSync(join(folder, 'config.json'), '{');
    await expect(read()).rejects.toMatchObject({ code: 'registry/credentials-invalid' });
    await expect(client().get(`blobs/${digest}`, AbortSignal.abort())).rejects.toThrow(/abort/);
    expect(asked()).toEqual([1, 0, 0]);
  });

  it('has its own mirrors', async () => {
    expect(await read(client(registry.domain, 'a.example'))).toBe('some bytes');
    expect(asked()).toEqual([0, 0, 1]);
  });
});
