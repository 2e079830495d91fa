/** Tests a Clair process from its configuration file to the webhook and the receiver's requests. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairProcess, runClair, serveClair } from '../fixtures/clair-process.ts';
import { buildDemoLayers, DEMO_FEED } from '../fixtures/demo-image.ts';

const SECRET = 'a-secret-of-the-receiver';
const PATIENCE = { timeout: 30_000 };
const folder = mkdtempSync(join(tmpdir(), 'clair-notified-'));
const inFolder = (name: string): string => join(folder, name);

type Received = { readonly headers: IncomingHttpHeaders; readonly body: string };
type Side = { readonly Vulnerability: object; readonly LayersIntroducingVulnerability?: readonly string[] };
type Told = { readonly Notification: { readonly Name: string; NextPage?: string; Old?: Side; New?: Side } };

let receiver: Server;
const received = new Map<string, Received[]>();
beforeAll(async () => {
  receiver = createServer((request, response) => void take(request, response));
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  for (const [index, { tar }] of (await buildDemoLayers()).entries()) writeFileSync(inFolder(`${index}.tar`), tar);
});
afterAll(() => {
  receiver.close();
  receiver.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const brokenPaths = new Set<string>();

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '', headers } = request;
  const body = await text(request);
  if (brokenPaths.has(url)) {
    response.writeHead(503).end();
    return;
  }
  received.set(url, [...(received.get(url) ?? []), { headers, body }]);
  response.end();
}

/** Writes the demonstration feed with a change, to a temporary name first so that Clair never reads half a file. */
function writeFeed(name: string, change: (feed: Feed) => void = () => undefined): string {
  const feed: Feed = JSON.parse(readFileSync(DEMO_FEED, 'utf8'));
  change(feed);
  writeFileSync(inFolder('feed.part'), JSON.stringify(feed));
  renameSync(inFolder('feed.part'), inFolder(name));
  return inFolder(name);
}
type Feed = Record<string, Record<string, { releases: Record<string, { urgency: string; fixed_version?: string }> }>>;

/** Raises the fixed version of openssl, so that the upgraded layers are affected too. */
function repairLater(feed: Feed): void {
  const bookworm = feed['openssl']?.['CVE-2099-0001']?.releases['bookworm'];
  if (bookworm !== undefined) bookworm.fixed_version = '3.0.14-1~deb12u1';
}

function configFile(
  name: string,
  { notifier, attempts = 150, ...sections }: { notifier: object; attempts?: number; updater: object },
): string {
  const { port } = receiver.address() as AddressInfo;
  const file = inFolder(`${name}.yaml`);
  const config = {
    api: { port: 0, healthport: null },
    database: { path: inFolder(`${name}.db`) },
    worker: { allowedPaths: [folder], threads: 1 },
    notifier: {
      renotifyinterval: '500ms',
      attempts,
      http: { endpoint: `http://127.0.0.1:${port}/${name}`, ...notifier },
    },
    ...sections,
  };
  writeFileSync(file, stringify(config));
  return file;
}

