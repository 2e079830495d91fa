import type { LookupAddress } from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHostGuard, type ResolveName } from './host-guard.ts';
import { createHostPolicy } from './host-policy.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from './http/client.ts';

const closers: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  vi.stubEnv('no_proxy', '*');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await Promise.all(closers.splice(0).map((close) => close()));
});

describe('does not connect when the address is', () => {
  it.each([
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127。0。0。1/',
    'http://①27.0.0.1/',
    'http://%31%32%37.0.0.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/latest/meta-data/',
    'http://public.test@127.0.0.1/',
    'http://public.test:80@127.0.0.1/',
    'http://127.0.0.1#@public.test/',
    'http://127.0.0.1\\@public.test/',
    'http://private.test/',
    'http://PRIVATE.test/',
    'http://private.test./',
    'http://private6.test/',
    'http://both.test/',
  ])('%s', async (url) => {
    const connected = vi.spyOn(Socket.prototype, 'connect');
    await expect(client([], namesOfTest).get(url)).rejects.toMatchObject({ code: 'layer/host-not-allowed' });
    expect(connected).not.toHaveBeenCalled();
  });

  it('a name of this machine, resolved by the system', async () => {
    const { url, requests } = await serve((_, response) => response.end());
    const address = url.replace('127.0.0.1', 'localhost');
    await expect(client([]).get(address)).rejects.toMatchObject({
      code: 'layer/host-not-allowed',
      message: 'localhost is not a host that this server may fetch layers from',
    });
    expect(requests).toEqual([]);
  });

  it('a URL with credentials and a query, and hides both and the resolved address in the error', async () => {
    const error: unknown = await client([], namesOfTest)
      .get('http://me:secret@private.test/?token=secret')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'layer/host-not-allowed' });
    expect(String(error)).not.toMatch(/secret|10\.0\.0\.1/);
  });
});

describe('connects to an allowed host', () => {
  it.each([
    ['by its address', '127.0.0.1', '127.0.0.1'],
    ['by a range', '127.0.0.1', '127.0.0.0/8'],
    ['in an odd form', '2130706433', '127.0.0.1'],
    ['by the address of its name', 'loopback.test', '127.0.0.1'],
    ['by its name', 'loopback.test', 'loopback.test'],
    ['by its name with a dot at the end', 'loopback.test.', 'Loopback.test'],
  ])('%s', async (_, host, allowance) => {
    const { url } = await serve((__, response) => response.end('bytes'));
    const http = client([allowance], namesOfTest);
    expect(await textOf(await http.get(url.replace('127.0.0.1', host)))).toBe('bytes');
  });

  it('also when the connector asks for one address of a name', async () => {
    const { url } = await serve((_, response) => response.end());
    const { lookup } = createHostGuard(createHostPolicy({ allowedHosts: ['127.0.0.1'] }), namesOfTest);
    const port = Number(new URL(url).port);
    const socket = connect({ host: 'loopback.test', port, lookup, autoSelectFamily: false });
    await new Promise((resolve) => socket.once('connect', resolve));
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });
});

describe('redirect', () => {
  it.each([
    ['to loopback', 'http://127.0.0.2:PORT/there'],
    ['to loopback, in an odd form', 'http://0x7f.2:PORT/there'],
    ['to a name with such an address', 'http://private.test:PORT/there'],
    ['without a scheme', '//127.0.0.2:PORT/there'],
    ['to metadata', 'http://169.254.169.254/there'],
  ])('%s is refused', async (_, location) => {
    const { url, requests } = await serve((__, response) => {
      response.writeHead(302, { location: location.replace('PORT', new URL(url).port) }).end();
    });
    await expect(client(['127.0.0.1'], namesOfTest).get(url)).rejects.toMatchObject({ code: 'layer/host-not-allowed' });
    expect(requests).toEqual(['/']);
  });

  it('to an allowed host is followed', async () => {
    const { url, requests } = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: `http://127.0.0.2:${new URL(url).port}/there` });
      response.end('bytes');
    });
    expect(await textOf(await client(['127.0.0.1', '127.0.0.2']).get(url))).toBe('bytes');
    expect(requests).toEqual(['/', '/there']);
  });
});

