import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseOptions } from '../../src/cli/options/database-option.ts';
import { openStore } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import type { Notification } from '../../src/model/notification.ts';
import { openChannels } from '../../src/notifier/channels/index.ts';
import { type Notifier, startNotifier } from '../../src/notifier/notifier.ts';
import type { NotifierSettings } from '../../src/notifier/notifier-settings.ts';
import { builtProcess } from '../fixtures/clair-program.ts';
import { knowLayer, publish } from '../../src/database/testing/store-content.ts';
import { type Answer, startReceiver } from '../fixtures/notified-receiver.ts';
import { advisory, deb } from '../../src/database/testing/packages.ts';
import { newPostgresSource } from '../../src/database/testing/stores.ts';
import { runCount } from '../fixtures/run-count.ts';

const PROCESS = builtProcess('notifying-process');
const MANY = runCount(10_000, 500);

const ROUND = 150;

const folder = mkdtempSync(join(tmpdir(), 'clair-notifier-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let database: string;
let store: Store;
let databases = 0;
beforeEach(async () => {
  await openDatabase(join(folder, `${(databases += 1)}.db`));
});
afterEach(async () => {
  await store.close();
});

async function openDatabase(name: string): Promise<void> {
  database = name;
  store = await openStore(databaseOptions(database));
  await knowLayer(store, 'base', [deb('a', '2')]);
  await knowVulnerabilities(0);
  // At its first start, a notifier reads the cursor and thereby skips all earlier changes.
  await store.notifications.cursor();
}

async function knowVulnerabilities(count: number): Promise<void> {
  const unrelated = advisory('CVE-0', { package: 'z' });
  const related = Array.from({ length: count }, (_, at) => advisory(`CVE-${at + 100_000}`, { package: 'a' }));
  await publish(store, [unrelated, ...related]);
}

function settingsFor(endpoint: string, { attempts = 5, timeout = 5000 } = {}): NotifierSettings {
  return { attempts, renotifyInterval: 3_600_000, http: { endpoint, payload: 'reference', timeout } };
}

async function startHere(settings: NotifierSettings): Promise<Notifier> {
  return startNotifier({
    store,
    channels: await openChannels(settings, 'test'),
    settings,
    now: Date.now,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    timing: { planEvery: 50, sendEvery: 20 },
  });
}

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isDone())) await setTimeout(25);
}

async function allDelivered(): Promise<readonly Notification[]> {
  return await store.notifications.history({ limit: 100_000 });
}

const take: Answer = (response) => void response.end();

describe('a receiver', () => {
  it.each<[string, Answer]>([
    ['answers 500', (response) => void response.writeHead(500).end()],
    ['answers 503', (response) => void response.writeHead(503).end()],
    ['redirects', (response) => void response.writeHead(302, { location: '/hook' }).end()],
    ['closes the connection before it reads', (_response, request) => void request.socket.destroy()],
    [
      'closes the connection after it read',
      (_response, request) => void request.on('end', () => request.socket.destroy()),
    ],
    [
      'truncates its response',
      (response, request) => void response.socket?.write('HTTP/1.1 2', () => request.socket.destroy()),
    ],
    ['is too slow', (response) => void setTimeout(1000).then(() => response.end())],
  ])('that %s at first eventually gets all notifications', async (_what, fault) => {
    const receiver = await startReceiver((response, request, attempt) =>
      (attempt === 1 ? fault : take)(response, request, attempt),
    );
    await knowVulnerabilities(20);
    const notifier = await startHere(settingsFor(receiver.endpoint, { timeout: 400 }));
    await until(async () => (await store.notifications.count()).delivered === 20);
    await notifier.stop();
    const names = (await allDelivered()).map(({ name }) => name);
    expect(names.filter((name) => !receiver.taken.has(name))).toEqual([]);
    expect(receiver.received.every(({ header, body }) => header === body && names.includes(body))).toBe(true);
    await receiver.close();
  });

  it('that is down gets all notifications when it is back', async () => {
    const first = await startReceiver(take);
    await first.close();
    await knowVulnerabilities(200);
    const notifier = await startHere(settingsFor(first.endpoint));
    await until(async () =>
      (await store.notifications.list('waiting', { after: 0, limit: 1000 })).some(({ attempts }) => attempts > 0),
    );
    const receiver = await startReceiver(take, Number(new URL(first.endpoint).port));
    await until(async () => (await store.notifications.count()).delivered === 200);
    await notifier.stop();
    expect(receiver.taken.size).toBe(200);
    await receiver.close();
  });

  it('that always returns 500 gets the failed notifications after a retry', async () => {
    let isWell = false;
    const receiver = await startReceiver((response) => void response.writeHead(isWell ? 200 : 500).end());
    await knowVulnerabilities(3);
    const notifier = await startHere(settingsFor(receiver.endpoint, { attempts: 2 }));
    await until(async () => (await store.notifications.count()).dead === 3);
    expect(receiver.received).toHaveLength(6);
    isWell = true;
    expect(await store.notifications.retry('all', Date.now())).toHaveLength(3);
    await until(async () => (await store.notifications.count()).delivered === 3);
    await notifier.stop();
    expect(receiver.taken.size).toBe(3);
    expect(receiver.received).toHaveLength(9);
    await receiver.close();
  });
});

