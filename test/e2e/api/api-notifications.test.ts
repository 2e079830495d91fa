import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPlanner } from '../../../src/notifier/planner.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { knowLayer, publish } from '../../../src/database/testing/store-content.ts';
import { advisory, deb } from '../../../src/database/testing/packages.ts';

type Side = {
  Vulnerability: object;
  OrderedLayersIntroducingVulnerability?: { Index: number; LayerName: string }[];
  LayersIntroducingVulnerability?: string[];
};
type Body = { Notification: { NextPage?: string; Page: string; Old?: Side; New?: Side } };

let server: ClairServer;
const names = new Map<string, string>();

beforeAll(async () => {
  server = await startClairServer();
  const { store } = server.clair;
  for (let at = 1; at <= 5; at += 1) await knowLayer(store, `layer ${at}`, [deb('a', String(at))]);
  let made = 0;
  const planner = createPlanner({ store, owner: 'one', now: () => 5000, newName: () => `n${(made += 1)}` });
  const { signal } = new AbortController();
  await publish(store, [advisory('CVE-0', { package: 'a' }), advisory('CVE-1', { package: 'a', fixed: '3' })]);
  await planner.plan(signal);
  await publish(store, [advisory('CVE-1', { package: 'a', fixed: '5' }), advisory('CVE-2', { package: 'a' })]);
  await planner.plan(signal);
  for (const { name, vulnerability } of await store.notifications.list('waiting', { after: 0, limit: 10 })) {
    names.set(vulnerability, name);
  }
});
afterAll(() => server.close());

const notified = async (cve: string, query: string): Promise<Body['Notification']> => {
  const { status, body } = await server.get<Body>(`/v1/notifications/${names.get(cve)}${query}`);
  expect(status).toBe(200);
  return body.Notification;
};

