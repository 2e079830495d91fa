import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RegistryServer, startRegistryServer } from '../../testing/registry-server.ts';
import { createHttpClient, type HttpFormClient } from '../../../bytes/http/client.ts';
import { dockerCredentials } from '../docker-credential-store.ts';
import { createRegistryAuth, type RegistryAuth, type RegistryAuthOptions } from './registry-auth.ts';
import { createRegistryClient, type RegistryClient } from './registry-client.ts';

let registry: RegistryServer;
let tokens: RegistryServer;
let http: HttpFormClient;
let folder: string;
let digest: string;
let forms: { method: string | undefined; url: string | undefined; body: string }[];

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  folder = mkdtempSync(join(tmpdir(), 'clair-registry-auth-'));
  [registry, tokens] = await Promise.all([startRegistryServer(), startRegistryServer()]);
  http = createHttpClient({ version: '1.2.3' });
  forms = [];
  ({ digest } = registry.blob('some bytes'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await http.close();
  await Promise.all([registry.close(), tokens.close()]);
  rmSync(folder, { recursive: true });
});

function client(): RegistryClient {
  const access = { http, credentials: dockerCredentials(folder), insecureRegistries: [], pause: async () => {} };
  return createRegistryClient(registry.domain, 'group/app', access);
}

async function read(from: RegistryClient, signal?: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await from.get(`blobs/${digest}`, signal)).body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function logIn(entry: object): void {
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.domain]: entry } }));
}

function demandToken(number: () => number): void {
  registry.intercept = ({ headers }, response) => {
    if (headers.authorization === `Bearer t${number()}`) return false;
    const challenge = `Bearer realm="http://${tokens.domain}/token",service="the registry"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
    return true;
  };
}

/** Issues numbered tokens after a delay, and records the requests. */
function giveTokens(status = 200, name = 'access_token', delay = 0): void {
  tokens.intercept = ({ method, url }, response) => {
    const form = { method, url, body: '' };
    forms.push(form);
    const text = JSON.stringify({ [name]: `t${forms.length}` });
    const request = response.req;
    request.on('data', (chunk) => (form.body += String(chunk)));
    request.on('end', () => setTimeout(() => response.writeHead(status).end(text), delay));
    return true;
  };
}

describe('an identity token', () => {
  it('is exchanged for an access token by a form', async () => {
    logIn({ identitytoken: 'se&cret' });
    demandToken(() => 1);
    giveTokens();
    expect(await read(client())).toBe('some bytes');
    expect(forms.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /token']);
    expect(Object.fromEntries(new URLSearchParams(forms[0]!.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'se&cret',
      client_id: 'clair',
      service: 'the registry',
      scope: 'repository:group/app:pull',
    });
    expect([registry.authorizations, tokens.authorizations]).toEqual([[undefined, 'Bearer t1'], [undefined]]);
  });

  it('is exchanged again when the token is no longer accepted', async () => {
    let accepted = 1;
    logIn({ identitytoken: 'secret' });
    demandToken(() => accepted);
    giveTokens();
    const one = client();
    await read(one);
    accepted = 2;
    expect(await read(one)).toBe('some bytes');
    expect(forms).toHaveLength(2);
  });

  it.each([
    [401, /issued no token for .* with the credentials from the Docker configuration \(status 401\)/],
    [404, /issued no token for .* \(status 404\)/],
    [307, /responded with status 307/],
  ])('that is rejected is never shown: status %i', async (status, message) => {
    logIn({ identitytoken: 'secret' });
    demandToken(() => 1);
    giveTokens(status);
    const error = await read(client()).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain('secret');
    expect(forms).toHaveLength(1);
  });

  it('is not sent as a password', async () => {
    logIn({ identitytoken: 'secret' });
    registry.intercept = (_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return true;
    };
    await expect(read(client())).rejects.toMatchObject({
      code: 'registry/denied',
      message: `${registry.domain}/group/app requires a password, but the Docker configuration has only an identity token for it`,
    });
    expect(registry.authorizations).toEqual([undefined]);
  });
});

describe('concurrent requests', () => {
  async function readFive(from: RegistryClient): Promise<readonly string[]> {
    return await Promise.all([1, 2, 3, 4, 5].map(async () => await read(from)));
  }

  it('fetch one token, first and after it expires', async () => {
    let accepted = 1;
    demandToken(() => accepted);
    giveTokens(200, 'token', 50);
    const one = client();
    expect(await readFive(one)).toEqual(Array(5).fill('some bytes'));
    expect(forms).toHaveLength(1);
    accepted = 2;
    expect(await readFive(one)).toEqual(Array(5).fill('some bytes'));
    expect(forms).toHaveLength(2);
    expect(registry.requests).toHaveLength(20);
  });

  it('fetch no token when a stale token is rejected later', async () => {
    let accepted = 1;
    demandToken(() => accepted);
    giveTokens();
    const one = client();
    await read(one);
    accepted = 2;
    const refuse = registry.intercept;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let isFirst = true;
    registry.intercept = (request, response) => {
      if (!isFirst) return refuse(request, response);
      isFirst = false;
      void held.then(() => refuse(request, response));
      return true;
    };
    const late = read(one);
    await vi.waitFor(() => expect(isFirst).toBe(false));
    expect(await read(one)).toBe('some bytes');
    release();
    expect(await late).toBe('some bytes');
    expect(forms).toHaveLength(2);
  });

  const CHALLENGE = 'Bearer realm="https://a.example/token"';

  function authOf(get: RegistryAuthOptions['get']): RegistryAuth {
    return createRegistryAuth({ where: 'app', repository: 'app', isPlain: false, ...http, get });
  }

  it('fail together when no token is issued', async () => {
    const get = vi.fn<RegistryAuthOptions['get']>().mockResolvedValue({ status: 403, headers: {} });
    const auth = authOf(get);
    const asking = [1, 2, 3].map(async () => await auth.answer(CHALLENGE, undefined));
    for (const each of asking) await expect(each).rejects.toMatchObject({ code: 'registry/denied' });
    expect(get).toHaveBeenCalledTimes(1);
  });

  it('do not fail when the request that fetches a token aborts', async () => {
    const get = vi.fn<RegistryAuthOptions['get']>(
      async (_, { signal } = {}) =>
        await new Promise((resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new Error('gave up')));
          if (signal === undefined) resolve({ status: 200, headers: {}, body: bodyOf('{"token": "t"}') });
        }),
    );
    const auth = authOf(get);
    const control = new AbortController();
    const first = auth.answer(CHALLENGE, undefined, control.signal);
    const others = [1, 2].map(async () => await auth.answer(CHALLENGE, undefined));
    await vi.waitFor(() => expect(get).toHaveBeenCalled());
    control.abort();
    await expect(first).rejects.toThrow('gave up');
    await Promise.all(others);
    expect(auth.header()).toBe('Bearer t');
    expect(get).toHaveBeenCalledTimes(2);
  });
});

async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
