import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlanner } from '../../src/notifier/planner.ts';
import { type ClairServer, startClairServer } from '../fixtures/clair-server.ts';
import { knowLayer, publish } from '../fixtures/known-layers.ts';
import { advisory, deb } from '../fixtures/packages.ts';

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
  it('tells the vulnerability before and after the change, each with the layers that bring it in', async () => {
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

  it('has no old side when it is new, and no new one when it was withdrawn', async () => {
    expect(await notified('CVE-2', '?limit=1')).not.toHaveProperty('Old');
    expect(await notified('CVE-0', '?limit=1')).not.toHaveProperty('New');
  });

  it('has no layers with a limit of -1, and with 0 only where they start', async () => {
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
    ['a limit that is none', '/v1/notifications/n1?limit=-2', 400],
    ['a page that is none', '/v1/notifications/n1?limit=1&page=x', 400],
  ])('refuses %s', async (_what, path, status) => {
    const answer = await server.get<{ Error: { Message: string } }>(path);
    expect([answer.status, typeof answer.body.Error.Message]).toEqual([status, 'string']);
  });

  it('refuses the page of another one', async () => {
    const { Page } = await notified('CVE-1', '?limit=1');
    const path = `/v1/notifications/${names.get('CVE-2')}?limit=1&page=${encodeURIComponent(Page)}`;
    expect((await server.get(path)).status).toBe(400);
  });

  it('is read once somebody says so', async () => {
    const url = `${server.url}/v1/notifications/${names.get('CVE-2')}`;
    const answer = await fetch(url, { method: 'DELETE' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(await notified('CVE-2', '?limit=1')).toHaveProperty('Deleted');
    expect((await fetch(`${server.url}/v1/notifications/none`, { method: 'DELETE' })).status).toBe(404);
    expect((await server.clair.store.notifications.count()).waiting).toBe(2);
  });
});