describe('a notification', () => {
  it('has the vulnerability before and after the change, each with the layers that introduce it', async () => {
    const { Page, ...rest } = await notified('CVE-1', '?limit=10');
    const side = (fixed: string, layers: readonly number[]): object => ({
      Vulnerability: {
        Name: 'CVE-1',
        NamespaceName: 'debian:12',
        Description: 'What CVE-1 is about.',
        Link: 'https://tracker.test/CVE-1',
        Severity: 'Medium',
        FixedIn: [{ Name: 'a', NamespaceName: 'debian:12', VersionFormat: 'dpkg', Version: fixed }],
      },
      OrderedLayersIntroducingVulnerability: layers.map((at) => ({ Index: at, LayerName: `layer ${at}` })),
      LayersIntroducingVulnerability: layers.map((at) => `layer ${at}`),
    });
    expect(rest).toEqual({
      Name: names.get('CVE-1'),
      Created: '5',
      Limit: 10,
      Old: side('3', [1, 2]),
      New: side('5', [1, 2, 3, 4]),
    });
    expect(Page).toEqual(expect.any(String));
  });

  it('pages both sides together', async () => {
    const pages: (number | undefined)[][] = [];
    for (let query = '?limit=2'; query !== ''; ) {
      const { Old, New, NextPage } = await notified('CVE-1', query);
      pages.push([Old, New].map((side) => side?.OrderedLayersIntroducingVulnerability?.length));
      query = NextPage === undefined ? '' : `?limit=2&page=${encodeURIComponent(NextPage)}`;
    }
    expect(pages).toEqual([
      [2, 2],
      [undefined, 2],
    ]);
  });

  it('has no old side for a new vulnerability, and no new side for a withdrawn vulnerability', async () => {
    expect(await notified('CVE-2', '?limit=1')).not.toHaveProperty('Old');
    expect(await notified('CVE-0', '?limit=1')).not.toHaveProperty('New');
  });

  it('has no layers with a limit of -1, and only the start of the list with 0', async () => {
    const none = await notified('CVE-1', '?limit=-1');
    expect([none.NextPage, none.New?.LayersIntroducingVulnerability]).toEqual([undefined, undefined]);
    const { NextPage = '', New } = await notified('CVE-1', '?limit=0');
    expect(New?.LayersIntroducingVulnerability).toBeUndefined();
    const first = await notified('CVE-1', `?limit=1&page=${encodeURIComponent(NextPage)}`);
    expect(first.New?.LayersIntroducingVulnerability).toEqual(['layer 1']);
  });

  it.each([
    ['an unknown name', '/v1/notifications/none?limit=1', 404],
    ['no limit', '/v1/notifications/n1', 400],
    ['an invalid limit', '/v1/notifications/n1?limit=-2', 400],
    ['an invalid page', '/v1/notifications/n1?limit=1&page=x', 400],
  ])('rejects %s', async (_what, path, status) => {
    const answer = await server.get<{ Error: { Message: string } }>(path);
    expect([answer.status, typeof answer.body.Error.Message]).toEqual([status, 'string']);
  });

  it('rejects a page of another notification', async () => {
    const { Page } = await notified('CVE-1', '?limit=1');
    const path = `/v1/notifications/${names.get('CVE-2')}?limit=1&page=${encodeURIComponent(Page)}`;
    expect((await server.get(path)).status).toBe(400);
  });

  it('is read after a DELETE', async () => {
    const url = `${server.url}/v1/notifications/${names.get('CVE-2')}`;
    const answer = await fetch(url, { method: 'DELETE' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(await notified('CVE-2', '?limit=1')).toHaveProperty('Deleted');
    expect((await fetch(`${server.url}/v1/notifications/none`, { method: 'DELETE' })).status).toBe(404);
    expect((await server.clair.store.notifications.count()).waiting).toBe(2);
  });
});

describe('the history of deliveries', () => {
  type Page = { readonly notifications: readonly { readonly name: string }[]; readonly nextPage: string | null };

  it('lists delivered notifications, read or unread, newest first, page by page', async () => {
    const own = await startClairServer();
    const { store } = own.clair;
    await knowLayer(store, 'base', [deb('a', '2')]);
    await publish(store, []);
    let made = 0;
    const planner = createPlanner({ store, owner: 'one', now: () => 5000, newName: () => `n${(made += 1)}` });
    const { signal } = new AbortController();
    await planner.plan(signal);
    await publish(
      store,
      [1, 2, 3, 4].map((at) => advisory(`CVE-${at}`, { package: 'a' })),
    );
    await planner.plan(signal);
    const claimed = await store.notifications.claim({ owner: 'one', lease: 0, limit: 4 });
    const idOf = (name: string): number => claimed.find((each) => each.name === name)!.id;
    await store.notifications.recordFailure(idOf('n2'), { owner: 'one', at: 6000, error: 'no', dueAt: 6500 });
    for (const [at, name] of ['n3', 'n1', 'n2'].entries()) {
      const dueAt = name === 'n1' ? 9000 : null;
      await store.notifications.recordDelivery(idOf(name), { at: 7000 + at, dueAt, channels: ['amqp'] });
    }

    const path = '/v2/notifications?state=delivered';
    const { body: first } = await own.get<Page>(`${path}&limit=2`);
    expect(first.notifications).toEqual([
      expect.objectContaining({
        name: 'n2',
        notifiedAt: '1970-01-01T00:00:07.002Z',
        readAt: '1970-01-01T00:00:07.002Z',
        dueAt: null,
        channels: ['amqp'],
        deliveries: 1,
        totalAttempts: 2,
        lastFailure: { at: '1970-01-01T00:00:06.000Z', reason: 'no' },
      }),
      expect.objectContaining({ name: 'n1', readAt: null, dueAt: '1970-01-01T00:00:09.000Z', lastFailure: null }),
    ]);
    const page = `page=${encodeURIComponent(first.nextPage ?? '')}`;
    const { body: rest } = await own.get<Page>(`${path}&limit=2&${page}`);
    expect([rest.notifications.map(({ name }) => name), rest.nextPage]).toEqual([['n3'], null]);
    // The page token belongs to the list of delivered notifications.
    expect((await own.get(`/v2/notifications?state=waiting&${page}`)).status).toBe(400);
    const { body: waiting } = await own.get<Page>('/v2/notifications?limit=1');
    expect(waiting.notifications.map(({ name }) => name)).toEqual(['n4']);

    // In v1 a fully delivered notification is unchanged.
    expect(await own.get('/v1/notifications/n2?limit=1')).toMatchObject({
      status: 200,
      body: { Notification: { Name: 'n2', Notified: '7', Deleted: '7' } },
    });
    await own.close();
  });
});

describe('a retry of notifications', () => {
  const [full, readOnly] = [Buffer.alloc(32, 'full'), Buffer.alloc(32, 'read')];
  let locked: ClairServer;
  const bearers = new Map<string, string>();

  beforeAll(async () => {
    const tokens = { full: { key: full, issuers: ['quay'] }, readOnly: { key: readOnly, issuers: ['dashboard'] } };
    locked = await startClairServer([], { tokens });
    for (const [issuer, key] of [['quay', full] as const, ['dashboard', readOnly] as const]) {
      const token = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setIssuer(issuer).setExpirationTime('5m');
      bearers.set(issuer, await token.sign(key));
    }
    const { store } = locked.clair;
    await knowLayer(store, 'base', [deb('a', '2')]);
    await publish(store, []);
    const { signal } = new AbortController();
    let made = 0;
    const planner = createPlanner({ store, owner: 'one', now: () => 5000, newName: () => `n${(made += 1)}` });
    await planner.plan(signal);
    await publish(
      store,
      [1, 2, 3, 4].map((at) => advisory(`CVE-${at}`, { package: 'a' })),
    );
    await planner.plan(signal);
  });
  afterAll(() => locked.close());

  beforeEach(async () => {
    const { notifications } = locked.clair.store;
    await notifications.retry('all', 0);
    for (const { id, name } of await notifications.claim({ owner: 'one', lease: 0, limit: 4 })) {
      if (name === 'n4') continue;
      await notifications.recordFailure(id, { owner: 'one', at: 6000, error: 'status 500', dueAt: null });
    }
    expect(await dead()).toEqual(['n1', 'n2', 'n3']);
  });

  const dead = async (): Promise<readonly string[]> =>
    (await locked.clair.store.notifications.list('dead', { after: 0, limit: 10 })).map(({ name }) => name);

  const send = async (
    path: string,
    { issuer = 'quay', body, headers = {} }: { issuer?: string; body?: object; headers?: Record<string, string> } = {},
  ): Promise<[number, unknown]> => {
    const authorization = `Bearer ${bearers.get(issuer)}`;
    const sent = { headers: { authorization, ...headers }, ...(body && { body }) };
    const answer = await locked.send<unknown>('POST', path, sent);
    return [answer.status, answer.body];
  };

  const refusal = (code: string, message: unknown = expect.any(String)): object => ({
    error: { code, message, remedy: expect.any(String) },
  });

  it('counts the notifications to deliver and to retry, but not the history of deliveries', async () => {
    const totalOf = async (state: string): Promise<string | null> => {
      const headers = { authorization: `Bearer ${bearers.get('quay')}` };
      const answer = await fetch(`${locked.url}/v2/notifications?limit=1&state=${state}`, { headers });
      expect(answer.status).toBe(200);
      return answer.headers.get('x-total-count');
    };
    expect([await totalOf('waiting'), await totalOf('dead'), await totalOf('delivered')]).toEqual(['1', '3', null]);
  });

  it('puts only the named notification back in the queue', async () => {
    expect(await send('/v2/notifications/n2/retry')).toEqual([200, { retried: 1, names: ['n2'] }]);
    expect(await dead()).toEqual(['n1', 'n3']);
    expect(await locked.clair.store.notifications.find('n2')).toMatchObject({ attempts: 0, deadAt: null });
  });

  it('puts all failed notifications back in the queue', async () => {
    expect(await send('/v2/notifications/retry')).toEqual([200, { retried: 3, names: ['n1', 'n2', 'n3'] }]);
    expect(await send('/v2/notifications/retry')).toEqual([200, { retried: 0, names: [] }]);
  });

  it('is rejected for a notification that has not failed, with its state', async () => {
    const { notifications } = locked.clair.store;
    const code = 'notification/not-given-up';
    const message = (words: string): string => `notification n4 is not dead: it ${words}`;
    expect(await send('/v2/notifications/n4/retry')).toEqual([409, refusal(code, message('is in the queue'))]);
    await notifications.markRead('n4', 7000);
    expect(await send('/v2/notifications/n4/retry')).toEqual([409, refusal(code, message('was read'))]);
  });

  it('is rejected for an unknown notification', async () => {
    expect(await send('/v2/notifications/none/retry')).toEqual([404, refusal('notification/not-found')]);
  });

  it.each(['/v2/notifications/retry', '/v2/notifications/n1/retry'])('at %s is a write', async (path) => {
    expect(await send(path, { issuer: 'dashboard' })).toEqual([403, refusal('request/forbidden')]);
    expect(await send(path, { issuer: 'nobody' })).toEqual([401, refusal('request/unauthenticated')]);
    const crossSite = { origin: 'http://evil.example' };
    expect(await send(path, { headers: crossSite })).toEqual([403, refusal('request/cross-site')]);
    const text = { 'content-type': 'text/plain' };
    expect(await send(path, { headers: text, body: {} })).toEqual([415, refusal('request/unsupported-type')]);
    // A body with names must not retry all notifications.
    expect(await send(path, { body: { names: ['n1'] } })).toEqual([400, refusal('request/invalid')]);
    expect(await dead()).toEqual(['n1', 'n2', 'n3']);
  });

  it('matches the permission that the status reports for a token', async () => {
    const access = async (issuer: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${bearers.get(issuer)}` };
      return (await locked.send<{ access: unknown }>('GET', '/v2/status', { headers })).body.access;
    };
    expect([await access('quay'), await access('dashboard')]).toEqual(['full', 'read-only']);
    expect((await server.get<{ access: unknown }>('/v2/status')).body.access).toBe('full');
  });
});
