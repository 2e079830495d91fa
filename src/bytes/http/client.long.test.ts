import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHttpClient, type HttpAnswer, type HttpFormClient, type HttpLimits, shownAddress } from './client.ts';

/** A timeout in milliseconds that is short enough for a test and long enough for a busy machine. */
const SHORT = 300;
const LIMITS: HttpLimits = {
  connect: 2000,
  headers: 5000,
  bodyIdle: 5000,
  progress: { bytes: 1, window: 5000 },
  total: 10_000,
  redirects: 5,
};

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(closers.splice(0).map((close) => close()));
});

describe('a successful response', () => {
  it('returns the body and the headers by lower-case name', async () => {
    const url = await serve((_, response) => response.setHeader('ETag', '"1"').end('some bytes'));
    const answer = await client().get(url);
    expect(answer).toMatchObject({ status: 200, headers: { etag: '"1"', 'content-length': '10' } });
    expect(await textOf(answer)).toBe('some bytes');
  });

  it('returns an empty body', async () => {
    const url = await serve((_, response) => response.end());
    expect(await textOf(await client().get(url))).toBe('');
  });

  it('returns a whole body larger than any buffer', async () => {
    const large = 'x'.repeat(3_000_000);
    const url = await serve((_, response) => response.end(large));
    expect(await textOf(await client().get(url))).toBe(large);
  });

  it('returns 304 for an unchanged resource', async () => {
    const url = await serve((request, response) =>
      response.writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 200).end(),
    );
    expect(await client().get(url, { headers: { 'If-None-Match': '"1"' } })).toEqual({ status: 304 });
  });

  it('sends the user agent', async () => {
    const url = await serve((request, response) => response.end(request.headers['user-agent']));
    expect(await textOf(await client().get(url))).toBe('clair/1.2.3');
  });

  it('sends the credentials of the URL as basic authentication', async () => {
    const url = await serve((request, response) => response.end(request.headers.authorization));
    const answer = await client().get(url.replace('http://', 'http://me:p%40ss@'));
    expect(await textOf(answer)).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });
});

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('follows status %i', async (status) => {
    const url = await serve((request, response) =>
      request.url === '/' ? response.writeHead(status, { location: 'there' }).end('moved') : response.end('arrived'),
    );
    expect(await textOf(await client().get(url))).toBe('arrived');
  });

  it('follows five redirects but not six', async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` });
      response.end();
    });
    expect(await client().get(`${url}5`)).toMatchObject({ status: 200 });
    await expect(client().get(`${url}6`)).rejects.toMatchObject(unreachable('more than 5 redirects'));
  });

  it("sends the caller's headers only to the first origin, except harmless headers", async () => {
    const elsewhere = await serve(answerSecrets);
    const url = await serve((request, response) => {
      if (request.url === '/here') answerSecrets(request, response);
      else response.writeHead(302, { location: request.url === '/' ? '/here' : elsewhere }).end();
    });
    const headers = {
      Authorization: 'secret',
      Cookie: 'secret',
      'X-Token': 'secret',
      'User-Agent': 'secret',
      Accept: 'text/html',
    };
    expect(await textOf(await client().get(url, { headers }))).toBe('secret secret secret secret text/html');
    const away = 'undefined undefined undefined clair/1.2.3 text/html';
    expect(await textOf(await client().get(`${url}away`, { headers }))).toBe(away);
  });

  it('does not restore URL credentials after a redirect away and back', async () => {
    const elsewhere = await serve((_, response) => response.writeHead(302, { location: `${url}back` }).end());
    const url = await serve((request, response) => {
      if (request.url === '/back') answerSecrets(request, response);
      else response.writeHead(302, { location: elsewhere }).end();
    });
    const answer = await client().get(url.replace('http://', 'http://me:secret@'), { headers: { Cookie: 'secret' } });
    expect(await textOf(answer)).toBe('undefined undefined undefined clair/1.2.3 undefined');
  });

  it.each([
    ['to a file', 'file:///etc/passwd', 'only http and https'],
    ['to no address', 'http://[', 'a redirect without a valid Location header'],
    ['without an address', undefined, 'a redirect without a valid Location header'],
  ])('rejects a redirect %s', async (_, location, reason) => {
    const url = await serve((__, response) => response.writeHead(302, location ? { location } : {}).end());
    await expect(client().get(url)).rejects.toMatchObject(unreachable(reason));
  });
});

describe('a form', () => {
  it('is sent by POST and returns an ordinary response', async () => {
    const url = await serve((request, response) => {
      const { 'content-type': type, 'user-agent': agent } = request.headers;
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => response.end(`${request.method} ${type} ${agent} ${body}`));
    });
    const answer = await client().postForm(url, { grant_type: 'a&b', scope: 'c d' });
    const type = 'application/x-www-form-urlencoded';
    expect(await textOf(answer)).toBe(`POST ${type} clair/1.2.3 grant_type=a%26b&scope=c+d`);
  });

  it.each([301, 302, 303, 307, 308])('does not follow status %i', async (status) => {
    const elsewhere = vi.fn<RequestListener>();
    const location = await serve(elsewhere);
    const url = await serve((_, response) => response.writeHead(status, { location }).end());
    await expect(client().postForm(url, { token: 'secret' })).rejects.toMatchObject({
      code: 'bytes/unreachable',
      message: `${url} responded with status ${status}`,
    });
    expect(elsewhere).not.toHaveBeenCalled();
  });

  it('returns a refusal status when the caller accepts it', async () => {
    const url = await serve((_, response) => response.writeHead(401).end());
    expect(await client().postForm(url, {}, { refusals: [401] })).toMatchObject({ status: 401 });
    await expect(client().postForm(url, {})).rejects.toMatchObject(unreachable('status 401'));
  });
});

describe('errors', () => {
  it.each([
    [404, 'bytes/not-found'],
    [410, 'bytes/not-found'],
    [204, 'bytes/unreachable'],
    [206, 'bytes/unreachable'],
    [401, 'bytes/unreachable'],
    [403, 'bytes/unreachable'],
    [429, 'bytes/unreachable'],
    [500, 'bytes/unreachable'],
    [503, 'bytes/unreachable'],
  ])('status %i is %s', async (status, code) => {
    const url = await serve((_, response) => response.writeHead(status).end(status === 204 ? undefined : 'a page'));
    await expect(client().get(url)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`status ${status}`),
    });
  });

  it('a status that the caller accepts is returned with its headers', async () => {
    const url = await serve((_, response) => response.writeHead(429, { 'retry-after': '7' }).end('a page'));
    const answer = await client().get(url, { refusals: [401, 429] });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    await expect(client().get(url, { refusals: [401] })).rejects.toMatchObject(unreachable('status 429'));
  });

  it('a refused connection is unreachable', async () => {
    const url = await serve((_, response) => response.end());
    await Promise.all(closers.splice(0).map((close) => close()));
    await expect(client().get(url)).rejects.toMatchObject(unreachable('ECONNREFUSED'));
  });

  it.each(['ftp://127.0.0.1/', 'file:///etc/passwd'])('%s has an unsupported protocol', async (url) => {
    await expect(client().get(url)).rejects.toMatchObject(unreachable('only http and https'));
  });

  it('messages hide credentials and the query', async () => {
    const url = await serve((_, response) => response.writeHead(500).end());
    const error = await client()
      .get(`${url.replace('http://', 'http://me:secret@')}path?token=secret#secret`)
      .catch((reason: unknown) => String(reason));
    expect(error).toContain(`${url}path`);
    expect(error).not.toContain('secret');
  });

  it('messages hide a URL that cannot be parsed', async () => {
    const error: unknown = await client()
      .get('http://me:secret@[')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'bytes/unreachable' });
    expect(String(error)).not.toContain('secret');
    expect(error).not.toHaveProperty('cause.input');
  });
});

