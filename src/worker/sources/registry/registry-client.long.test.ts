import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RegistryServer, startRegistryServer } from '../../testing/registry-server.ts';
import { createHttpClient, type HttpFormClient } from '../../../bytes/http/client.ts';
import { dockerCredentials } from '../docker-credential-store.ts';
import { createRegistryClient, type RegistryAccess, type RegistryClient } from './registry-client.ts';
import { pauseOfClock } from '../../../bytes/http/retries.ts';

type Intercept = RegistryServer['intercept'];

let registry: RegistryServer;
let elsewhere: RegistryServer;
let http: HttpFormClient;
let folder: string;
let pauses: number[];
let digest: string;

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  folder = mkdtempSync(join(tmpdir(), 'clair-registry-client-'));
  [registry, elsewhere] = await Promise.all([startRegistryServer(), startRegistryServer()]);
  http = createHttpClient({ version: '1.2.3' });
  pauses = [];
  ({ digest } = registry.blob('some bytes'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await http.close();
  await Promise.all([registry.close(), elsewhere.close()]);
  rmSync(folder, { recursive: true });
});

function client(access: Partial<RegistryAccess> = {}, domain = registry.domain): RegistryClient {
  return createRegistryClient(domain, 'group/app', {
    http,
    credentials: dockerCredentials(folder),
    insecureRegistries: [],
    mirrors: [],
    pause: async (milliseconds) => void pauses.push(milliseconds),
    ...access,
  });
}

function logIn(user = 'me:p:w'): void {
  const auth = Buffer.from(user).toString('base64');
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.domain]: { auth } } }));
}

async function read(from = client(), signal?: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await from.get(`blobs/${digest}`, signal)).body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function demand(challenge: string, ...accepted: readonly string[]): Intercept {
  return ({ headers }, response) => {
    if (accepted.includes(headers.authorization ?? '')) return false;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
    return true;
  };
}

function respond(status: number, headers: Record<string, string> = {}): Intercept {
  return (_, response) => {
    response.writeHead(status, headers).end();
    return true;
  };
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a registry with basic authentication', () => {
  it('receives the configured credentials after its challenge, then with every request', async () => {
    logIn();
    registry.intercept = demand('Basic realm="x"', basic('me:p:w'));
    const one = client();
    expect(await read(one)).toBe('some bytes');
    expect(await read(one)).toBe('some bytes');
    expect(registry.authorizations).toEqual([undefined, basic('me:p:w'), basic('me:p:w')]);
  });

  it('denies access without valid credentials', async () => {
    registry.intercept = demand('Basic realm="x"', basic('me:p:w'));
    await expect(read()).rejects.toMatchObject({
      code: 'registry/denied',
      message: `${registry.domain}/group/app requires credentials, but the Docker configuration has no credentials for it`,
    });
    logIn('me:secret');
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'registry/denied', message: expect.stringContaining('status 401') });
    expect(String(error)).not.toContain('secret');
    expect(registry.requests).toHaveLength(3);
  });

  it('is not read with an unreadable configuration', async () => {
    writeFileSync(join(folder, 'config.json'), '{');
    registry.intercept = demand('Basic realm="x"');
    await expect(read()).rejects.toMatchObject({ code: 'registry/credentials-invalid' });
  });
});

