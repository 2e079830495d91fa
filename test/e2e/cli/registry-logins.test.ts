import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RegistryLogin } from '../../../src/worker/sources/registry/registry-logins.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';
import type { BuiltLayer } from '../../../src/worker/testing/image-builder.ts';
import { createPrivateAuthority } from '../../../src/bytes/testing/private-authority.ts';
import { type RegistryServer, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-logins-e2e-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const passwordfile = join(folder, 'password');
const cafile = join(folder, 'ca.pem');
const BASIC = `Basic ${Buffer.from('me:secret').toString('base64')}`;
const authority = createPrivateAuthority();

let layers: readonly BuiltLayer[];
let server: ClairServer | undefined;
const registries: RegistryServer[] = [];
const others: Server[] = [];
beforeAll(async () => {
  layers = await buildDemoLayers();
  writeFileSync(passwordfile, 'secret\n');
  writeFileSync(cafile, authority.certificate);
});
beforeEach(() => vi.stubEnv('no_proxy', '*'));
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  await Promise.all(registries.splice(0).map(async (each) => await each.close()));
  for (const each of others.splice(0)) each.close();
});

/** Starts a registry that accepts one Authorization header and challenges all other requests. */
async function closedRegistry(challenge: string, accepts: string, isEncrypted = false): Promise<RegistryServer> {
  const registry = await startRegistryServer(isEncrypted ? authority.identify('0.0.0.0') : undefined);
  registries.push(registry);
  registry.image(layers, { tag: '1' });
  registry.intercept = ({ headers }, response) => {
    if (headers.authorization === accepts) return false;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
    return true;
  };
  return registry;
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const other = createServer(answer);
  others.push(other);
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
}

type Submission = {
  readonly id: string;
  readonly state: string;
  readonly error: { code: string; message: string } | null;
};

async function submitted(
  reference: string,
  logins: readonly RegistryLogin[],
  allowedHosts: readonly string[] = ['127.0.0.1'],
): Promise<Submission> {
  server = await startClairServer(allowedHosts, { registries: logins });
  const { body } = await server.post<{ submission: Submission }>('/v2/images', { reference });
  return await vi.waitFor(
    async () => {
      const { body: now } = await server!.get<Submission>(`/v2/submissions/${body.submission.id}`);
      if (!['done', 'failed'].includes(now.state)) throw new Error(`it is ${now.state}`);
      return now;
    },
    { timeout: 20_000, interval: 100 },
  );
}

describe('a registry that requires a password', () => {
  it('receives its login, only after a challenge', async () => {
    const registry = await closedRegistry('Basic realm="x"', BASIC);
    const login = { host: registry.domain, username: 'me', passwordfile };
    expect(await submitted(`${registry.domain}/team/app:1`, [login])).toMatchObject({ state: 'done', error: null });
    expect(registry.authorizations[0]).toBeUndefined();
    expect(new Set(registry.authorizations.slice(1))).toEqual(new Set([BASIC]));
  });

  it.each<[string, string | undefined, string]>([
    ['with the certificate authority of the login', cafile, 'done'],
    ['with an unknown certificate authority', undefined, 'failed'],
  ])('by https, %s: %j', async (_, file, state) => {
    const registry = await closedRegistry('Basic realm="x"', BASIC, true);
    // 0.0.0.0 also reaches this machine, but requires https, because Clair does not treat 0.0.0.0 as a local address.
    const host = registry.domain.replace('127.0.0.1', '0.0.0.0');
    const login = { host, username: 'me', passwordfile, ...(file !== undefined && { cafile: file }) };
    const submission = await submitted(`${host}/app:1`, [login], ['0.0.0.0']);
    expect(submission.state).toBe(state);
    expect(registry.authorizations.includes(BASIC)).toBe(state === 'done');
  });

  it.each<[string, Partial<RegistryLogin>]>([
    ['other repositories', { repositories: ['other'] }],
    ['another registry', { host: 'registry.test' }],
  ])('receives no login for %s', async (_, parts) => {
    const registry = await closedRegistry('Basic realm="x"', BASIC);
    const login = { host: registry.domain, username: 'me', passwordfile, ...parts };
    expect((await submitted(`${registry.domain}/team/app:1`, [login as RegistryLogin])).error).toMatchObject({
      code: 'registry/denied',
      message: `${registry.domain}/team/app requires credentials, but worker.registries has no credentials for it`,
    });
    expect(new Set(registry.authorizations)).toEqual(new Set([undefined]));
  });

  it('is not contacted when the host is not allowed, despite its login', async () => {
    const registry = await closedRegistry('Basic realm="x"', BASIC);
    const login = { host: registry.domain, username: 'me', passwordfile };
    const { error } = await submitted(`${registry.domain}/app:1`, [login], []);
    expect([error?.code, registry.requests]).toEqual(['layer/host-not-allowed', []]);
  });

  it('that rejects the login causes an error without the login', async () => {
    const registry = await closedRegistry('Basic realm="x"', 'Basic other');
    const { error } = await submitted(`${registry.domain}/app:1`, [
      { host: registry.domain, username: 'me', passwordfile },
    ]);
    expect(error).toMatchObject({ code: 'registry/denied', message: expect.not.stringMatching(/secret|bWU6/) });
  });
});

it('sends the credentials to the token server, and not to redirect targets', async () => {
  const elsewhere: (string | undefined)[] = [];
  const tokens: (string | undefined)[] = [];
  const realm = await serve(({ headers }, response) => {
    tokens.push(headers.authorization);
    response.end('{"token": "good"}');
  });
  const registry = await closedRegistry(`Bearer realm="${realm}/token",service="x"`, 'Bearer good');
  const { intercept } = registry;
  const blobs = await serve(({ url = '', headers }, response) => {
    elsewhere.push(headers.authorization);
    // The registry itself responds to the forwarded request.
    registry.intercept = () => false;
    const passOn = async (): Promise<void> => {
      const answer = await fetch(`http://${registry.domain}${url}`);
      response.end(Buffer.from(await answer.arrayBuffer()));
    };
    void passOn();
  });
  registry.intercept = (request, response) => {
    if (intercept(request, response)) return true;
    if (!request.url?.includes('/blobs/') || elsewhere.length > 0) return false;
    response.writeHead(307, { location: `${blobs}${request.url}` }).end();
    return true;
  };
  const submission = await submitted(`${registry.domain}/app:1`, [
    { host: registry.domain, username: 'me', passwordfile },
  ]);
  expect(submission).toMatchObject({ state: 'done', error: null });
  expect(tokens).toEqual([BASIC]);
  expect(elsewhere).toEqual([undefined]);
});
