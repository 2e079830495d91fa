/** Tests a real process that receives SIGTERM during the analysis of a layer and during an update. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../src/database/open-store.ts';
import { openPostgres } from '../../src/database/engines/postgres/engine.ts';
import { CLAIR_FILE } from '../fixtures/clair-program.ts';
import { cutConnections } from '../../src/bytes/testing/cut-connections.ts';
import { newPostgresSource } from '../../src/database/testing/stores.ts';
import { tarOf } from '../../src/bytes/testing/tar-builder.ts';

const LAYER = tarOf({ name: 'etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' });

const folder = mkdtempSync(join(tmpdir(), 'clair-stopped-'));

/** Sends only the start of the feed or of the layer; for `/whole`, the test sends the rest of the layer later. */
let upstream: Server;
let url: string;
let asked: Map<string, () => void>;
beforeAll(async () => {
  asked = new Map();
  upstream = createServer((request, response) => {
    response.write(request.url === '/feed' ? '{"package": {' : LAYER.subarray(0, 512));
    asked.set(request.url ?? '', () => response.end(LAYER.subarray(512)));
  });
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});
afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
  rmSync(folder, { recursive: true });
});

type Running = { readonly process: ChildProcess; readonly api: string };

async function serve(
  name: string,
  { shutdowntimeout, ...sections }: { readonly shutdowntimeout: string; readonly database: object },
): Promise<Running> {
  const file = join(folder, `${name}.yaml`);
  const config = {
    api: { port: 0, healthport: null, shutdowntimeout },
    updater: { feeds: ['debian'], addresses: { debian: `${url}/feed` } },
    worker: { allowedHosts: ['127.0.0.1'], threads: 1 },
    notifier: { http: { endpoint: `${url}/hook` } },
    ...sections,
  };
  writeFileSync(file, stringify(config));
  const args = [CLAIR_FILE, 'serve', '--config', file];
  const process = spawn(execPath, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...globalThis.process.env, CLAIR_DB: '' },
  });
  const [line] = await once(process.stdout, 'data');
  const [, api = ''] = /listens on (\S+)/.exec(String(line)) ?? [];
  return { process, api };
}

function post(api: string, path: string): Promise<Response> {
  return fetch(`${api}/v1/layers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ID: path, Path: `${url}/${path}` }),
  });
}

/** Returns the stored layers of these names, and whether an update still holds its lock. */
async function left(database: string, ...names: readonly string[]): Promise<{ layers: string[]; isLocked: boolean }> {
  const store = await openStore({ type: 'sqlite', path: database });
  const layers = await Promise.all(
    names.map(async (name) => ((await store.layers.find(name)) === undefined ? [] : [name])),
  );
  const isLocked = !(await store.locks.acquire('update:debian', 'test', 1000));
  await store.close();
  return { layers: layers.flat(), isLocked };
}

it('finishes reading a layer, and stops an update at once', async () => {
  const database = join(folder, 'patient.db');
  const { process, api } = await serve('patient', { shutdowntimeout: '60s', database: { path: database } });
  const answer = post(api, 'whole');
  await expect.poll(() => [...asked.keys()], { timeout: 20_000 }).toEqual(expect.arrayContaining(['/feed', '/whole']));
  const exited = once(process, 'exit');
  process.kill('SIGTERM');
  await expect.poll(async () => await fetch(`${api}/v1/versions`).catch(() => 'refused')).toBe('refused');
  asked.get('/whole')?.();
  expect((await answer).status).toBe(201);
  expect(await exited).toEqual([0, null]);
  expect(await left(database, 'whole')).toEqual({ layers: ['whole'], isLocked: false });
});

it('abandons a layer at the time limit, and stores nothing of it', async () => {
  const database = join(folder, 'hasty.db');
  const { process, api } = await serve('hasty', { shutdowntimeout: '100ms', database: { path: database } });
  const answer = post(api, 'endless');
  await expect.poll(() => [...asked.keys()], { timeout: 20_000 }).toContain('/endless');
  const exited = once(process, 'exit');
  process.kill('SIGTERM');
  const { status, body } = await answer.then(async (response) => ({
    status: response.status,
    body: await response.json(),
  }));
  expect({ status, body }).toEqual({ status: 503, body: { Message: 'the server is stopping (server/stopping)' } });
  expect(await exited).toEqual([0, null]);
  expect(await left(database, 'endless')).toEqual({ layers: [], isLocked: false });
});

// A server that waited for its database would wait a minute for the lock, and ten minutes for a response.
it('exits although its database no longer responds', async () => {
  const direct = newPostgresSource();
  const { port } = new URL(direct);
  const cut = await cutConnections(Number(port));
  const engine = await openPostgres(direct);
  const source = direct.replace(`:${port}/`, `:${cut.port}/`);
  const { process } = await serve('silenced', { shutdowntimeout: '100ms', database: { type: 'postgres', source } });
  const exited = once(process, 'exit');
  await engine.transaction(async (queries) => {
    await queries.run('LOCK TABLE lock, notification, submission, feed_state IN ACCESS EXCLUSIVE MODE');
    await expect.poll(async () => await engine.read.get(SELECT_WAITING), { timeout: 20_000 }).toEqual({ waits: true });
    cut.freeze();
    process.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
  await engine.close();
  await cut.close();
});

const SELECT_WAITING = `
  SELECT count(DISTINCT relation) = 3 AS waits FROM pg_locks
  WHERE NOT granted AND relation IN ('lock'::regclass, 'notification'::regclass, 'submission'::regclass)`;