async function ask<Body>(clair: ClairProcess, path: string, method = 'GET', body?: object): Promise<Body> {
  const response = await fetch(`${clair.url}${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.text();
  expect({ path, isDone: response.ok, answer }).toMatchObject({ isDone: true });
  return (answer.startsWith('{') ? JSON.parse(answer) : answer) as Body;
}

async function postLayers(clair: ClairProcess): Promise<void> {
  for (const [Name, ParentName, file] of [
    ['base', '', '0.tar'],
    ['curl', 'base', '1.tar'],
    ['upgraded', 'curl', '2.tar'],
  ]) {
    await ask(clair, '/v1/layers', 'POST', {
      Layer: { Name, ParentName, Path: inFolder(file ?? ''), Format: 'Docker' },
    });
  }
}

describe('a receiver of names', () => {
  let clair: ClairProcess;
  let config: string;
  const update = async (feed: string): Promise<void> =>
    void (await runClair(['update', '--config', config, '--feed', 'debian', '--from', feed]));
  const messages = (): readonly Received[] => received.get('/names') ?? [];
  const namesOf = (): readonly string[] => messages().map(({ body }) => (JSON.parse(body) as Told).Notification.Name);
  const newName = async (...known: readonly string[]): Promise<string> => {
    await expect.poll(() => namesOf().find((name) => !known.includes(name)), PATIENCE).toBeDefined();
    return namesOf().find((name) => !known.includes(name)) ?? '';
  };
  let first: string;

  beforeAll(async () => {
    config = configFile('names', { notifier: { secret: SECRET }, updater: { interval: 0 } });
    clair = await serveClair(['--config', config]);
    await postLayers(clair);
  });
  afterAll(() => clair.stop());

  it("gets a signed message about another process's update, but not about the first import", async () => {
    await update(DEMO_FEED);
    await update(writeFeed('changed.json', repairLater));
    first = await newName();
    const [{ headers, body } = { headers: {}, body: '' }] = messages();
    expect(JSON.parse(body)).toEqual({ Notification: { Name: first } });
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-clair-notification': first,
      'x-clair-signature': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
    });
  });

  it('requests both sides by that name, page by page', async () => {
    const { Notification } = await ask<Told>(clair, `/v1/notifications/${first}?limit=1`);
    const side = (Version: string, layer: string): object => ({
      Vulnerability: { Name: 'CVE-2099-0001', FixedIn: expect.arrayContaining([expect.objectContaining({ Version })]) },
      LayersIntroducingVulnerability: [layer],
    });
    expect(Notification).toMatchObject({
      Old: side('3.0.13-1~deb12u1', 'base'),
      New: side('3.0.14-1~deb12u1', 'base'),
      NextPage: expect.any(String),
    });
    const next = `/v1/notifications/${first}?limit=10&page=${encodeURIComponent(Notification.NextPage ?? '')}`;
    const { Notification: rest } = await ask<Told>(clair, next);
    expect(rest.Old?.LayersIntroducingVulnerability).toEqual(['curl']);
    expect(rest.New?.LayersIntroducingVulnerability).toEqual(['curl', 'upgraded']);
    expect(rest.NextPage).toBeUndefined();
  });

  it('finds the number of unread notifications in health and metrics', async () => {
    const notifier = { IsHealthy: true, Details: { QueueSize: 0, NotRead: 1, DeadLetters: 0 } };
    await expect.poll(async () => await ask(clair, '/v1/health'), PATIENCE).toMatchObject({ notifier });
    expect(await ask(clair, '/v1/metrics')).toMatch(/^clair_notifier_latency_milliseconds_count [1-9]/m);
  });

  it('gets reminders until it marks the notification read, and messages about manual changes', async () => {
    await expect.poll(() => namesOf().filter((name) => name === first).length, PATIENCE).toBeGreaterThan(2);
    expect(await ask(clair, `/v1/notifications/${first}`, 'DELETE')).toBe('');
    const zlib = { Name: 'zlib', Version: 'None' };
    await ask(clair, '/v1/namespaces/debian:12/vulnerabilities', 'POST', {
      Vulnerability: { Name: 'OWN-1', Severity: 'critical', FixedIn: [zlib] },
    });
    const second = await newName(first);
    const { Notification } = await ask<Told>(clair, `/v1/notifications/${second}?limit=10`);
    expect(Notification).not.toHaveProperty('Old');
    expect(Notification.New).toMatchObject({
      Vulnerability: { Name: 'OWN-1', Severity: 'Critical', NamespaceName: 'debian:12' },
      LayersIntroducingVulnerability: ['base'],
    });
    const reminders = namesOf().filter((name) => name === first).length;
    await expect.poll(() => namesOf().filter((name) => name === second).length, PATIENCE).toBeGreaterThan(2);
    expect(namesOf().filter((name) => name === first)).toHaveLength(reminders);
    expect(await ask(clair, `/v1/notifications/${first}?limit=-1`)).toHaveProperty('Notification.Deleted');
    expect(new Set(namesOf())).toEqual(new Set([first, second]));
  });
});

describe('a receiver of everything', () => {
  it("gets a message about changes that the server's own update finds", async () => {
    const address = pathToFileURL(writeFeed('watched.json')).href;
    const updater = { interval: '500ms', feeds: ['debian'], addresses: { debian: address }, offline: true };
    const config = configFile('everything', { notifier: { payload: 'full' }, updater });
    const clair = await serveClair(['--config', config]);
    await postLayers(clair);
    const imported = async (): Promise<string> => await ask<string>(clair, '/v1/metrics');
    await expect.poll(imported, PATIENCE).toMatch(/^clair_feed_vulnerabilities\{feed="debian"\} 6/m);
    writeFeed('watched.json', (feed) => {
      repairLater(feed);
      const curl = feed['curl']?.['CVE-2099-0003']?.releases['bookworm'];
      if (curl !== undefined) curl.urgency = 'high';
      delete feed['curl']?.['CVE-2099-0004'];
    });
    const messages = (): readonly Record<string, unknown>[] =>
      (received.get('/everything') ?? []).map(({ body }) => JSON.parse(body));
    await expect.poll(() => new Set(messages().map(({ Name }) => Name)).size, PATIENCE).toBe(3);
    const of = (name: string): unknown => messages().find(({ Name }) => Name === name);
    expect(of('CVE-2099-0001')).toMatchObject({
      Type: 'VulnerabilityPackageChangedNotification',
      Content: { NewIntroducingLayersIDs: ['upgraded'], FormerIntroducingLayerIDs: [] },
      Source: 'debian',
      NotificationName: expect.any(String),
    });
    expect(of('CVE-2099-0003')).toMatchObject({
      Type: 'VulnerabilityPriorityIncreasedNotification',
      Content: { OldPriority: 'Medium', NewPriority: 'High', IntroducingLayersIDs: ['curl'] },
    });
    expect(of('CVE-2099-0004')).toMatchObject({
      Type: 'VulnerabilityWithdrawnNotification',
      Content: { FormerIntroducingLayerIDs: ['curl', 'upgraded'] },
    });
    await clair.stop();
  });
});

describe('a receiver after an outage', () => {
  type List = { readonly notifications: readonly Listed[] };
  type Listed = { readonly name: string; readonly attempts: number; readonly error: string | null; notifiedAt: string };

  it('gets failed notifications after a retry by the API, which then lists them in the history', async () => {
    const config = configFile('broken', { notifier: { payload: 'full' }, attempts: 2, updater: { interval: 0 } });
    brokenPaths.add('/broken');
    const clair = await serveClair(['--config', config]);
    const listed = async (state: string): Promise<readonly Listed[]> =>
      (await ask<List>(clair, `/v2/notifications?state=${state}`)).notifications;
    await postLayers(clair);
    for (const feed of [DEMO_FEED, writeFeed('broken.json', repairLater)]) {
      await runClair(['update', '--config', config, '--feed', 'debian', '--from', feed]);
    }
    await expect.poll(async () => (await listed('dead')).length, PATIENCE).toBe(1);
    const [given] = await listed('dead');
    expect(given).toMatchObject({ attempts: 2, error: expect.stringMatching(/^webhook: .*503/) });
    expect(await listed('waiting')).toEqual([]);

    brokenPaths.delete('/broken');
    const answer = await ask(clair, `/v2/notifications/${given!.name}/retry`, 'POST');
    expect(answer).toEqual({ retried: 1, names: [given!.name] });
    const messages = (): readonly Received[] => received.get('/broken') ?? [];
    await expect.poll(() => messages().length, PATIENCE).toBe(1);
    expect(messages()[0]?.headers['x-clair-notification']).toBe(given!.name);
    await expect.poll(async () => (await listed('delivered')).length, PATIENCE).toBe(1);
    const [delivered] = await listed('delivered');
    expect(delivered).toMatchObject({
      name: given!.name,
      readAt: delivered!.notifiedAt,
      dueAt: null,
      attempts: 0,
      error: null,
      channels: ['webhook'],
      deliveries: 1,
      totalAttempts: 3,
      lastFailure: { at: expect.stringMatching(/^\d{4}-/), reason: given!.error },
    });
    expect(await listed('dead')).toEqual([]);
    await clair.stop();
  });
});
