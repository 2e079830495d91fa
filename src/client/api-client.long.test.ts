import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ApiClient, type ApiClientOptions, openApiClient } from './api-client.ts';

const { signal } = new AbortController();
const servers: Server[] = [];
const clients: ApiClient[] = [];
let pauses: number[];

beforeEach(() => {
  vi.stubEnv('no_proxy', '*');
  pauses = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(clients.splice(0).map(async (client) => await client.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts a server, and returns its address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function open(address: string, options: Partial<ApiClientOptions> = {}): Promise<ApiClient> {
  const client = await openApiClient({
    address,
    version: '1.2.3',
    pause: async (milliseconds) => void pauses.push(milliseconds),
    ...options,
  });
  clients.push(client);
  return client;
}

describe('an API client', () => {
  it('sends its token, and requests paths below the path of the address', async () => {
    const seen: unknown[] = [];
    const address = await serve(({ url, method, headers }, response) => {
      seen.push([method, url, headers.authorization, headers['user-agent']]);
      response.end('{"a":1}');
    });
    const client = await open(`${address}/clair/`, { token: 'secret' });
    expect(client.server).toBe(`${address}/clair`);
    expect(await client.get('/v2/status', { signal })).toEqual({ a: 1 });
    await client.post('/v2/images', { headers: {}, body: '{}', signal });
    expect(seen).toEqual([
      ['GET', '/clair/v2/status', 'Bearer secret', 'clair/1.2.3'],
      ['POST', '/clair/v2/images', 'Bearer secret', 'clair/1.2.3'],
    ]);
  });

  it('follows no redirect, because the token is only for this server', async () => {
    let elsewhere = 0;
    const other = await serve((_, response) => {
      elsewhere += 1;
      response.end('{}');
    });
    const client = await open(await serve((_, response) => response.writeHead(302, { location: other }).end()), {
      token: 'x',
    });
    await expect(client.get('/v2/status', { signal })).rejects.toMatchObject({
      code: 'server/unexpected-answer',
      message: expect.stringContaining(`redirect to ${other}`),
    });
    expect(elsewhere).toBe(0);
  });

  it('retries while the server is busy or unreachable, and then fails with the reason', async () => {
    let asked = 0;
    const client = await open(
      await serve(({ socket }, response) => {
        asked += 1;
        if (asked === 1) socket.destroy();
        else if (asked === 2) response.writeHead(503, { 'retry-after': '9' }).end('<html>');
        else response.end('{}');
      }),
    );
    expect(await client.get('/v2/status', { signal })).toEqual({});
    expect(pauses).toEqual([500, 1000]);
    asked = -10;
    const always = await open(await serve((_, response) => response.writeHead(429, { 'retry-after': '9' }).end()));
    await expect(always.get('/', { signal })).rejects.toMatchObject({
      code: 'server/busy',
      message: expect.stringMatching(/status 429; retry after 9 s$/),
    });
  });

  it('never repeats a POST request', async () => {
    let asked = 0;
    const client = await open(
      await serve(({ socket }) => {
        asked += 1;
        socket.destroy();
      }),
    );
    await expect(client.post('/v2/images', { headers: {}, body: '{}', signal })).rejects.toMatchObject({
      code: 'server/unreachable',
    });
    expect([asked, pauses]).toEqual([1, []]);
  });

  it.each<[string, RequestListener]>([
    ['too large', (_, response) => response.end(`"${'x'.repeat(5 * 1024 * 1024)}"`)],
    ['not JSON', (_, response) => response.end('<html>')],
    ['a page of another server', (_, response) => response.writeHead(404).end('<html>')],
  ])('rejects a response that is %s', async (_, listener) => {
    const client = await open(await serve(listener));
    await expect(client.get('/v2/status', { signal })).rejects.toMatchObject({ code: 'server/unexpected-answer' });
    expect(pauses).toEqual([]);
  });

  it('rejects a response that is not an event stream, and reports a broken stream', async () => {
    const client = await open(
      await serve(({ url, socket }, response) => {
        if (url === '/page') response.end('<html>');
        else
          response
            .setHeader('content-type', 'text/event-stream; charset=utf-8')
            .write('data: a\n\n', () => socket.destroy());
      }),
    );
    await expect(client.events('/page', signal)).rejects.toMatchObject({ code: 'server/unexpected-answer' });
    const read = async (): Promise<void> => {
      for await (const chunk of await client.events('/events', signal)) expect(String(chunk)).toBe('data: a\n\n');
    };
    await expect(read()).rejects.toMatchObject({ code: 'server/unreachable' });
  });

  it('stops an upload when the server responds early', async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 1;
        yield Buffer.alloc(64 * 1024);
        await setTimeout(1);
      }
    }
    const fault = { code: 'request/unauthenticated', message: 'no token', remedy: 'Send one.' };
    const client = await open(
      await serve((_, response) => response.writeHead(401).end(JSON.stringify({ error: fault }))),
    );
    await expect(client.post('/v2/images', { headers: {}, body: endless(), signal })).rejects.toMatchObject({
      code: fault.code,
      message: fault.message,
    });
    const before = sent;
    await setTimeout(50);
    expect(sent).toBeLessThanOrEqual(before + 1);
  });

  it('reports the error of its own archive', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      throw new Error('the disk failed');
    }
    const client = await open(await serve((request, response) => request.resume().on('end', () => response.end('{}'))));
    await expect(client.post('/v2/images', { headers: {}, body: broken(), signal })).rejects.toThrow('the disk failed');
  });

  it('ends on a signal with its reason', async () => {
    const stop = new AbortController();
    const client = await open(await serve(() => stop.abort(new Error('stopped'))));
    await expect(client.get('/v2/status', { signal: stop.signal })).rejects.toThrow('stopped');
  });

  it.each([
    ['clair.example:6060', {}],
    ['ftp://clair.example', {}],
    ['http://user:secret@clair.example', {}],
    ['http://clair.example/?token=secret', {}],
    ['http://clair.example', { token: 'secret\nx-other: header' }],
    ['http://clair.example', { token: '' }],
  ])('rejects the address %s with the options %j', async (address, options) => {
    const error: unknown = await open(address, options).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'cli/usage', message: expect.not.stringContaining('secret') });
  });
});
