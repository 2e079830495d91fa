import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { parseConfig } from '../../../src/config/config-file.ts';
import { accessSettings } from '../../../src/cli/settings/server-settings.ts';

const STATE = '/indexer/api/v1/index_state';

/**
 * Keys of the lengths in the Clair v4 documentation: one is short, and one ends with a line break that is part of the
 * key.
 */
const KEYS = [Buffer.from('13 bytes long'), Buffer.from('thirty-six bytes and a line break...\n')];

type Claims = Readonly<Record<string, string | number>>;

const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset;

/** Returns a token as a client creates it. */
function tokenOf(key: Buffer, header: { readonly alg: string }, claims: Claims): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part(header)}.${part(claims)}`;
  return `${content}.${createHmac(header.alg.replace('HS', 'sha'), key).update(content).digest('base64url')}`;
}

const QUAY = { header: { alg: 'HS256', typ: 'JWT' }, claims: (): Claims => ({ iss: 'quay', exp: seconds(300) }) };
const CLAIRCTL = {
  // clairctl sends no `typ`.
  header: { alg: 'HS256' },
  claims: (): Claims => ({ iss: 'clairctl', iat: seconds(0), nbf: seconds(-60), exp: seconds(60) }),
};

describe.each(KEYS)('a server with the key %s', (key) => {
  let server: ClairServer;
  let notices: readonly string[];
  beforeAll(async () => {
    const encoded = key.toString('base64');
    const loaded = parseConfig(`api: {auth: {psk: {key: "${encoded}", iss: [quay, clairctl]}}}`, 'FILE');
    notices = loaded.notices;
    const { tokens } = accessSettings(loaded.config);
    server = await startClairServer([], tokens && { tokens });
  });
  afterAll(() => server.close());

  async function ask(authorization: string | undefined, path = STATE): Promise<number> {
    const headers = authorization === undefined ? {} : { authorization };
    return (await fetch(`${server.url}${path}`, { headers })).status;
  }

  it('warns if the key is short', () => {
    const words = notices.map((notice) => notice.split(',')[0]);
    expect(words).toEqual(key.length < 32 ? ['api.auth.psk.key is only 13 bytes long'] : []);
  });

  it.each([
    ['Quay', QUAY],
    ['clairctl', CLAIRCTL],
    [
      'a part of Clair',
      { header: CLAIRCTL.header, claims: () => ({ ...CLAIRCTL.claims(), iss: 'clair-intraservice' }) },
    ],
    ['a client with HS384', { header: { alg: 'HS384' }, claims: QUAY.claims }],
    ['a client with HS512', { header: { alg: 'HS512' }, claims: QUAY.claims }],
  ])('accepts a token of %s', async (_who, { header, claims }) => {
    for (const scheme of ['Bearer', 'bearer'])
      expect(await ask(`${scheme} ${tokenOf(key, header, claims())}`)).toBe(200);
  });

  it('accepts clocks that differ by 15 seconds, and no more', async () => {
    const of = (claims: Claims): string =>
      `Bearer ${tokenOf(key, CLAIRCTL.header, { ...CLAIRCTL.claims(), ...claims })}`;
    for (const claims of [{ exp: seconds(-10) }, { nbf: seconds(10) }, { iat: seconds(10) }]) {
      expect([claims, await ask(of(claims))]).toEqual([claims, 200]);
    }
    for (const claims of [{ exp: seconds(-30) }, { nbf: seconds(30) }, { iat: seconds(30) }, { iss: 'x' }]) {
      expect([claims, await ask(of(claims))]).toEqual([claims, 401]);
    }
  });

  it('is 401 without a token at every path but robots.txt', async () => {
    for (const path of [STATE, '/matcher/x', '/indexer', '/openapi/v1', '/robots.txtx']) {
      expect([path, await ask(undefined, path)]).toEqual([path, 401]);
    }
    expect(await ask(undefined, '/robots.txt')).toBe(200);
    expect(await ask(`Bearer ${tokenOf(Buffer.from('other'), QUAY.header, QUAY.claims())}`)).toBe(401);
  });

  it('accepts every Host, which Quay chooses, but only for the Clair v4 API', async () => {
    const authorization = `Bearer ${tokenOf(key, QUAY.header, QUAY.claims())}`;
    const { port } = new URL(server.url);
    const statusOf = async (path: string): Promise<number> => {
      const sent = httpRequest({ port, path, headers: { host: 'clair-app:8081', authorization } });
      const [answer] = await once(sent.end(), 'response');
      answer.resume();
      return answer.statusCode;
    };
    expect([await statusOf(STATE), await statusOf('/v2/status')]).toEqual([200, 403]);
  });

  it('does not accept the tokens of the parts of Clair elsewhere', async () => {
    const token = tokenOf(key, CLAIRCTL.header, { ...CLAIRCTL.claims(), iss: 'clair-intraservice' });
    expect(await ask(`Bearer ${token}`, '/v2/status')).toBe(401);
  });
});

describe('the public paths', () => {
  let server: ClairServer;
  beforeAll(async () => {
    server = await startClairServer();
  });
  afterAll(() => server.close());

  it('robots.txt keeps search engines away', async () => {
    const response = await fetch(`${server.url}/robots.txt`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      'User-agent: *\nDisallow: /\n',
    ]);
  });

  it.each([
    ['*/*', 'application/json', '{'],
    ['application/openapi+json', 'application/openapi+json', '{'],
    ['application/vnd.oai.openapi+json', 'application/vnd.oai.openapi+json', '{'],
    ['application/yaml', 'application/yaml', 'openapi: 3.1.1\n'],
    ['application/json;q=0.1, application/openapi+yaml', 'application/openapi+yaml', 'openapi: 3.1.1\n'],
    ['application/vnd.oai.openapi+yaml', 'application/vnd.oai.openapi+yaml', 'openapi: 3.1.1\n'],
  ])('the OpenAPI document for Accept: %s is %s', async (accept, type, start) => {
    const response = await fetch(`${server.url}/openapi/v1`, { headers: { accept } });
    const body = await response.text();
    expect([response.status, response.headers.get('content-type')?.split(';')[0], body.slice(0, start.length)]).toEqual(
      [200, type, start],
    );
    expect(body).toContain('/indexer/api/v1/index_report/{digest}');
    expect(body).not.toContain('/v2/');
    const tag = response.headers.get('etag') ?? '';
    const again = await fetch(`${server.url}/openapi/v1`, { headers: { accept, 'if-none-match': tag } });
    expect([tag === '', again.status]).toEqual([false, 304]);
  });

  it('the OpenAPI document is 415 for other types, and 405 for other methods', async () => {
    expect((await server.send('GET', '/openapi/v1', { headers: { accept: 'text/html' } })).status).toBe(415);
    expect((await server.send('POST', '/openapi/v1')).status).toBe(405);
  });
});
