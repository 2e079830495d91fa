import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';

const [LAYER] = await buildDemoLayers();

let clair: Clair;
let api: FastifyInstance;
let log: string;
let closers: (() => Promise<unknown>)[];

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  log = '';
  clair = await composeClair({ type: 'memory' });
  api = await clair.api({
    allowedPaths: [],
    allowedHosts: ['127.0.0.1'],
    log: pino({ level: 'trace' }, { write: (line: string) => (log += line) }),
  });
  closers = [async () => await api.close(), async () => await clair.close()];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers) await close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/layer?token=secret`;
}

async function post(path: string, headers: unknown): Promise<{ readonly status: number; readonly body: string }> {
  const payload = { ID: 'a', Path: path, Headers: headers } as object;
  const { statusCode, body } = await api.inject({ method: 'POST', url: '/v1/layers', payload });
  return { status: statusCode, body };
}

const letIn: RequestListener = ({ url, headers }, response) => {
  const isKnown = url === '/layer?token=secret' && headers['authorization'] === 'Bearer secret';
  if (isKnown) response.end(gzipSync(LAYER!.tar));
  else response.writeHead(401).end();
};

describe('a layer by URL with headers', () => {
  it('is fetched with the headers, which are not logged', async () => {
    expect(await post(await serve(letIn), { Authorization: 'Bearer secret' })).toMatchObject({ status: 201 });
    expect(log).toContain('/v1/layers');
    expect(log).not.toContain('secret');
  });

  it.each<[string, RequestListener, number]>([
    ['is refused', letIn, 502],
    ['is missing', (_, response) => response.writeHead(404).end(), 404],
    ['breaks', (request) => request.socket.destroy(), 502],
    ['is truncated', ({ socket }, response) => void response.write('some', () => socket.destroy()), 502],
    ['is not a layer', (_, response) => response.end('no layer'), 400],
    ['is elsewhere', (_, response) => response.writeHead(302, { location: '//127.0.0.1:1/?token=secret' }).end(), 502],
    [
      'redirects to a private address',
      (_, response) => response.writeHead(302, { location: 'http://10.0.0.1/?secret' }).end(),
      400,
    ],
  ])('that %s fails without printing the headers or the query string', async (_, listener, status) => {
    const answer = await post(await serve(listener), { Authorization: 'Basic secret', 'X-Token': 'secret' });
    expect(answer).toMatchObject({ status });
    expect(`${answer.body}${log}`).not.toContain('secret');
    expect(log).toContain('/v1/layers');
  });

  it.each<[string, unknown, string]>([
    ['a line', { a: 'secret\r\nb: c' }, 'invalid value of the header a: use printable ASCII characters'],
    ['the host', { Host: 'secret' }, 'clients cannot set the header host'],
    ['no text', { a: { b: 'secret' } }, 'must be string'],
    ['no object', 'secret', 'must be object'],
  ])('is not requested with invalid headers: %s', async (_, headers, message) => {
    const listener = vi.fn<RequestListener>();
    const answer = await post(await serve(listener), headers);
    expect(answer).toEqual({ status: 400, body: expect.stringContaining(message) });
    expect(`${answer.body}${log}`).not.toContain('secret');
    expect(listener).not.toHaveBeenCalled();
  });
});
