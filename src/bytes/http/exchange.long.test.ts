import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ByteStream } from '../byte-stream.ts';
import { fixedProxy } from './proxies.ts';
import { createHttpTransport, type HttpTransport } from './transport.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(answer: (socket: Socket, request: string) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => answer(socket, bytes.toString('latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function transport(proxy?: string, window = 400): HttpTransport {
  const made = createHttpTransport({
    limits: { connect: 300, headers: 5000, body: { idle: 5000, least: { bytes: 1000, window } } },
    findProxy: proxy === undefined ? () => undefined : fixedProxy(proxy),
  });
  closers.push(() => void made.close());
  return made;
}

const { signal } = new AbortController();

async function read(from: HttpTransport, address: string, method: 'GET' | 'POST' = 'GET'): Promise<number> {
  const response = await from.send(new URL(address), { method, headers: {}, signal });
  return (await bytesOf(response.body)).length;
}

async function bytesOf(body: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n';

async function drip(socket: Socket, bytes: number, every: number): Promise<void> {
  socket.write(HEAD);
  for (let sent = 0; sent < 4000 && !socket.destroyed; sent += bytes) {
    await setTimeout(every);
    socket.write('x'.repeat(bytes));
  }
}

describe('minimum progress of a body', () => {
  it('applies to a peer that drips steadily', async () => {
    const host = await listen((socket) => void drip(socket, 10, 20));
    await expect(read(transport(), `http://${host}/`)).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: expect.stringMatching(/^too slow: \d{1,3} bytes in 400 ms, minimum 1000 bytes$/),
    });
  });

  it('accepts a slow peer above the minimum for longer than the window', async () => {
    const host = await listen((socket) => void drip(socket, 500, 100));
    expect(await read(transport(undefined, 2000), `http://${host}/`)).toBe(4000);
  });

  it('excludes the time in which the reader is busy', async () => {
    const host = await listen((socket) => void socket.write(`${HEAD}${'x'.repeat(500)}`));
    const response = await transport().send(new URL(`http://${host}/`), { method: 'GET', headers: {}, signal });
    const chunks = response.body[Symbol.asyncIterator]();
    await chunks.next();
    await setTimeout(600);
    const start = performance.now();
    await expect(chunks.next()).rejects.toThrow('too slow: 500 bytes');
    expect(performance.now() - start).toBeGreaterThan(200);
  });
});

describe('a response', () => {
  it.each<[string, string]>([
    ['in another protocol', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: a\r\n\r\n'],
    ['that is invalid', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['with a head that has no end', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}`],
  ])('%s is an error', async (_, bytes) => {
    const host = await listen((socket) => void socket.write(bytes));
    await expect(read(transport(), `http://${host}/`)).rejects.toThrow(/./);
  });

  it('followed by unsolicited bytes does not answer the next request', async () => {
    const host = await listen((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nyy');
    });
    const made = transport();
    expect([await read(made, `http://${host}/`), await read(made, `http://${host}/`)]).toEqual([1, 1]);
  });

  it('with an unread body keeps its connection for the next request', async () => {
    const connections = new Set<Socket>();
    const host = await listen((socket) => {
      connections.add(socket);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx');
    });
    const made = transport();
    await read(made, `http://${host}/`);
    const response = await made.send(new URL(`http://${host}/`), { method: 'GET', headers: {}, signal });
    await response.passOver();
    await read(made, `http://${host}/`);
    expect(connections.size).toBe(1);
  });
});

describe('a tunnel that a proxy', () => {
  it.each<[string, (socket: Socket) => void, RegExp]>([
    [
      'refuses',
      (socket) => void socket.write('HTTP/1.1 407 No\r\n\r\n'),
      /did not open a tunnel: it responded with status 407$/,
    ],
    [
      'does not open in time',
      () => undefined,
      /^the proxy \S+ did not open a tunnel within 300 ms$|no connection within 300 ms/,
    ],
    ['cuts off', (socket) => void socket.destroy(), /socket hang up|ECONNRESET/],
  ])('%s is an error of the request', async (_, answer, reason) => {
    const asked: string[] = [];
    const proxy = await listen((socket, request) => {
      asked.push(request);
      answer(socket);
    });
    await expect(read(transport(`http://me:pass@${proxy}`), 'https://[2001:db8::1]/')).rejects.toThrow(reason);
    expect(asked[0]).toMatch(/^CONNECT \[2001:db8::1\]:443 HTTP\/1\.1\r\n/);
    expect(asked[0]).toContain(`proxy-authorization: Basic ${Buffer.from('me:pass').toString('base64')}\r\n`);
  });
});

it('a closed transport sends nothing', async () => {
  const made = transport();
  await made.close();
  await expect(read(made, 'http://127.0.0.1:1/')).rejects.toThrow('the HTTP client was closed');
});
