import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runCli } from '../../src/cli/program.ts';

/** Uses secrets of every kind, and checks that the log at its most verbose level contains none. */
const PLANTED = 'pl4nted';
const folder = mkdtempSync(join(tmpdir(), 'clair-log-'));
const KEY = Buffer.from(`${PLANTED}-${'k'.repeat(32)}`);

const given: (string | undefined)[] = [];

let upstream: Server;
let host: string;
beforeAll(async () => {
  vi.stubEnv('CLAIR_DB', undefined);
  upstream = createServer((request, response) => {
    if (request.url?.startsWith('/away'))
      response.writeHead(302, { location: `/gone?token=${PLANTED}-redirect` }).end();
    else if (request.url?.startsWith('/v2/')) {
      given.push(request.headers.authorization);
      response.writeHead(401, { 'www-authenticate': `Basic realm="${PLANTED}-realm"` }).end();
    } else response.writeHead(request.url?.startsWith('/broken') ? 500 : 404).end(`${PLANTED}-body`);
  });
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  host = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});
afterAll(() => {
  vi.unstubAllEnvs();
  upstream.close();
  rmSync(folder, { recursive: true });
});

it('the log contains no secrets', async () => {
  const file = join(folder, 'clair.yaml');
  const keyfile = join(folder, 'key');
  writeFileSync(keyfile, `${KEY.toString('base64')}\n`);
  const passwordfile = join(folder, 'password');
  writeFileSync(passwordfile, `${PLANTED}-registry\n`);
  const config = {
    api: { port: 0, healthport: null, auth: { psk: { keyfile, iss: ['quay'] } } },
    database: { type: 'memory', options: { cachesize: `${PLANTED}-option` } },
    notifier: { http: { endpoint: `https://u:${PLANTED}-hook@r.example/`, secret: `${PLANTED}-${'s'.repeat(16)}` } },
    tracing: { endpoint: `http://u:${PLANTED}-trace@${host}/v1/traces` },
    updater: {
      feeds: ['debian'],
      addresses: { debian: `http://u:${PLANTED}-mirror@${host}/feed?key=${PLANTED}-key` },
    },
    worker: {
      allowedHosts: ['127.0.0.1'],
      registries: [{ host, username: 'me', passwordfile }],
      threads: 1,
    },
  };
  writeFileSync(file, stringify({ clair: config }));

  const stop = new AbortController();
  let [out, err] = ['', ''];
  let using = Promise.resolve();
  const status = await runCli(['serve', '--config', file, '--log-level', 'trace'], {
    out(text) {
      out += text;
      using = use(text.trim().replace('Clair listens on ', '')).finally(() => stop.abort());
    },
    err: (text) => (err += text),
    signal: stop.signal,
  });
  await using;

  async function use(url: string): Promise<void> {
    const token = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('quay')
      .setExpirationTime('1m')
      .sign(KEY);
    const send = async (path: string, body?: string, authorization = `Bearer ${token}`): Promise<number> =>
      (
        await fetch(`${url}${path}`, {
          headers: { authorization, cookie: `${PLANTED}-cookie`, 'content-type': 'application/json' },
          ...(body !== undefined && { method: 'POST', body }),
        })
      ).status;
    const layer = (location: string): string =>
      JSON.stringify({
        ID: location.length.toString(),
        Path: location,
        Headers: { Authorization: `${PLANTED}-header` },
      });
    const locations = [
      `http://u:${PLANTED}-password@${host}/gone?sig=${PLANTED}-query`,
      `http://${host}/away?sig=${PLANTED}-query-2`,
      `http://${host}/broken?sig=${PLANTED}-query-22`,
      `http://u:${PLANTED}-password@127.0.0.1:1/?sig=${PLANTED}`,
      `http://u:${PLANTED}-password@[nonsense`,
    ];
    for (const location of locations) expect(await send('/v1/layers', layer(location))).toBeGreaterThanOrEqual(400);
    expect(await send('/v1/layers', `{"ID": "${PLANTED}-json`)).toBe(400);
    expect(await send(`/v1/layers/x/os?token=${PLANTED}-parameter`)).toBe(404);
    expect(await send('/v1/versions', undefined, `Bearer ${PLANTED}-bearer`)).toBe(401);
    expect(await send('/v1/versions', undefined, `Basic ${PLANTED}-basic`)).toBe(401);
    expect(await send('/v2/images', JSON.stringify({ reference: `${host}/locked:1` }))).toBe(202);
    await expect.poll(() => given.length).toBe(2);
    await expect.poll(() => err).toContain('feed update failed');
  }

  const basic = Buffer.from(`me:${PLANTED}-registry`).toString('base64');
  expect(given).toEqual([undefined, `Basic ${basic}`]);
  expect(status).toBe(0);
  expect(err).toContain('request completed');
  const told = `${out}${err}`;
  expect(told.match(new RegExp(`.{80}${PLANTED}.{20}`, 'g'))).toBeNull();
  expect(told).not.toContain(KEY.toString('base64').slice(0, 12));
  expect(told).not.toContain('eyJ');
  expect(told).not.toContain(basic);
});
