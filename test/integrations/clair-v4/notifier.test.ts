import { createHmac } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { advisory } from '../../../src/database/testing/packages.ts';
import { publish } from '../../../src/database/testing/store-content.ts';
import type { UpdateWebhookSettings } from '../../../src/notifier/notifier-settings.ts';
import { createPlanner } from '../../../src/notifier/planner.ts';
import { openUpdateWebhook } from '../../../src/notifier/update-webhook.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';
import { NOTIFIER_DEVIATIONS, type TokenChange, WEBHOOK_DEVIATIONS } from './notifier-deviations.ts';
import { quayNotified } from './quay-notification-worker.ts';
import { type QuayReceiver, quayWebhookStatus, type Received, startQuayReceiver } from './quay-receiver.ts';
import { type QuayStorage, startQuayStorage } from './quay-storage.ts';
import { deviating, type Transport, transportTo } from './transport.ts';

const HASH = `sha256:${'5'.repeat(64)}`;
const OTHER = `sha256:${'6'.repeat(64)}`;
const PATH = '/notifier/api/v1/notification';
const NOBODY = '3d4a8bc6-9b5e-4a0f-8a6c-0d6b8f3c2a11';
const NIL = '00000000-0000-0000-0000-000000000000';
const KNOWN: ReadonlySet<string> = new Set([HASH, OTHER]);
const KEY = Buffer.from('13 bytes long');

let server: ClairServer;
let storage: QuayStorage;
let send: Transport;
let version = 1000;
beforeAll(async () => {
  [server, storage] = await Promise.all([startClairServer(), startQuayStorage()]);
  const layers = (await buildDemoLayers()).slice(0, 2);
  for (const hash of [HASH, OTHER]) {
    const { status } = await server.send('POST', '/indexer/api/v1/index_report', {
      body: storage.manifest(hash, layers),
    });
    expect(status).toBe(201);
  }
  await change();
  send = transportTo(server.url);
});
afterAll(async () => {
  await server.close();
  await storage.close();
});

/** Replaces the only vulnerability of the feed; returns the name of the new vulnerability. */
async function change(): Promise<string> {
  version += 1;
  const name = `CVE-2099-${version}`;
  const said = advisory(name, { package: 'openssl', severity: 'Defcon1', fixed: '9' });
  await publish(server.clair.store, [{ ...said, description: 'A “test”.', link: 'https://a.test/x y' }], version);
  return name;
}

/** Creates the notification of the next change; returns its ID and the vulnerability. */
async function notified(): Promise<{ readonly id: string; readonly name: string }> {
  const { store } = server.clair;
  const newName = (): string => crypto.randomUUID();
  const planner = createPlanner({
    store,
    owner: 'test',
    now: store.now,
    newName,
    wanted: { changes: false, updates: 'summary' },
  });
  const signal = new AbortController().signal;
  await planner.plan(signal);
  await store.updateNotifications.claim({ owner: 'test', lease: 600_000, limit: 100 });
  const name = await change();
  await planner.plan(signal);
  const [made] = await store.updateNotifications.claim({ owner: 'test', lease: 600_000, limit: 100 });
  if (made === undefined) throw new Error('there is no notification');
  return { id: made.name, name };
}

describe("Quay's notification worker", () => {
  it('notifies its users of each manifest with the severity, because the original sends none that Quay reads', async () => {
    const { id, name } = await notified();
    const events = await quayNotified(send, id, { known: KNOWN, level: 'Critical', affected: KNOWN });
    const told = {
      id: name,
      priority: 'Critical',
      description: 'A “test”.',
      link: `https://a.test/x%20y https://nvd.nist.gov/vuln/detail/${name}`,
      hasFix: true,
    };
    expect(events).toEqual([
      { manifest: HASH, ...told },
      { manifest: OTHER, ...told },
    ]);
  });

  it.each(NOTIFIER_DEVIATIONS)('notices that $name', async (deviation) => {
    const { id } = await notified();
    const worker = quayNotified(deviating(send, deviation), id, { known: KNOWN, affected: KNOWN });
    await expect(worker).rejects.toThrow(deviation.because);
  });
});