describe('a registry with token authentication', () => {
  let tokens: number;
  let asked: URL[];

  function giveTokens(answer: (request: IncomingMessage, response: ServerResponse) => void): void {
    tokens = 0;
    asked = [];
    elsewhere.intercept = (request, response) => {
      asked.push(new URL(request.url ?? '', 'http://x'));
      tokens += 1;
      answer(request, response);
      return true;
    };
  }

  const challenge = (): string => `Bearer realm="http://${elsewhere.domain}/token?a=b",service="the registry"`;

  it('receives a token for the repository until the token is no longer accepted', async () => {
    giveTokens((_, response) => response.end(JSON.stringify({ token: `t${tokens}`, expires_in: 60 })));
    registry.intercept = demand(challenge(), 'Bearer t1');
    const one = client();
    expect([await read(one), await read(one)]).toEqual(['some bytes', 'some bytes']);
    expect(asked.map(({ search }) => search)).toEqual([
      '?a=b&service=the+registry&scope=repository%3Agroup%2Fapp%3Apull',
    ]);
    registry.intercept = demand(challenge(), 'Bearer t2');
    expect(await read(one)).toBe('some bytes');
    expect(registry.authorizations).toEqual([undefined, 'Bearer t1', 'Bearer t1', 'Bearer t1', 'Bearer t2']);
    expect(elsewhere.authorizations).toEqual([undefined, undefined]);
  });

  it('receives a token of the scope it names, in the alternative field', async () => {
    giveTokens((_, response) => response.end(JSON.stringify({ access_token: `t${tokens}` })));
    registry.intercept = demand(`${challenge()},scope="repository:other:pull"`, 'Bearer t1');
    expect(await read()).toBe('some bytes');
    expect(asked[0]!.searchParams.get('scope')).toBe('repository:other:pull');
  });

  it('keeps the credentials with the token server', async () => {
    logIn();
    giveTokens((_, response) => response.end(JSON.stringify({ token: 't1' })));
    registry.intercept = demand(challenge(), 'Bearer t1');
    await read();
    expect(elsewhere.authorizations).toEqual([basic('me:p:w')]);
    expect(registry.authorizations).toEqual([undefined, 'Bearer t1']);
  });

  it('is not requested again when a new token is rejected', async () => {
    giveTokens((_, response) => response.end(JSON.stringify({ token: 'useless' })));
    registry.intercept = demand(challenge());
    await expect(read()).rejects.toMatchObject({ code: 'registry/denied' });
    expect([registry.requests.length, tokens]).toEqual([2, 1]);
  });

  it.each<[string, number, string, string]>([
    ['refuses', 401, '', 'issued no token for'],
    ['forbids', 403, '', 'issued no token for'],
    ['returns nothing', 200, '', 'returned no valid token'],
    ['has no token', 200, '{"token": ""}', 'returned no valid token'],
    ['returns a token that is not a header value', 200, '{"token": "a\\r\\nb: c"}', 'returned no valid token'],
    ['returns too much', 200, `{"token": "${'x'.repeat(300_000)}"}`, 'responded with more than 262144 bytes'],
  ])('denies access when the token server %s', async (_, status, text, message) => {
    giveTokens((__, response) => response.writeHead(status).end(text));
    registry.intercept = demand(challenge());
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'registry/denied', message: expect.stringContaining(message) });
    expect(String(error)).not.toMatch(/a=b|scope/);
  });

  it.each(['', ',realm="nothing"', ',realm="file:///etc/passwd"'])(
    'must name an address: Bearer x=y%s',
    async (realm) => {
      registry.intercept = demand(`Bearer x=y${realm}`);
      await expect(read()).rejects.toMatchObject({ message: expect.stringContaining('names no valid token server') });
    },
  );

  it('with TLS receives no credentials through a token server without TLS', async () => {
    const get = vi.fn<HttpFormClient['get']>();
    get.mockResolvedValue({ status: 401, headers: { 'www-authenticate': challenge() } });
    const secure = client({ http: { ...http, get } }, 'a.example');
    await expect(read(secure)).rejects.toMatchObject({
      message: expect.stringContaining('names a token server without TLS'),
    });
    expect(get.mock.calls.map(([url]) => url)).toEqual([`https://a.example/v2/group/app/blobs/${digest}`]);
  });
});

it('names unsupported authentication schemes', async () => {
  registry.intercept = demand('Negotiate, Digest realm="x"');
  await expect(read()).rejects.toMatchObject({
    code: 'registry/denied',
    message: expect.stringContaining(
      'requires authentication by negotiate or digest, but Clair supports only Bearer and Basic',
    ),
  });
});

it('denies access on status 403', async () => {
  registry.intercept = respond(403);
  await expect(read()).rejects.toMatchObject({ code: 'registry/denied', message: expect.stringContaining('403') });
});

it('does not send the authorization header to a redirect target', async () => {
  logIn();
  const accept = demand('Basic realm="x"', basic('me:p:w'));
  const redirect = respond(307, { location: `http://${elsewhere.domain}/v2/x/blobs/${digest}?token=secret` });
  registry.intercept = (request, response) => accept(request, response) || redirect(request, response);
  elsewhere.blob('some bytes');
  expect(await read()).toBe('some bytes');
  expect([registry.authorizations.at(-1), elsewhere.authorizations]).toEqual([basic('me:p:w'), [undefined]]);
});

