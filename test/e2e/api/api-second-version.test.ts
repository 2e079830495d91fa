import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { startAskedServer } from '../../../src/api/testing/asked-server.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { advisory } from '../../../src/database/testing/packages.ts';
import { publish } from '../../../src/database/testing/store-content.ts';
import { STALE_AFTER_MS } from '../../../src/model/feed.ts';

let server: ClairServer;
let api: DocumentedApi;
beforeAll(async () => {
  ({ server, api } = await startAskedServer());
});
afterAll(() => server.close());

const refusal = (code: string): object => ({ error: expect.objectContaining({ code }) });

describe('a vulnerability', () => {
  it('has the data of each feed, with the manual vulnerability first', async () => {
    const FixedIn = [{ Name: 'curl', Version: '9' }];
    const Vulnerability = { Name: 'CVE-2099-0004', Severity: 'Critical', FixedIn };
    await server.post('/v1/namespaces/debian:12/vulnerabilities', { Vulnerability });
    expect(await api.ask('GET', '/v2/vulnerabilities/CVE-2099-0004')).toEqual([
      200,
      {
        id: 'CVE-2099-0004',
        title: expect.any(String),
        description: 'Cookies of the demonstration are kept longer than asked.',
        severity: 'Critical',
        images: 0,
        // This server does not count findings.
        isCurrent: false,
        aliases: [],
        cves: [{ id: 'CVE-2099-0004' }],
        feeds: [
          expect.objectContaining({
            feed: 'manual',
            severity: 'Critical',
            affected: [expect.objectContaining({ package: 'curl', fixedIn: '9' })],
          }),
          {
            feed: 'debian',
            link: 'https://security-tracker.debian.org/tracker/CVE-2099-0004',
            description: 'Cookies of the demonstration are kept longer than asked.',
            severity: 'Medium',
            aliases: [],
            affected: [
              {
                namespace: 'debian:12',
                package: 'curl',
                introduced: null,
                fixedIn: null,
                lastAffected: null,
                status: 'open',
                severity: 'Medium',
                severityFrom: 'feed',
                imports: [],
                archs: [],
                module: null,
                cpe: null,
              },
            ],
          },
        ],
      },
    ]);
  });

  it('has the layers that introduce it, page by page', async () => {
    type Page = { readonly layers: readonly object[]; readonly nextPage: string | null };
    const path = '/v2/vulnerabilities/CVE-2099-0001/layers?limit=1';
    const { body: first } = await api.send<Page>('GET', path);
    const { body: second } = await api.send<Page>('GET', `${path}&page=${first.nextPage}`);
    expect([...first.layers, ...second.layers]).toEqual([{ name: 'base' }, { name: 'top' }]);
    expect(second.nextPage).toBeNull();
    const other = `/v2/vulnerabilities/CVE-2099-0002/layers?page=${first.nextPage}`;
    expect(await api.ask('GET', other)).toEqual([400, refusal('request/page-invalid')]);
  });

  it('is found by a prefix of its identifier, page by page', async () => {
    type Page = { readonly vulnerabilities: readonly { readonly id: string }[]; readonly nextPage: string | null };
    const { body: all } = await api.send<Page>('GET', '/v2/vulnerabilities?search=CVE-2099-000');
    const ids = all.vulnerabilities.map(({ id }) => id);
    expect([ids.length, ids[0], ids.includes('OWN-9')]).toEqual([6, 'CVE-2099-0001', false]);
    const { body: first } = await api.send<Page>('GET', '/v2/vulnerabilities?search=CVE-2099-000&limit=5');
    const { body: second } = await api.send<Page>(
      'GET',
      `/v2/vulnerabilities?search=CVE-2099-000&limit=5&page=${first.nextPage}`,
    );
    expect([...first.vulnerabilities, ...second.vulnerabilities]).toEqual(all.vulnerabilities);
    expect(second.nextPage).toBeNull();
    expect((await api.ask('GET', '/v2/vulnerabilities?search=OWN'))[1]).toEqual({
      vulnerabilities: [{ id: 'OWN-9', severity: 'Low', images: 0, feeds: ['manual'], description: '' }],
      nextPage: null,
      isCurrent: false,
    });
    const other = `/v2/vulnerabilities?search=OWN&page=${first.nextPage}`;
    expect(await api.ask('GET', other)).toEqual([400, refusal('request/page-invalid')]);
    // Only lists that are sorted by stored counts accept the filters, with these values.
    for (const query of ['severity=High', 'exploited=true', 'sort=age', 'sort=images&severity=high']) {
      expect(await api.ask('GET', `/v2/vulnerabilities?${query}`)).toEqual([400, refusal('request/invalid')]);
    }
  });

  it.each(['', '/layers', '/images'].map((what) => `/v2/vulnerabilities/CVE-1${what}`))(
    'is 404 at %s when it is unknown',
    async (path) => {
      expect(await api.ask('GET', path)).toEqual([404, refusal('vulnerability/not-found')]);
    },
  );
});

