/** Tests that slow, idle or many clients hold resources for a limited time and do not block other clients. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../src/api/testing/clair-server.ts';
import { knowLayer } from '../../src/database/testing/store-content.ts';
import { deb } from '../../src/database/testing/packages.ts';

const MANY = 2000;
const BODY = '{"ID": "x", "Path": "/x"}';
const HEAD = 'POST /v1/layers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

let server: ClairServer;
const sockets = new Set<Socket>();
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

async function opened(text = ''): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}

async function answerOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}

describe('a client that', () => {
  beforeAll(async () => {
    server = await startClairServer([], { limits: { headers: 300, request: 600, idle: 300, answer: 300 } });
  });

  it.each<[string, string, RegExp]>([
    ['sends nothing', '', /^HTTP\/1\.1 408 /],
    ['does not end its headers', HEAD, /^HTTP\/1\.1 408 /],
    ['does not end its body', `${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, 5)}`, /^HTTP\/1\.1 408 /],
    [
      'sends no second request',
      'GET /v1/versions HTTP/1.1\r\nHost: localhost\r\n\r\n',
      /^HTTP\/1\.1 200 OK\r\n[^]*EngineVersion[^{}]*}$/,
    ],
  ])('%s is disconnected', async (_, text, answer) => {
    expect(await answerOf(await opened(text))).toMatch(answer);
  });

  it('sends a byte from time to time is disconnected', async () => {
    const socket = await opened(HEAD);
    const drip = setInterval(() => socket.write('X-Slow: 1\r\n'), 50);
    expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
  });

  it('reads nothing of a long response is disconnected', async () => {
    // The response exceeds the buffers of both sides.
    const packages = Array.from({ length: 60_000 }, (_, at) => deb(`package-${at}`, '1'));
    await knowLayer(server.clair.store, 'large', packages);
    const deaf = await opened('GET /v1/layers/large/packages HTTP/1.1\r\nHost: localhost\r\n\r\n');
    // The client detects the closed connection when it writes.
    const said = setInterval(() => deaf.write('\r\n'), 50);
    await new Promise((resolve) => deaf.once('close', resolve));
    clearInterval(said);
    expect(deaf.bytesRead).toBeLessThan(5 * 1024 * 1024);
  });
});

describe(`${MANY} clients that`, () => {
  it('are idle do not block another connection', async () => {
    await server.close();
    server = await startClairServer([], {});
    const idle = await Promise.all(Array.from({ length: MANY }, () => opened()));
    const slow = await Promise.all(Array.from({ length: 100 }, () => opened(HEAD)));
    expect((await server.get('/v1/versions')).status).toBe(200);
    expect([...idle, ...slow].filter((socket) => socket.destroyed)).toEqual([]);
  });

  it('exceed the limit are closed at once, and the other connections get responses', async () => {
    for (const socket of sockets) socket.destroy();
    await server.close();
    server = await startClairServer([], { limits: { connections: 5 } });
    const first = await Promise.all(Array.from({ length: 4 }, () => opened()));
    expect((await server.get('/v1/versions')).status).toBe(200);
    const more = await Promise.all(Array.from({ length: 20 }, () => opened()));
    await Promise.all(more.map((socket) => answerOf(socket)));
    expect(first.filter((socket) => socket.destroyed)).toEqual([]);
  });
});