describe('a broken connection', () => {
  it.each<[string, RequestListener, string]>([
    ['before the headers', (request) => request.socket.destroy(), 'cannot read '],
    [
      'before the announced length',
      (request, response) => {
        response.setHeader('content-length', 100).write('some', () => request.socket.end());
      },
      'the response was truncated: ',
    ],
    [
      'inside a chunked body',
      (request, response) => {
        response.write('some', () => request.socket.end());
      },
      'the response was truncated: ',
    ],
  ])('%s', async (_, listener, reason) => {
    await expect(read(client(), await serve(listener))).rejects.toMatchObject(unreachable(reason));
  });
});

describe('time limits', () => {
  it('apply to response headers', async () => {
    const url = await serve(() => undefined);
    await expect(read(client({ headers: SHORT }), url)).rejects.toMatchObject(unreachable('no response within 300 ms'));
  });

  it('apply to a stalled body', async () => {
    const url = await serve((_, response) => response.write('some'));
    await expect(read(client({ bodyIdle: SHORT }), url)).rejects.toMatchObject(unreachable('no bytes for 300 ms'));
  });

  it('apply to a body that trickles forever', async () => {
    const url = await serve((_, response) => {
      const trickle = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(trickle));
    });
    await expect(read(client({ total: SHORT }), url)).rejects.toMatchObject(unreachable('timeout'));
  });

  it('do not delay an abort by the caller', async () => {
    const url = await serve((_, response) => response.write('some'));
    const control = new AbortController();
    const answer = await client().get(url, { signal: control.signal });
    control.abort();
    await expect(textOf(answer)).rejects.toMatchObject(unreachable('aborted'));
  });

  it('do not delay the closing of the client', async () => {
    const url = await serve((_, response) => response.write('some'));
    const http = client();
    const answer = await http.get(url);
    await http.close();
    await expect(textOf(answer)).rejects.toMatchObject(unreachable('the HTTP client was closed'));
  });

  it('allow a slow reader, which slows the server and loses nothing', async () => {
    const size = 20_000_000;
    let sent = 0;
    const url = await serve((_, response) => {
      response.on('finish', () => (sent = size));
      response.end(Buffer.alloc(size));
    });
    const answer = await client({ bodyIdle: SHORT }).get(url);
    await new Promise((resolve) => setTimeout(resolve, 3 * SHORT));
    expect(sent).toBe(0);
    expect(await textOf(answer)).toHaveLength(size);
  });
});