it('the feeds include feeds without an update', async () => {
  type Feeds = { readonly feeds: readonly { readonly name: string; readonly state: string }[] };
  const { body } = await api.send<Feeds>('GET', '/v2/feeds');
  const states = new Map(body.feeds.map(({ name, state }) => [name, state]));
  expect([states.get('debian'), states.get('alpine'), states.get('epss')]).toEqual([
    'fresh',
    'never updated',
    'never updated',
  ]);
});

it('the status counts each feed by its state in the list of feeds and in the overview', async () => {
  const own = await startClairServer();
  const ownApi = await documentedApi(own);
  const { store } = own.clair;
  const now = Date.now();
  const old = now - STALE_AFTER_MS - 1;
  const updated = { debian: now, ubuntu: now, alpine: now, suse: old, oracle: old, amazon: now };
  for (const [feed, at] of Object.entries(updated)) {
    await publish(store, [advisory('CVE-1', { package: 'a' })], at, { feed });
  }
  for (const feed of ['ubuntu', 'alpine', 'suse', 'redhat']) {
    await store.feeds.recordFailure(feed, now, 'the feed shrank', { isRefused: true });
  }
  for (const feed of ['alpine', 'amazon']) await store.feeds.recordFailure(feed, now, 'the feed cannot be reached');
  const { body: list } = await ownApi.send<{ feeds: { name: string; state: string }[] }>('GET', '/v2/feeds');
  const namesOf = (state: string) => list.feeds.filter((feed) => feed.state === state).map(({ name }) => name);
  const states = ['fresh', 'refused', 'stale', 'failed'].map((state) => [state, namesOf(state)]);
  expect(Object.fromEntries(states)).toEqual({
    fresh: ['debian'],
    // A refusal counts more than stale data, and remains until an update succeeds.
    refused: ['alpine', 'redhat', 'suse', 'ubuntu'],
    stale: ['oracle'],
    failed: ['amazon'],
  });
  const { body: status } = await ownApi.send<{ feeds: object }>('GET', '/v2/status');
  expect(status.feeds).toEqual({ ok: 1, refused: 4, stale: 1, failed: 1 });
  const { body: overview } = await ownApi.send<{ feeds: { fresh: number; failing: object[] } }>('GET', '/v2/overview');
  expect([overview.feeds.fresh, overview.feeds.failing.length]).toEqual([1, 6]);
  await own.close();
});

describe('the notifications', () => {
  it('are listed by delivery state', async () => {
    expect(await api.ask('GET', '/v2/notifications')).toEqual([
      200,
      {
        notifications: [
          expect.objectContaining({ name: 'n1', kind: 'new', feed: 'manual', vulnerability: 'OWN-9', attempts: 0 }),
        ],
        nextPage: null,
      },
    ]);
    expect(await api.ask('GET', '/v2/notifications?state=dead')).toEqual([200, { notifications: [], nextPage: null }]);
    expect(await api.ask('GET', '/v2/notifications?state=lost')).toEqual([400, refusal('request/invalid')]);
  });
});