describe('a transient failure', () => {
  function refuse(times: number, status: number, headers: Record<string, string> = {}): Intercept {
    const refusal = respond(status, headers);
    let left = times;
    return (request, response) => {
      left -= 1;
      return left >= 0 && refusal(request, response);
    };
  }

  it.each([429, 500, 502, 503, 504])('status %i is retried with increasing delays', async (status) => {
    registry.intercept = refuse(3, status);
    expect(await read()).toBe('some bytes');
    expect(pauses).toEqual([500, 1000, 2000]);
  });

  it('is given up after four attempts', async () => {
    registry.intercept = refuse(4, 503);
    await expect(read()).rejects.toMatchObject({
      code: 'bytes/unreachable',
      message: `http://${registry.domain}/v2/group/app/blobs/${digest} responded with status 503`,
    });
    expect(registry.requests).toHaveLength(4);
  });

  it('is retried after the requested seconds', async () => {
    registry.intercept = refuse(1, 429, { 'retry-after': '7' });
    expect(await read()).toBe('some bytes');
    expect(pauses).toEqual([7000]);
  });

  it('is retried at the requested date', async () => {
    registry.intercept = refuse(1, 429, { 'retry-after': new Date(Date.now() + 20_000).toUTCString() });
    expect(await read()).toBe('some bytes');
    expect(pauses[0]).toBeGreaterThan(10_000);
    expect(pauses[0]).toBeLessThanOrEqual(20_000);
  });

  it('is given up when the server requires more than 30 s', async () => {
    registry.intercept = refuse(1, 429, { 'retry-after': '31' });
    await expect(read()).rejects.toMatchObject({ message: expect.stringContaining('(retry after 31 s)') });
    expect(pauses).toEqual([]);
  });

  it('may be a broken connection', async () => {
    let left = 2;
    registry.intercept = ({ socket }) => {
      left -= 1;
      if (left >= 0) socket.destroy();
      return left >= 0;
    };
    expect(await read()).toBe('some bytes');
    expect(pauses).toEqual([500, 1000]);
  });

  it('is given up when the connection is refused', async () => {
    const { domain } = elsewhere;
    await elsewhere.close();
    await expect(read(client({}, domain))).rejects.toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
    expect(pauses).toEqual([500, 1000, 2000]);
  });

  it('may come from the token server', async () => {
    elsewhere.intercept = refuse(1, 503);
    elsewhere.manifest('{"token": "t1"}', 'application/json', 'token');
    registry.intercept = demand(`Bearer realm="http://${elsewhere.domain}/v2/manifests/token"`, 'Bearer t1');
    expect(await read()).toBe('some bytes');
    expect(pauses).toEqual([500]);
  });

  it.each([
    [400, 'bytes/unreachable'],
    [404, 'bytes/not-found'],
    [405, 'bytes/unreachable'],
  ])('is not status %i', async (status, code) => {
    registry.intercept = refuse(1, status);
    await expect(read()).rejects.toMatchObject({ code });
    expect(pauses).toEqual([]);
  });

  it('stops waiting when the caller aborts', async () => {
    registry.intercept = refuse(9, 503);
    const control = new AbortController();
    const pause: typeof pauseOfClock = async (milliseconds, signal) => {
      setTimeout(() => control.abort(), 10);
      await pauseOfClock(milliseconds, signal);
    };
    const reading = read(client({ pause }), control.signal);
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    expect(registry.requests).toHaveLength(1);
  });
});

describe('encryption', () => {
  it.each<[string, readonly string[], string]>([
    ['a.example', [], 'https://a.example/'],
    ['a.example:5000', [], 'https://a.example:5000/'],
    ['docker.io', [], 'https://registry-1.docker.io/'],
    ['localhost.example', [], 'https://localhost.example/'],
    ['127.0.0.1.example', [], 'https://127.0.0.1.example/'],
    ['10.0.0.1', [], 'https://10.0.0.1/'],
    ['localhost:5000', [], 'http://localhost:5000/'],
    ['127.9.9.9', [], 'http://127.9.9.9/'],
    ['[::1]:5000', [], 'http://[::1]:5000/'],
    ['a.example:5000', ['a.example:5000'], 'http://a.example:5000/'],
    ['a.example:5000', ['b.example', 'a.example'], 'http://a.example:5000/'],
    ['a.example:5001', ['a.example:5000'], 'https://a.example:5001/'],
    ['b.a.example', ['a.example'], 'https://b.a.example/'],
  ])('%s with %j allowed without TLS: %s', async (domain, insecureRegistries, origin) => {
    const get = vi.fn<HttpFormClient['get']>();
    get.mockResolvedValue({ status: 404, headers: {} });
    const asked = client({ http: { ...http, get }, insecureRegistries }, domain);
    await expect(asked.get('manifests/1')).rejects.toMatchObject({ code: 'image/not-found' });
    expect(get.mock.calls[0]![0]).toBe(`${origin}v2/group/app/manifests/1`);
  });
});
