import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { SignJWT, UnsecuredJWT } from 'jose';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { createPrivateAuthority, type Identity } from '../../../src/bytes/testing/private-authority.ts';
import { tarOf } from '../../../src/bytes/testing/tar-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-access-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HOST = '127.0.0.1';
const servers = createPrivateAuthority('Authority of servers');
const clients = createPrivateAuthority('Authority of clients');
const strangers = createPrivateAuthority('Another authority');

const tls = { certfile: join(folder, 'cert.pem'), keyfile: join(folder, 'key.pem'), cafile: join(folder, 'ca.pem') };

function writeIdentity({ cert, key }: Identity, ca: string): void {
  writeFileSync(tls.certfile, cert);
  writeFileSync(tls.keyfile, key);
  writeFileSync(tls.cafile, ca);
}

/**
 * Returns the status of `GET /v1/versions` on a new connection, or the reason for a failure. Also returns the server's
 * certificate.
 */
async function ask(
  url: string,
  identity: Partial<Identity> = {},
): Promise<{ status: number | string; shown?: string }> {
  const ca = servers.certificate;
  const request = httpsRequest(`${url}/v1/versions`, {
    ca,
    ...identity,
    agent: false,
    headers: { connection: 'close' },
  });
  try {
    const [response] = await once(request.end(), 'response');
    const shown = (response.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256;
    response.resume();
    return { status: response.statusCode, ...(shown && { shown }) };
  } catch (error) {
    return { status: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
}

describe('a server with certificates', () => {
  let server: ClairServer;
  let log: string[];
  beforeAll(() => writeIdentity(servers.identify(HOST), clients.certificate));
  afterEach(() => server.close());

  async function start(options: object): Promise<void> {
    log = [];
    const lines = pino({}, { write: (line) => void log.push(line) });
    server = await startClairServer([], { log: lines, limits: { reload: 20 }, ...options });
  }

  it('accepts only TLS 1.2 or later', async () => {
    await start({ tls: { certfile: tls.certfile, keyfile: tls.keyfile } });
    expect((await ask(server.url)).status).toBe(200);
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as object;
    expect((await ask(server.url, old)).status).toBe('EPROTO');
    const plain = httpRequest(server.url.replace('https:', 'http:')).end();
    await expect(once(plain, 'response')).rejects.toThrow(/socket hang up|ECONNRESET|Parse Error/);
  });

  it('that requires client certificates accepts a certificate of its authority', async () => {
    await start({ tls });
    expect((await ask(server.url, clients.identify(HOST))).status).toBe(200);
  });

  it.each<[string, Partial<Identity>]>([
    ['without a certificate', {}],
    ['with a certificate of another authority', strangers.identify(HOST)],
    ['with an expired certificate', clients.identifyExpired(HOST)],
    ['with a certificate of the server authority', servers.identify(HOST)],
  ])('that requires client certificates rejects %s', async (_, identity) => {
    await start({ tls });
    expect((await ask(server.url, identity)).status).toMatch(/ERR_SSL|ECONNRESET|EPIPE/);
  });

  it('reloads changed certificate files, and keeps the old files while the files are invalid', async () => {
    await start({ tls });
    const [client, stranger] = [clients.identify(HOST), strangers.identify(HOST)];
    const { shown: before } = await ask(server.url, client);

    writeFileSync(tls.certfile, 'half a certifica');
    await expect.poll(() => log.join('')).toContain('changed certificate files ignored');
    expect(await ask(server.url, client)).toEqual({ status: 200, shown: before });

    writeIdentity(servers.identify(HOST), strangers.certificate);
    await expect.poll(async () => (await ask(server.url, stranger)).status).toBe(200);
    expect((await ask(server.url, stranger)).shown).not.toBe(before);
    expect((await ask(server.url, client)).status).toMatch(/ERR_SSL|ECONNRESET|EPIPE/);
    expect(log.join('')).toContain('certificate files reloaded');
  });
});

describe('a server with unusable certificates', () => {
  it.each<[string, string, string]>([
    ['a missing file', 'none.pem', 'cannot read '],
    ['a key that does not match', 'other.pem', 'must be a certificate and its key'],
    ['an invalid key', 'ca.pem', 'must be a certificate and its key'],
  ])('does not start: %s', async (_, name, message) => {
    writeIdentity(servers.identify(HOST), clients.certificate);
    writeFileSync(join(folder, 'other.pem'), clients.identify(HOST).key);
    const started = startClairServer([], { tls: { ...tls, keyfile: join(folder, name) } });
    await expect(started).rejects.toMatchObject({ code: 'config/invalid', message: expect.stringContaining(message) });
  });
});

describe('a server with tokens', () => {
  const [full, readOnly] = [Buffer.alloc(32, 'full'), Buffer.alloc(32, 'read')];
  let server: ClairServer;
  beforeAll(async () => {
    const tokens = { full: { key: full, issuers: ['quay'] }, readOnly: { key: readOnly, issuers: ['dashboard'] } };
    server = await startClairServer([], { tokens });
    writeFileSync(join(server.folder, 'layer.tar'), tarOf({ name: 'etc/os-release', content: 'ID=debian\n' }));
  });
  afterAll(() => server.close());

  async function token(key: Uint8Array, issuer: string, expires = '1m'): Promise<string> {
    return await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(issuer)
      .setExpirationTime(expires)
      .sign(key);
  }

  async function send(bearer: string | undefined, path: string, body?: object): Promise<[number, string | null]> {
    const response = await fetch(`${server.url}${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    });
    const text = await response.text();
    const [, code = null] = /\(([\w/-]+)\)"/.exec(text) ?? [];
    expect(response.headers.get('www-authenticate')).toBe(response.status === 401 ? 'Bearer' : null);
    return [response.status, code];
  }

  it('allows everything for a token of the full key', async () => {
    const bearer = await token(full, 'quay');
    const layer = { ID: 'layer', Path: join(server.folder, 'layer.tar'), ImageFormat: 'Docker' };
    expect(await send(bearer, '/v1/layers', layer)).toEqual([201, null]);
    expect(await send(bearer, '/v1/layers/layer/os')).toEqual([200, null]);
    expect(await send(bearer, '/v1/nothing')).toEqual([404, 'request/not-found']);
  });

  it('allows only reads for a token of the read-only key', async () => {
    const bearer = await token(readOnly, 'dashboard');
    expect(await send(bearer, '/v1/health')).toEqual([200, null]);
    expect(await send(bearer, '/v1/layers', { ID: 'x', Path: 'x' })).toEqual([403, 'request/forbidden']);
  });

  it.each<[string, () => Promise<string | undefined>]>([
    ['no token', async () => undefined],
    ['an expired token', () => token(full, 'quay', '-1m')],
    ['a forged token', () => token(Buffer.alloc(32, 'forged'), 'quay')],
    ['an unsigned token', async () => new UnsecuredJWT({ iss: 'quay', exp: Date.now() }).encode()],
    ['a token of another issuer', () => token(full, 'me')],
    ['a read-only token with the issuer of the full key', () => token(readOnly, 'quay')],
  ])('rejects every request with %s', async (_, made) => {
    const bearer = await made();
    for (const path of ['/v1/versions', '/v1/health', '/v1/metrics', '/v1/nothing']) {
      expect([path, ...(await send(bearer, path))]).toEqual([path, 401, 'request/unauthenticated']);
    }
    expect(await send(bearer, '/v1/layers', { ID: 'x', Path: 'x' })).toEqual([401, 'request/unauthenticated']);
  });

  it('requires no token on the health port', async () => {
    const log = pino({ level: 'silent' });
    const health = server.clair.healthServer({ isServing: () => true, log }).listen(0, HOST);
    await once(health, 'listening');
    const address = health.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const statuses = ['/', '/health', '/livez', '/readyz', '/metrics'].map(
      async (path) => (await fetch(`http://${HOST}:${port}${path}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200, 200]);
    health.close();
    health.closeAllConnections();
  });
});
