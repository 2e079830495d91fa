import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, expect, it } from 'vitest';
import { startClairServer } from '../../src/api/testing/clair-server.ts';
import { createPrivateAuthority } from '../../src/bytes/testing/private-authority.ts';
import { tarOf } from '../../src/bytes/testing/tar-builder.ts';

/** Idle connections do not delay the shutdown of a server. */
const folder = mkdtempSync(join(tmpdir(), 'clair-idle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = createPrivateAuthority('Authority of servers');
const tls = { certfile: join(folder, 'cert.pem'), keyfile: join(folder, 'key.pem') };
const { cert, key } = authority.identify('127.0.0.1');
writeFileSync(tls.certfile, cert);
writeFileSync(tls.keyfile, key);

/** Far below the header timeout, after which idle connections end anyway. */
const MUCH_LESS_MS = 5000;
const HEADERS_MS = 60_000;

it.each<[string, object]>([
  ['plain', {}],
  ['encrypted', { tls }],
])('a server with %s connections closes the idle connections at once', async (name, options) => {
  const server = await startClairServer([], { ...options, limits: { headers: HEADERS_MS, idle: HEADERS_MS } });
  const port = Number(new URL(server.url).port);
  const raw = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const secured = async (): Promise<Socket> => {
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority.certificate });
    await once(socket, 'secureConnect');
    return socket;
  };
  const open = name === 'plain' ? raw : secured;
  // The sockets are idle from the start, in the middle of headers, and after a response; with TLS also before the
  // handshake.
  const sockets = [await open(), await open(), await open(), await raw()];
  const closed = sockets.map(async (socket) => {
    // How a connection ends does not matter.
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => void socket.resume().once('close', () => resolve()));
  });
  sockets[1]?.write('GET /v1/versions HTTP/1.1\r\nHost: localhost\r\n');
  sockets[2]?.write('GET /v1/versions HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(sockets[2] as Socket, 'data');
  const start = performance.now();
  await server.close();
  await Promise.all(closed);
  expect(performance.now() - start).toBeLessThan(MUCH_LESS_MS);
});

it('a server that is closed completes the running request', async () => {
  const server = await startClairServer();
  let finish: () => void = () => undefined;
  const upstream = createServer((_request, response) => {
    finish = () => response.end(tarOf({ name: 'etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' }));
  });
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  const asked = once(upstream, 'request');
  const Path = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/layer.tar`;
  const answer = server.post('/v1/layers', { ID: 'running', Path });
  await asked;
  const stopped = server.close();
  setTimeout(finish, 300);
  expect((await answer).status).toBe(201);
  await stopped;
  upstream.close();
});
