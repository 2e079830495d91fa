/** Tests processes that share a PostgreSQL database; the clock of one process is ten minutes ahead. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairProcess, runClair, serveClair } from '../fixtures/clair-process.ts';
import { buildDemoLayers, DEMO_FEED } from '../fixtures/demo-image.ts';
import { newPostgresSource } from '../../src/database/testing/stores.ts';

const WRONG_CLOCK = pathToFileURL(fileURLToPath(new URL('../fixtures/wrong-clock.mjs', import.meta.url))).href;
const AHEAD = { NODE_OPTIONS: `--import=${WRONG_CLOCK}`, WRONG_CLOCK_MS: '600000' };
const SECRET = 'a-secret-of-the-tests';
const PATIENCE = { timeout: 30_000 };
/** A time longer than the minute for which a dead instance can hold the notifier's lease. */
const LEASE_PATIENCE = { timeout: 90_000 };

type Facts = { readonly Notification: { readonly Name: string; readonly Page: string } };
type Told = { readonly body: string; readonly name: string; readonly signature: string };

const folder = mkdtempSync(join(tmpdir(), 'clair-instances-'));
const config = join(folder, 'clair.yaml');
let layers: readonly Buffer[];
/**
 * Serves layers by number (`/1`) and receives notifications. The first response to each path below `/silent` never
 * ends.
 */
let outside: Server;
let url: string;
const asked: string[] = [];
const told: Told[] = [];
let clair: ClairProcess;
let ahead: ClairProcess;

beforeAll(async () => {
  layers = (await buildDemoLayers()).map(({ tar }) => tar);
  outside = createServer((request, response) => {
    const path = request.url ?? '';
    if (request.method === 'POST') {
      const { 'x-clair-notification': name, 'x-clair-signature': signature } = request.headers;
      const taken = async (): Promise<void> => {
        told.push({ body: await text(request), name: String(name), signature: String(signature) });
        response.end();
      };
      void taken();
      return;
    }
    asked.push(path);
    const tar = layers[Number(path.slice(-1))];
    if (path.startsWith('/silent') && asked.filter((each) => each === path).length === 1)
      response.write(tar?.subarray(0, 512));
    // Long enough for all requests of the same layer to arrive.
    else void setTimeout(500).then(() => response.end(tar));
  });
  await once(outside.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
  const settings = {
    api: { port: 0, healthport: null, paginationkey: Buffer.alloc(32, 7).toString('base64url') },
    database: { type: 'postgres', source: newPostgresSource() },
    worker: { allowedHosts: ['127.0.0.1'], threads: 1 },
    updater: { interval: 0 },
    notifier: { http: { endpoint: `${url}/hook`, secret: SECRET } },
  };
  writeFileSync(config, stringify(settings));
  [clair, ahead] = await Promise.all([serveClair(['--config', config]), serveClair(['--config', config], AHEAD)]);
  await runClair(['update', '--config', config, '--feed', 'debian', '--from', DEMO_FEED]);
});
afterAll(async () => {
  await Promise.all([clair.stop(), ahead.stop()]);
  outside.closeAllConnections();
  outside.close();
  rmSync(folder, { recursive: true });
});

async function ask<Body>(instance: ClairProcess, path: string, method = 'GET', body?: object): Promise<Body> {
  const response = await fetch(`${instance.url}${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.text();
  expect({ path, isDone: response.ok, answer }).toMatchObject({ isDone: true });
  return (answer.startsWith('{') ? JSON.parse(answer) : answer) as Body;
}

async function post(instance: ClairProcess, name: string, path: string, parent = ''): Promise<void> {
  const layer = { Name: name, ParentName: parent, Path: `${url}${path}`, Format: 'Docker' };
  await ask(instance, '/v1/layers', 'POST', { Layer: layer });
}

const timesAsked = (path: string): number => asked.filter((each) => each === path).length;

describe('several instances', () => {
  it('analyse a layer once for concurrent requests', async () => {
    for (const [name, path, parent] of [
      ['base', '/0', ''],
      ['curl', '/1', 'base'],
    ] as const) {
      await Promise.all([clair, ahead, clair, ahead].map((instance) => post(instance, name, path, parent)));
      expect(timesAsked(path)).toBe(1);
    }
  });

  it('analyse a layer whose instance was killed', async () => {
    const doomed = await serveClair(['--config', config], AHEAD);
    const lost = post(doomed, 'upgraded', '/silent/2', 'curl').catch(() => 'lost');
    await expect.poll(() => timesAsked('/silent/2'), PATIENCE).toBe(1);
    const waiting = Promise.all([clair, ahead].map((instance) => post(instance, 'upgraded', '/silent/2', 'curl')));
    await doomed.kill();
    expect(await lost).toBe('lost');
    await waiting;
    expect(timesAsked('/silent/2')).toBe(2);
  });

  it("accept each other's page tokens, regardless of their clocks", async () => {
    const list = '/v1/namespaces/debian:12/vulnerabilities?limit=1';
    type Page = { readonly Vulnerabilities: readonly { readonly Name: string }[]; readonly NextPage?: string };
    const names: string[] = [];
    let next = '';
    for (let page = 0; page === 0 || next !== ''; page += 1) {
      const more = next === '' ? '' : `&page=${encodeURIComponent(next)}`;
      const { Vulnerabilities, NextPage = '' } = await ask<Page>(page % 2 === 0 ? ahead : clair, `${list}${more}`);
      names.push(...Vulnerabilities.map(({ Name }) => Name));
      next = NextPage;
    }
    expect(names.length).toBeGreaterThan(3);
    const { Vulnerabilities } = await ask<Page>(clair, list.replace('limit=1', 'limit=100'));
    expect(names).toEqual(Vulnerabilities.map(({ Name }) => Name));
  });

  it('drop a cached response that another instance has made stale', async () => {
    const answer = async (instance: ClairProcess): Promise<string> =>
      JSON.stringify(await ask(instance, '/v1/layers/base?features&vulnerabilities'));
    const own = { Name: 'OWN-1', Severity: 'High', FixedIn: [{ Name: 'zlib', Version: 'None' }] };
    for (const [writer, reader] of [
      [clair, ahead],
      [ahead, clair],
    ] as const) {
      // The second response comes from the cache.
      for (let time = 0; time < 2; time += 1) expect(await answer(reader)).not.toContain('OWN-1');
      await ask(writer, '/v1/namespaces/debian:12/vulnerabilities', 'POST', { Vulnerability: own });
      expect(await answer(reader)).toContain('OWN-1');
      await ask(writer, '/v1/namespaces/debian:12/vulnerabilities/OWN-1', 'DELETE');
      expect(await answer(reader)).not.toContain('OWN-1');
    }
  });

  it('send each notification once, in signed messages, and every instance returns its details', async () => {
    // Two manual vulnerabilities, created and deleted.
    await expect.poll(() => new Set(told.map(({ name }) => name)).size, LEASE_PATIENCE).toBe(4);
    // An instance that wrongly treats a notification as due would have sent the notification by now.
    await setTimeout(3000);
    expect(told).toHaveLength(4);
    for (const { name, body, signature } of told) {
      expect(JSON.parse(body)).toEqual({ Notification: { Name: name } });
      expect(signature).toBe(`sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`);
      const path = `/v1/notifications/${name}?limit=9`;
      const { Notification: one } = await ask<Facts>(clair, path);
      const { Notification: other } = await ask<Facts>(ahead, `${path}&page=${encodeURIComponent(one.Page)}`);
      expect(one).toMatchObject({ Name: name });
      expect({ ...other, Page: '' }).toEqual({ ...one, Page: '' });
    }
  }, 120_000);
});