it('the changes of the data are listed newest first, with the severity before and after', async () => {
  type Page = { readonly changes: readonly { readonly vulnerability: string }[]; readonly nextPage: string | null };
  const Vulnerability = { Name: 'OWN-7', Severity: 'Low', FixedIn: [{ Name: 'curl', Version: '9' }] };
  await server.post('/v1/namespaces/debian:12/vulnerabilities', { Vulnerability });
  const worse = { Vulnerability: { Severity: 'High' } };
  await server.send('PUT', '/v1/namespaces/debian:12/vulnerabilities/OWN-7', { body: worse });
  const change = { feed: 'manual', vulnerability: 'OWN-7', at: expect.any(String), isInitial: false };
  const { body } = await api.send<Page>('GET', '/v2/changes?limit=2');
  expect(body.changes).toEqual([
    { ...change, kind: 'changed', before: 'Low', after: 'High' },
    { ...change, kind: 'added', before: null, after: 'Low' },
  ]);
  const { body: next } = await api.send<Page>('GET', `/v2/changes?limit=1&page=${body.nextPage}`);
  expect(next.changes).toEqual([expect.not.objectContaining({ vulnerability: 'OWN-7' })]);
});

it('the changes of the data are listed since a time, without first imports, and counted', async () => {
  type Page = { readonly changes: readonly { readonly isInitial: boolean }[]; readonly nextPage: string | null };
  const countOf = async (query: string): Promise<number> =>
    Number((await fetch(`${server.url}/v2/changes?${query}`)).headers.get('x-total-count'));
  const all = await countOf('');
  const { body } = await api.send<Page & { readonly firstImports: readonly { readonly changes: number }[] }>(
    'GET',
    '/v2/changes?firstImports=false',
  );
  const later = await countOf('firstImports=false');
  expect(body.changes.filter(({ isInitial }) => isInitial)).toEqual([]);
  expect(body.changes).toHaveLength(later);
  const imported = body.firstImports.reduce((sum, { changes }) => sum + changes, 0);
  expect([imported > 0, imported + later]).toEqual([true, all]);
  expect(await countOf('since=2000-01-01')).toBe(all);
  expect(await countOf(`since=${new Date().toISOString()}`)).toBe(0);
  const { body: first } = await api.send<Page>('GET', '/v2/changes?limit=1');
  const refused = async (query: string): Promise<unknown> => await api.ask('GET', `/v2/changes?${query}`);
  expect(await refused(`firstImports=false&page=${first.nextPage}`)).toEqual([400, refusal('request/page-invalid')]);
  for (const query of ['since=monday', 'since=2999-01-01', 'firstImports=true', 'until=2000-01-01']) {
    expect(await refused(query)).toEqual([400, refusal('request/invalid')]);
  }
});

describe('query parameters', () => {
  it.each<[string, string]>([
    ['/v2/submissions?sort=severity', 'unknown query parameter "sort": use limit, page'],
    ['/v2/status?verbose', 'unknown query parameter "verbose": this route takes no parameters'],
    [
      `/v2/images/sha256:${'0'.repeat(64)}?fields=a`,
      'unknown query parameter "fields": this route takes no parameters',
    ],
    ['/v2/submissions/x/events?since=1', 'unknown query parameter "since": this route takes no parameters'],
  ])('that %s does not define are rejected', async (path, message) => {
    expect(await api.ask('GET', path)).toEqual([
      400,
      { error: expect.objectContaining({ code: 'request/invalid', message }) },
    ]);
  });

  it('work in any case', async () => {
    expect((await api.ask('GET', '/v2/images?Limit=1&SEARCH=a'))[0]).toBe(200);
  });

  it('with an invalid value get an error with the expected form', async () => {
    const message = 'digest: "sha256:x" is not an image digest (sha256: and 64 hexadecimal digits, or sha512: and 128)';
    expect(await api.ask('GET', '/v2/images/sha256:x')).toEqual([
      400,
      { error: expect.objectContaining({ code: 'request/invalid', message }) },
    ]);
  });
});