describe('a page of a notification', () => {
  it('keeps added and removed vulnerabilities apart, and has all members of both spellings', async () => {
    const former = `CVE-2099-${version}`;
    const { id, name } = await notified();
    const { body, type } = await server.send<{ notifications: readonly unknown[] }>('GET', `${PATH}/${id}`);
    expect(type).toBe('application/json; charset=utf-8');
    const entry = (manifest: string, reason: string, of: string): object => ({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      manifest,
      reason,
      vulnerability: expect.objectContaining({
        name: of,
        severity: 'Critical',
        normalized_severity: 'Critical',
        package: { id: '', name: 'openssl', version: '', kind: 'source', normalized_version: '', cpe: '' },
        distribution: expect.objectContaining({ did: 'debian', version_id: '12' }),
        fixed_in_version: '9',
      }),
    });
    expect(body).toEqual({
      page: { size: 500 },
      notifications: expect.arrayContaining([
        entry(HASH, 'added', name),
        entry(HASH, 'removed', former),
        entry(OTHER, 'added', name),
        entry(OTHER, 'removed', former),
      ]),
    });
    expect(body.notifications).toHaveLength(4);
    expect((await server.send('GET', `${PATH}/${id}`)).body).toEqual(body);
  });

  it('leads to the next page by a UUID, and the last page to none', async () => {
    const { id } = await notified();
    type Page = { readonly page: { size: number; next?: string }; readonly notifications: readonly { id: string }[] };
    const { body: whole } = await server.send<Page>('GET', `${PATH}/${id}`);
    const ids: string[] = [];
    let next = NIL;
    for (let pages = 1; ; pages += 1) {
      const { body } = await server.send<Page>('GET', `${PATH}/${id}?page_size=1&next=${next}`);
      expect(body.page.size).toBe(1);
      ids.push(...body.notifications.map((each) => each.id));
      if (body.page.next === undefined) break;
      expect([pages < 9, body.page.next]).toEqual([true, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
      next = body.page.next;
    }
    expect(ids).toEqual(whole.notifications.map((each) => each.id));
    expect(new Set(ids).size).toBe(4);
  });

  it.each<[string, number]>([
    ['?page_size=0', 500],
    ['?page_size=7', 7],
    ['?page_size=4000000000', 4_000_000_000],
    [`/?next=${NIL}`, 500],
  ])('with %s echoes the size %i', async (query, size) => {
    const { id } = await notified();
    const { body } = await server.send('GET', `${PATH}/${id.toUpperCase()}${query}`);
    expect(body).toMatchObject({ page: { size } });
  });

  it.each<[string, string, number]>([
    ['GET', `${PATH}/x`, 400],
    ['GET', `${PATH}/${NOBODY}x`, 400],
    ['GET', `${PATH}/${NOBODY}?page_size=x`, 400],
    ['GET', `${PATH}/${NOBODY}?page_size=-1`, 400],
    ['GET', `${PATH}/${NOBODY}?page_size=1.5`, 400],
    ['GET', `${PATH}/${NOBODY}?next=-1`, 400],
    ['GET', `${PATH}/${NOBODY}?next=${NOBODY}`, 400],
    ['GET', `${PATH}/${NOBODY}`, 404],
    ['DELETE', `${PATH}/x`, 400],
    ['DELETE', `${PATH}/${NOBODY}`, 404],
    ['POST', `${PATH}/${NOBODY}`, 405],
    ['HEAD', `${PATH}/${NOBODY}`, 405],
    ['GET', PATH, 404],
  ])('%s %s is %i', async (method, path, status) => {
    expect((await server.send(method, path)).status).toBe(status);
  });

  it.each<[string, number, string]>([
    ['*/*', 200, 'application/json'],
    ['application/vnd.clair.notification_page.v1+json', 200, 'application/vnd.clair.notification_page.v1+json'],
    ['text/html', 415, 'application/json'],
  ])('with Accept: %s is %i as %s', async (accept, status, type) => {
    const { id } = await notified();
    const answer = await server.send('GET', `${PATH}/${id}`, { headers: { accept } });
    expect([answer.status, answer.type?.split(';')[0]]).toEqual([status, type]);
  });

  it('is gone after the deletion, which succeeds again', async () => {
    const { id } = await notified();
    for (let times = 0; times < 2; times += 1) {
      const deleted = await server.send('DELETE', `${PATH}/${id}`);
      expect([deleted.status, deleted.text]).toEqual([200, '']);
    }
    expect((await server.send('GET', `${PATH}/${id}`)).status).toBe(404);
  });
});

describe('the webhook', () => {
  const settingsFor = (receiver: QuayReceiver): UpdateWebhookSettings => ({
    target: receiver.url,
    callback: 'http://clair.test/notifier/api/v1/notification',
    headers: { 'x-shared': 'a, b', authorization: 'Basic x' },
    key: KEY,
    isSummary: true,
    interval: 1000,
    timeout: 5000,
  });

  it('is accepted by a Quay whose clock is slow, with the configured headers', async () => {
    const receiver = await startQuayReceiver(KEY, () => Date.now() - 20_000);
    const webhook = await openUpdateWebhook(settingsFor(receiver), '1', Date.now);
    try {
      await webhook.deliver(NOBODY, new AbortController().signal);
      const [sent] = receiver.requests;
      if (sent === undefined) throw new Error('nothing was sent');
      const { headers, text } = sent;
      expect(JSON.parse(text)).toEqual({
        notification_id: NOBODY,
        callback: `http://clair.test/notifier/api/v1/notification/${NOBODY}`,
      });
      expect(headers['x-shared']).toBe('a, b');
      const [head = ''] = String(headers['authorization']).replace('Bearer ', '').split('.');
      expect(Buffer.from(head, 'base64url').toString()).toBe('{"alg":"HS256"}');
      expect(receiver.queued).toEqual([NOBODY]);
    } finally {
      await webhook.close();
      await receiver.close();
    }
  });

  it('is delivered by any 2xx status, and by no other', async () => {
    const receiver = await startQuayReceiver();
    const webhook = await openUpdateWebhook(settingsFor(receiver), '1', Date.now);
    const signal = new AbortController().signal;
    try {
      for (const status of [200, 201, 202, 204]) {
        receiver.answer = () => status;
        await webhook.deliver(NOBODY, signal);
      }
      for (const status of [301, 400, 401, 404, 500, 503]) {
        receiver.answer = () => status;
        await expect(webhook.deliver(NOBODY, signal)).rejects.toMatchObject({ code: 'notification/refused' });
      }
    } finally {
      await webhook.close();
      await receiver.close();
    }
    await expect(webhook.deliver(NOBODY, signal)).rejects.toMatchObject({ code: 'notification/undeliverable' });
  });

  describe('that Quay receives', () => {
    let sent: Received;
    beforeAll(async () => {
      const receiver = await startQuayReceiver();
      const webhook = await openUpdateWebhook(settingsFor(receiver), '1', Date.now);
      await webhook.deliver(NOBODY, new AbortController().signal);
      await webhook.close();
      await receiver.close();
      const [first] = receiver.requests;
      if (first === undefined) throw new Error('nothing was sent');
      sent = first;
    });

    it.each(WEBHOOK_DEVIATIONS)('would be refused if %s', (_name, deviation) => {
      const now = Date.now();
      expect([sent, withToken(sent, {})].map((each) => quayWebhookStatus(each, KEY, now))).toEqual([200, 200]);
      const changed = typeof deviation === 'function' ? deviation(sent) : withToken(sent, deviation);
      expect([400, 401, 405]).toContain(quayWebhookStatus(changed, KEY, now));
    });
  });

  it('notifies Quay of an update once, even if the receiver fails several times before', async () => {
    const receiver = await startQuayReceiver(KEY);
    receiver.answer = (times) => (times < 3 ? 503 : undefined);
    const log = pino({ level: 'silent' });
    const settings = { attempts: 1, renotifyInterval: 1000, v4: settingsFor(receiver) };
    const notifiers = await Promise.all([1, 2].map(() => server.clair.notifier(settings, log)));
    try {
      for (const each of notifiers) each.start();
      const name = await change();
      await vi.waitFor(() => expect(receiver.queued).toHaveLength(1), { timeout: 30_000, interval: 100 });
      await setTimeout(2000);
      expect([receiver.queued.length, receiver.requests.length]).toEqual([1, 3]);
      const events = await quayNotified(send, receiver.queued[0] ?? '', { known: KNOWN });
      expect(events.map((event) => event.id)).toEqual([name, name]);
    } finally {
      await Promise.all(notifiers.map((each) => each.stop()));
      await receiver.close();
    }
  }, 60_000);
});

function withToken(
  received: Received,
  { header = { alg: 'HS256' }, claims = {}, isSigned = true }: TokenChange,
): Received {
  const now = Math.floor(Date.now() / 1000);
  const own = { iss: 'clair-notifier', iat: now - 30, nbf: now - 30, exp: now + 60 };
  const changed = Object.entries(claims).map(([name, value]) => [
    name,
    typeof value === 'number' ? now + 100 * value : value,
  ]);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part(header)}.${part({ ...own, ...Object.fromEntries(changed) })}`;
  const key = isSigned ? KEY : Buffer.from('another key');
  const signature = createHmac('sha256', key).update(content).digest('base64url');
  return { ...received, headers: { ...received.headers, authorization: `Bearer ${content}.${signature}` } };
}
