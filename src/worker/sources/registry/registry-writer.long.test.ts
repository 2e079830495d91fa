import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { createHttpClient } from '../../../bytes/http/client.ts';
import { createHttpRequester } from '../../../bytes/http/requester.ts';
import { createRegistryWriter, type RegistryWriter } from './registry-writer.ts';

const BYTES = Buffer.from('0123456789');
const DIGEST = `sha256:${createHash('sha256').update(BYTES).digest('hex')}`;
const { signal } = new AbortController();

type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>> };
type Seen = {
  readonly line: string;
  readonly body: string;
  readonly range: string | undefined;
  readonly auth: string | undefined;
};

describe('an upload', () => {
  let server: Server;
  let domain: string;
  let seen: Seen[];
  /** Responses that replace the normal response to a request line. */
  let once: Map<string, Answer[]>;
  const opened: { close: () => Promise<void> }[] = [];
  beforeEach(async () => {
    seen = [];
    once = new Map();
    server = createServer((request, response) => {
      void answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    domain = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const line = `${request.method} ${request.url}`;
    seen.push({ line, body, range: request.headers['content-range'], auth: request.headers.authorization });
    const { status, headers = {} } = once.get(line)?.shift() ?? normal(line);
    response.writeHead(status, { 'content-length': '0', ...headers }).end();
  }

  async function read(request: IncomingMessage): Promise<string> {
    return (await allBytes(request, 1e6))?.toString('utf8') ?? '';
  }

  function normal(line: string): Answer {
    if (line.startsWith('HEAD')) return { status: 404 };
    if (line.startsWith('POST')) return { status: 202, headers: { location: '/v2/db/blobs/uploads/1?state=a' } };
    if (line.startsWith('PATCH')) return { status: 202, headers: { location: '/v2/db/blobs/uploads/1?state=b' } };
    return { status: 201 };
  }

  function writer(chunkBytes?: number): RegistryWriter {
    const http = createHttpClient({ version: '1' });
    const requester = createHttpRequester({ version: '1' });
    opened.push(http, requester);
    const credentials = { name: 'test', find: async () => ({ username: 'me', secret: 'secret' }) };
    const access = { http, requester, insecureRegistries: [], credentials, pause: async () => undefined };
    return createRegistryWriter(domain, 'db', access, chunkBytes);
  }

  const BLOB = {
    digest: DIGEST,
    size: BYTES.length,
    async *open(start: number, end: number): AsyncGenerator<Uint8Array> {
      yield BYTES.subarray(start, end);
    },
  };
  const HEAD = `HEAD /v2/db/blobs/${DIGEST}`;
  const POST = 'POST /v2/db/blobs/uploads/';
  const put = (state: string): string =>
    `PUT /v2/db/blobs/uploads/1?state=${state}&digest=${encodeURIComponent(DIGEST)}`;
  const lines = (): string[] => seen.map(({ line }) => line);

  it('is skipped for a blob that the registry has', async () => {
    once.set(HEAD, [{ status: 200 }]);
    expect(await writer().putBlob(BLOB, signal)).toBe(false);
    expect(lines()).toEqual([HEAD]);
  });

  it('of a small blob is one request', async () => {
    expect(await writer().putBlob(BLOB, signal)).toBe(true);
    expect(lines()).toEqual([HEAD, POST, put('a')]);
    expect(seen[2]?.body).toBe('0123456789');
  });

  it('of a large blob is made in chunks, each at the place that the registry names', async () => {
    expect(await writer(4).putBlob(BLOB, signal)).toBe(true);
    const patch = (state: string): string => `PATCH /v2/db/blobs/uploads/1?state=${state}`;
    expect(lines()).toEqual([HEAD, POST, patch('a'), patch('b'), patch('b'), put('b')]);
    expect(seen.slice(2).map(({ range, body }) => [range, body])).toEqual([
      ['0-3', '0123'],
      ['4-7', '4567'],
      ['8-9', '89'],
      [undefined, ''],
    ]);
  });

  it('logs in when the registry requires it, also in the middle', async () => {
    const login = { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
    once.set(put('a'), [login]);
    await writer().putBlob(BLOB, signal);
    expect(seen.at(-1)).toMatchObject({ body: '0123456789', auth: expect.stringMatching(/^Basic /) });
    once.set(HEAD, [login]);
    once.set(POST, [{ status: 403 }]);
    await expect(writer().putBlob(BLOB, signal)).rejects.toMatchObject({ code: 'registry/denied' });
  });

  it('starts again after a transient failure, and fails after several', async () => {
    once.set(put('a'), [{ status: 503 }, { status: 500 }]);
    expect(await writer().putBlob(BLOB, signal)).toBe(true);
    once.set(
      put('a'),
      Array.from({ length: 9 }, () => ({ status: 502 })),
    );
    await expect(writer().putBlob(BLOB, signal)).rejects.toMatchObject({ code: 'registry/refused' });
    expect(lines().filter((line) => line === put('a'))).toHaveLength(3 + 4);
  });

  it('does not repeat a refusal', async () => {
    once.set(put('a'), [{ status: 400 }]);
    await expect(writer().putBlob(BLOB, signal)).rejects.toMatchObject({ code: 'registry/refused' });
    expect(lines()).toHaveLength(3);
  });

  it.each([['ftp://other.test/x'], ['']])('does not follow the place %j', async (location) => {
    once.set(POST, [{ status: 202, headers: { location } }]);
    await expect(writer().putBlob(BLOB, signal)).rejects.toMatchObject({ code: 'registry/refused' });
  });

  it('does not send credentials to another host', async () => {
    once.set(HEAD, [{ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }]);
    const place = `http://localhost:${domain.split(':')[1]}/elsewhere`;
    once.set(POST, [{ status: 202, headers: { location: place } }]);
    await writer().putBlob(BLOB, signal);
    expect(seen.find(({ line }) => line === POST)?.auth).toBeDefined();
    expect(seen.find(({ line }) => line.startsWith('PUT /elsewhere'))?.auth).toBeUndefined();
  });

  it('stores a manifest with its media type', async () => {
    await writer().putManifest('1', { mediaType: 'application/x', bytes: Buffer.from('{}') }, signal);
    expect(seen).toMatchObject([{ line: 'PUT /v2/db/manifests/1', body: '{}' }]);
  });
});