describe('a name whose address changes', () => {
  it('after the check is refused on connection', async () => {
    const { url, requests } = await serve((_, response) => response.end());
    const answers = ['127.0.0.1', '127.0.0.2'];
    const http = client(['127.0.0.1'], async () => [{ address: answers.shift() ?? '', family: 4 }]);
    await expect(http.get(url.replace('127.0.0.1', 'moving.test'))).rejects.toMatchObject({
      code: 'layer/host-not-allowed',
    });
    expect(answers).toEqual([]);
    expect(requests).toEqual([]);
  });

  it('after the connection keeps its first address', async () => {
    const { url } = await serve((request, response) => response.end(request.socket.localAddress));
    const answers = ['127.0.0.1', '127.0.0.1', '127.0.0.2'];
    const http = client(['127.0.0.1'], async () => [{ address: answers.shift() ?? '', family: 4 }]);
    expect(await textOf(await http.get(url.replace('127.0.0.1', 'moving.test')))).toBe('127.0.0.1');
    expect(answers).toEqual(['127.0.0.2']);
  });
});

describe('a name that cannot be resolved', () => {
  it('is unreachable', async () => {
    await expect(client([], namesOfTest).get('http://unknown.test/')).rejects.toMatchObject({
      code: 'bytes/unreachable',
      message: 'cannot read http://unknown.test/: unknown.test has no address',
    });
  });

  it('is abandoned after the timeout', { timeout: 5000 }, async () => {
    const http = client([], async () => await new Promise(() => {}), 200);
    await expect(http.get('http://slow.test/')).rejects.toMatchObject({
      code: 'bytes/unreachable',
      message: expect.stringContaining('timeout'),
    });
  });

  it('is abandoned when the caller aborts', { timeout: 5000 }, async () => {
    const http = client([], async () => await new Promise(() => {}));
    const control = new AbortController();
    const answer = http.get('http://slow.test/', { signal: control.signal });
    control.abort();
    await expect(answer).rejects.toMatchObject({ code: 'bytes/unreachable' });
  });
});

describe('through a proxy', () => {
  it.each([
    ['an address', 'http://10.0.0.1/'],
    ['a name with such an address', 'http://private.test/'],
    ['a name that cannot be resolved here', 'http://unknown.test/'],
  ])('does not request a private host: %s', async (_, url) => {
    const asked = await serveProxy();
    await expect(client([], namesOfTest).get(url)).rejects.toMatchObject({ name: 'ClairError' });
    expect(asked).toEqual([]);
  });

  it.each([
    ['public', 'public.test', []],
    ['allowed by its name, and need not be resolved here', 'unknown.test', ['unknown.test']],
  ])('requests a host that is %s', async (_, host, allowances) => {
    const asked = await serveProxy();
    expect(await textOf(await client(allowances, namesOfTest).get(`http://${host}/`))).toBe('through');
    expect(asked).toEqual([`http://${host}/`]);
  });
});

const namesOfTest: ResolveName = async (name) => {
  const addresses: Readonly<Record<string, readonly LookupAddress[]>> = {
    'public.test': [{ address: '8.8.8.8', family: 4 }],
    'private.test': [{ address: '10.0.0.1', family: 4 }],
    'private6.test': [{ address: 'fe80::1%eth0', family: 6 }],
    'both.test': [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ],
    'loopback.test': [{ address: '127.0.0.1', family: 4 }],
  };
  const found = addresses[name.replace(/\.$/, '')];
  if (found === undefined) throw new Error(`${name} has no address`);
  return found;
};

function client(allowedHosts: readonly string[], resolveName?: ResolveName, total = 10_000): HttpClient {
  const policy = createHostPolicy({ allowedHosts });
  const http = createHttpClient({ version: 'test', limits: { total }, policy, ...(resolveName && { resolveName }) });
  closers.push(() => http.close());
  return http;
}

/**
 * Starts a server on all addresses of this machine and returns a URL with 127.0.0.1. `requests` collects the requested
 * paths.
 */
async function serve(listener: RequestListener): Promise<{ readonly url: string; readonly requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    listener(request, response);
  });
  return { url: `http://127.0.0.1:${await listen(server, '0.0.0.0')}/`, requests };
}

/**
 * Starts a proxy that responds to every request itself, and configures the proxy in the environment. Returns the
 * requested addresses.
 */
async function serveProxy(): Promise<readonly string[]> {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('through');
  });
  vi.stubEnv('http_proxy', `http://127.0.0.1:${await listen(proxy, '127.0.0.1')}`);
  vi.stubEnv('no_proxy', '');
  return asked;
}

async function listen(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function textOf(answer: HttpAnswer): Promise<string> {
  if (answer.status !== 200) throw new Error(`no body with status ${answer.status}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