it('thousands of notifications at once are all delivered', async () => {
  const receiver = await startReceiver(take);
  await knowVulnerabilities(MANY);
  const notifier = await startHere(settingsFor(receiver.endpoint));
  await until(async () => (await store.notifications.count()).delivered === MANY);
  await notifier.stop();
  expect(receiver.taken.size).toBe(MANY);
  await receiver.close();
}, 180_000);

it.each<[string, number, () => string]>([
  ['SQLite', runCount(20, 3), () => join(folder, 'killed.db')],
  ['PostgreSQL', runCount(8, 2), newPostgresSource],
])(
  'a process on %s that is killed %d times loses no notification and creates none twice',
  async (_, kills, newDatabase) => {
    await store.close();
    await openDatabase(newDatabase());
    const receiver = await startReceiver((response) => void setTimeout(5).then(() => response.end()));
    const settings = JSON.stringify(settingsFor(receiver.endpoint));
    const start = (): ChildProcess =>
      spawn(execPath, [PROCESS, database, settings], { stdio: ['ignore', 'ignore', 'inherit'] });
    for (let kill = 1; kill <= kills; kill += 1) {
      // Each process is killed before it has delivered everything, so the next process reads changes and creates
      // notifications while it delivers the previous round.
      await knowVulnerabilities(kill * ROUND);
      const wanted = receiver.received.length + 1 + Math.floor(Math.random() * ROUND);
      const killed = start();
      const exited = once(killed, 'exit');
      await until(
        async () => receiver.received.length >= wanted || (await store.notifications.nextDue()) === undefined,
      );
      await setTimeout(Math.random() * 5);
      killed.kill('SIGKILL');
      await exited;
    }
    const last = start();
    const exited = once(last, 'exit');
    await until(async () => (await store.notifications.count()).delivered === kills * ROUND);
    last.kill('SIGKILL');
    await exited;

    const notifications = await allDelivered();
    expect(new Set(notifications.map(({ vulnerability }) => vulnerability)).size).toBe(kills * ROUND);
    const names = new Set(notifications.map(({ name }) => name));
    expect(names.size).toBe(kills * ROUND);
    expect([...names].filter((name) => !receiver.taken.has(name))).toEqual([]);
    // A repeated delivery has the name of the first delivery.
    expect(receiver.received.filter(({ header, body }) => header !== body || !names.has(body))).toEqual([]);
    expect(receiver.received.length).toBeGreaterThanOrEqual(kills * ROUND);
    await receiver.close();
  },
  300_000,
);