describe('the proxy in the environment', () => {
  it('is used', async () => {
    const asked: unknown[] = [];
    const proxy = await serve(({ url, headers }, response) => {
      asked.push(url, headers.host, headers['proxy-authorization'], headers.authorization);
      response.end('through');
    });
    vi.stubEnv('http_proxy', proxy.replace('http://', 'http://me:p%40ss@'));
    vi.stubEnv('no_proxy', '');
    const credentials = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(await textOf(await client({}, {}).get('http://example.test:81/a?b'))).toBe('through');
    expect(asked).toEqual(['http://example.test:81/a?b', 'example.test:81', credentials, undefined]);
  });

  it('is rejected without being shown when it is not a URL', () => {
    vi.stubEnv('http_proxy', 'me:secret@nowhere:port');
    expect(() => client({}, {})).toThrow(/^the proxy in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY is not a valid URL$/);
  });
});

it.each([
  ['https://me:secret@example.org:8443/a/b?token=secret#part', 'https://example.org:8443/a/b'],
  ['https://example.org', 'https://example.org/'],
  ['nothing', '(not a URL)'],
])('%s is shown as %s', (url, shown) => {
  expect(shownAddress(url)).toBe(shown);
});

function client(
  limits: Partial<HttpLimits> = {},
  environment: Record<string, string> = { no_proxy: '*' },
): HttpFormClient {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const http = createHttpClient({ version: '1.2.3', limits: { ...LIMITS, ...limits } });
  closers.push(() => http.close());
  return http;
}

async function serve(listener: RequestListener): Promise<string> {
  return listen(createServer(listener));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/`;
}

async function read(http: HttpFormClient, url: string): Promise<string> {
  return textOf(await http.get(url));
}

async function textOf(answer: HttpAnswer): Promise<string> {
  if (answer.status !== 200) throw new Error(`no body with status ${answer.status}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const answerSecrets: RequestListener = (request, response) => {
  const { authorization, cookie, 'x-token': token, 'user-agent': agent, accept } = request.headers;
  response.end([authorization, cookie, token, agent, accept].map(String).join(' '));
};

function unreachable(reason: string): object {
  return { code: 'bytes/unreachable', message: expect.stringContaining(reason) };
}
