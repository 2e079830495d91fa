import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpClient, type HttpFormClient } from '../../../bytes/http/client.ts';
import { type RegistryServer, startRegistryServer } from '../../testing/registry-server.ts';
import { createRegistryClient } from './registry-client.ts';

const BLOB = Buffer.from('0123456789');
const NAME = `blobs/sha256:${createHash('sha256').update(BLOB).digest('hex')}`;
const RANGE = { start: 2, end: 5, size: BLOB.length };
const PART = { 'content-range': 'bytes 2-4/10' };

let registry: RegistryServer;
let elsewhere: RegistryServer;
let http: HttpFormClient;

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  [registry, elsewhere] = await Promise.all([startRegistryServer(), startRegistryServer()]);
  http = createHttpClient({ version: '1' });
  registry.blob(BLOB);
  elsewhere.blob(BLOB);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await http.close();
  await Promise.all([registry.close(), elsewhere.close()]);
});

async function part(): Promise<string> {
  const credentials = { name: 'test', find: async () => ({ username: 'me', secret: 'secret' }) };
  const access = { http, credentials, insecureRegistries: [], pause: async () => undefined };
  const client = createRegistryClient(registry.domain, 'app', access);
  return Buffer.from(await client.getRange(NAME, RANGE)).toString();
}

describe('a part of a blob', () => {
  it('is requested by its first and last byte', async () => {
    let range: string | undefined;
    registry.intercept = ({ headers }) => {
      range = headers.range;
      return false;
    };
    expect([await part(), range]).toEqual(['234', 'bytes=2-4']);
  });

  it('is requested again with credentials', async () => {
    registry.intercept = ({ headers: { authorization } }, response) => {
      if (authorization !== undefined) return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return true;
    };
    expect(await part()).toBe('234');
  });

  it('may be at another address, which receives the range but no credentials', async () => {
    registry.intercept = ({ headers: { authorization }, url = '' }, response) => {
      if (authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(307, { location: `http://localhost:${elsewhere.domain.split(':')[1]}${url}` }).end();
      return true;
    };
    expect([await part(), elsewhere.authorizations]).toEqual(['234', [undefined]]);
  });

  it.each<[string, number, Readonly<Record<string, string>>, string, number, RegExp]>([
    ['the whole blob', 200, {}, '0123456789', 1, /the whole body instead of the requested part/],
    [
      'several parts',
      206,
      { 'content-type': 'multipart/byteranges; boundary=x' },
      '--x',
      1,
      /the response has no Content-Range; expected/,
    ],
    [
      'another part',
      206,
      { 'content-range': 'bytes 0-2/10' },
      '012',
      1,
      /has the Content-Range "bytes 0-2\/10" instead of/,
    ],
    [
      'a part of another blob',
      206,
      { 'content-range': 'bytes 2-4/11' },
      '234',
      1,
      /has the Content-Range "bytes 2-4\/11" instead of/,
    ],
    ['fewer bytes', 206, PART, '23', 1, /has 2 of the requested 3 bytes/],
    ['416', 416, {}, '', 1, /status 416/],
    ['403, as an expired address', 403, {}, '', 1, /denied access/],
    ['404', 404, {}, '', 1, /has no blobs/],
    ['503 twice', 503, {}, '', 2, /status 503/],
    ['429 twice', 429, { 'retry-after': '1' }, '', 2, /status 429/],
    ['429 with a long pause', 429, { 'retry-after': '60' }, '', 1, /retry after 60 s/],
  ])('fails if the registry sends %s', async (_, status, headers, body, requests, message) => {
    registry.intercept = (__, response) => {
      response.writeHead(status, headers).end(body);
      return true;
    };
    await expect(part()).rejects.toThrow(message);
    expect(registry.requests).toHaveLength(requests);
  });
});
