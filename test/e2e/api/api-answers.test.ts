import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';

const KEY = 'A'.repeat(43);
const lines: string[] = [];
let server: ClairServer;
const LIST = '/v1/layers/base/vulnerabilities?minimumPriority=Unknown';

beforeAll(async () => {
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
  server = await startClairServer(['127.0.0.1'], { log, pageTokenKey: KEY });
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  const path = join(server.folder, '0.tar');
  writeFileSync(path, (await buildDemoLayers())[0]?.tar ?? '');
  expect((await server.send('POST', '/v1/layers', { body: { ID: 'base', Path: path } })).status).toBe(201);
});
afterAll(() => server.close());

/** Sends a GET without the automatic decoding of fetch. */
async function raw(path: string, headers: Record<string, string>): Promise<{ answer: IncomingMessage; bytes: Buffer }> {
  const sent = httpRequest(`${server.url}${path}`, { headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { answer, bytes: Buffer.concat(chunks) };
}

describe('a response', () => {
  it.each([
    [{}, undefined],
    [{ 'accept-encoding': 'gzip' }, 'gzip'],
    [{ 'accept-encoding': 'deflate, gzip;q=0.5' }, 'gzip'],
    [{ 'accept-encoding': 'br' }, undefined],
    [{ 'accept-encoding': 'gzip;q=0' }, undefined],
  ])('to %j is encoded by %s', async (headers, encoding) => {
    const { answer, bytes } = await raw(LIST, headers);
    expect(answer.headers['content-encoding']).toBe(encoding);
    const text = (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    expect(JSON.parse(text)).toHaveProperty('Vulnerabilities');
  });

  it('is 304 for a client that has it, until it changes', async () => {
    const before = await server.send('GET', LIST);
    const tag = before.headers.get('etag') ?? '';
    const known = { 'if-none-match': `"other", ${tag}` };
    expect((await raw(LIST, known)).answer.statusCode).toBe(304);
    expect((await raw(LIST, { ...known, 'accept-encoding': 'gzip' })).bytes).toHaveLength(0);
    const zlib = { OS: 'debian:12', Name: 'zlib', AllVersions: true };
    const posted = { ID: 'OWN-1', Link: 'https://example.test', Priority: 'Low', AffectedPackages: [zlib] };
    const sent = await server.send('POST', '/v1/vulnerabilities', { body: posted, headers: known });
    expect(sent.status).toBe(201);
    expect(sent.headers.get('etag')).toBeNull();
    expect((await raw(LIST, known)).answer.statusCode).toBe(200);
    expect((await server.send('GET', '/v1/nothing')).headers.get('etag')).toBeNull();
  });

  it('has the request ID of the client if it is valid, else a new request ID', async () => {
    const named = async (id: string): Promise<string | null> =>
      (await server.send('GET', '/v1/versions', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await named('ci-7:a.b')).toBe('ci-7:a.b');
    expect(await named('a b')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await named('x'.repeat(65))).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is logged in one line', async () => {
    lines.length = 0;
    await server.send('GET', '/v1/layers/none/os?x=1', { headers: { 'x-request-id': 'logged' } });
    const entries = lines.map((line) => JSON.parse(line)).filter(({ reqId }) => reqId === 'logged');
    expect(entries).toEqual([
      expect.objectContaining({
        method: 'GET',
        path: '/v1/layers/none/os',
        code: 404,
        milliseconds: expect.any(Number),
      }),
    ]);
  });

  it.each(['/v3/layers', '/v20', '/v1', '/v1/nothing', '/v1/layers', '/v1/layers/base/os/more'])(
    'at %s is 404',
    async (path) => {
      expect(await server.send('GET', path)).toMatchObject({
        status: 404,
        body: { Message: expect.stringContaining('(request/not-found)'), Error: { Message: expect.any(String) } },
      });
    },
  );
});

it('page tokens of one instance work on another instance with the same key', async () => {
  const other = await startClairServer([], { pageTokenKey: KEY });
  await other.clair.updater.update('debian', { from: DEMO_FEED });
  const path = '/v1/namespaces/debian:12/vulnerabilities?limit=1';
  const { body } = await server.send<{ NextPage: string }>('GET', path);
  expect((await other.send('GET', `${path}&page=${body.NextPage}`)).body).toMatchObject({
    Vulnerabilities: [{ Name: 'CVE-2099-0002' }],
  });
  await other.close();
  await expect(startClairServer([], { pageTokenKey: 'short' })).rejects.toMatchObject({ code: 'config/invalid' });
});

describe('when the timeout expires', () => {
  it.each([
    [
      { Layer: { Name: 'slow', Path: 'URL', Format: 'Docker' } },
      { Error: { Message: expect.stringContaining('did not respond within 100 ms (api.timeout)'), Type: 'Timeout' } },
    ],
    [{ ID: 'slow', Path: 'URL' }, { Message: expect.stringContaining('did not respond within 100 ms (api.timeout)') }],
  ])('the work for %j stops, and nothing is stored', async (body, answer) => {
    const upstream = createServer((_request, response) => void response.write('never more than this'));
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const hungUp = once(upstream, 'connection').then(async ([socket]) => await once(socket, 'close'));
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`;
    const impatient = await startClairServer(['127.0.0.1'], { timeout: 100 });
    const sent = await impatient.send('POST', '/v1/layers', { body: JSON.stringify(body).replace('URL', url) });
    expect([sent.status, sent.body]).toEqual([503, answer]);
    await hungUp;
    expect((await impatient.send('GET', '/v1/layers/slow')).status).toBe(404);
    await impatient.close();
    upstream.close();
  });

  it.each([0, 2 ** 40])('no work stops with a timeout of %d, which means none', async (timeout) => {
    const patient = await startClairServer([], { timeout });
    expect((await patient.send('GET', '/v1/versions')).status).toBe(200);
    expect((await patient.send('POST', '/v1/vulnerabilities', { body: {} })).status).toBe(400);
    await patient.close();
  });

  it('or the client disconnects, the work stops', async () => {
    const upstream = createServer((_request, response) => void response.write('never more than this'));
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const asked = once(upstream, 'request');
    const hungUp = once(upstream, 'connection').then(async ([socket]) => await once(socket, 'close'));
    const sent = httpRequest(`${server.url}/v1/layers`, { method: 'POST', agent: false });
    sent.on('error', () => {});
    sent.end(JSON.stringify({ ID: 'slow', Path: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/` }));
    await asked;
    sent.destroy();
    await hungUp;
    expect((await server.send('GET', '/v1/layers/slow')).status).toBe(404);
    upstream.close();
  });
});
