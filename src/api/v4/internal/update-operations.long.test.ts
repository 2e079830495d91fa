import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../database/contracts/store.ts';
import { memoryStore } from '../../../database/testing/memory-store.ts';
import { advisory } from '../../../database/testing/packages.ts';
import { publish } from '../../../database/testing/store-content.ts';
import { startPlainApi } from '../../testing/plain-api.ts';
import { V4 } from '../family.ts';

const OPERATIONS = '/matcher/api/v1/internal/update_operation';
const DIFFERENCE = '/matcher/api/v1/internal/update_diff';
const NOBODY = '3d4a8bc6-9b5e-4a0f-8a6c-0d6b8f3c2a11';
const NIL = '00000000-0000-0000-0000-000000000000';

type Operation = Readonly<Record<'ref' | 'updater' | 'fingerprint' | 'date' | 'kind', string>>;

let store: Store;
let server: FastifyInstance;
async function open(): Promise<void> {
  store = await memoryStore();
  const knownFeeds = [
    { name: 'debian', holds: 'vulnerabilities' },
    { name: 'epss', holds: 'enrichments' },
  ] as const;
  server = await startPlainApi([V4], { store, knownFeeds });
  await publish(store, [advisory('CVE-1', { package: 'a', fixed: '1' }), advisory('CVE-2', { package: 'b' })], 1000);
  await publish(store, [advisory('CVE-1', { package: 'a', fixed: '2' }), advisory('CVE-2', { package: 'b' })], 2000);
  await publish(store, [advisory('CVE-1', { package: 'a', fixed: '2' }), advisory('CVE-3', { package: 'c' })], 3000);
}

async function sent(
  url: string,
  method: 'GET' | 'DELETE' | 'POST' | 'HEAD' = 'GET',
  headers: Record<string, string> = {},
) {
  const answer = await server.inject({ method, url, headers });
  const body = answer.body === '' ? undefined : answer.json();
  return { status: answer.statusCode, etag: answer.headers['etag'], body, text: answer.body };
}

async function operations(query = ''): Promise<readonly Operation[]> {
  return (await sent(`${OPERATIONS}${query}`)).body.debian ?? [];
}

/** Returns the names and fixed versions of the vulnerabilities. */
async function difference(query: string): Promise<unknown> {
  const { status, body } = await sent(`${DIFFERENCE}?${query}`);
  if (status !== 200) return status;
  const short = (all: readonly Readonly<Record<string, string>>[]): readonly string[] =>
    all.map((each) => `${each['name']} ${each['fixed_in_version']}`.trim());
  return { added: short(body.added), removed: short(body.removed) };
}

describe('the update operations', () => {
  beforeEach(open);
  afterEach(() => server.close());

  it('are by feed, newest first, with the newest reference as the tag', async () => {
    const { status, etag, body } = await sent(`${OPERATIONS}/`);
    expect([status, Object.keys(body)]).toEqual([200, ['debian']]);
    expect(body.debian.map(({ date }: Operation) => Date.parse(date))).toEqual([3000, 2000, 1000]);
    expect(body.debian[0]).toEqual({
      ref: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8/),
      updater: 'debian',
      fingerprint: '',
      date: '1970-01-01T00:00:03.000Z',
      kind: 'vulnerability',
    });
    expect(etag).toBe(`"${body.debian[0].ref}"`);
    expect(await operations()).toEqual(body.debian);
  });

  it('are only the newest of each feed with latest=true', async () => {
    await publish(store, [advisory('CVE-9', { package: 'z' })], 4000, { feed: 'other' });
    const { body, etag } = await sent(`${OPERATIONS}?latest=true&kind=vulnerability`);
    expect(Object.entries<readonly Operation[]>(body).map(([feed, all]) => [feed, all.length])).toEqual([
      ['other', 1],
      ['debian', 1],
    ]);
    expect(etag).toBe(`"${body.other[0].ref}"`);
  });

  it('are the last ten of each feed', async () => {
    for (let at = 4; at <= 12; at += 1)
      await publish(store, [advisory('CVE-4', { package: 'd', fixed: `${at}` })], at * 1000);
    const dates = (await operations()).map(({ date }) => Date.parse(date) / 1000);
    expect(dates).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  });

  it('are 304 for the newest reference, alone, in a list, weak or *', async () => {
    const { etag = '' } = await sent(OPERATIONS);
    for (const condition of [etag, `"x", W/${etag}`, '*']) {
      const known = await sent(OPERATIONS, 'GET', { 'if-none-match': condition });
      expect([known.status, known.text]).toEqual([304, '']);
    }
    expect((await sent(OPERATIONS, 'GET', { 'if-none-match': `"${NOBODY}"` })).status).toBe(200);
    await publish(store, [advisory('CVE-4', { package: 'd' })], 4000);
    expect((await sent(OPERATIONS, 'GET', { 'if-none-match': etag })).status).toBe(200);
  });

  it('of enrichment feeds are their last successful updates', async () => {
    expect((await sent(`${OPERATIONS}?kind=enrichment`)).body).toEqual({});
    const update = {
      feed: 'epss',
      kind: 'epss',
      fetcherVersion: 1,
      etag: '"e"',
      lastModified: null,
      at: 5000,
    } as const;
    await store.enrichments.update({
      ...update,
      enrichments: [{ cve: 'CVE-1', value: '{}' }],
      recordDiagnostics: { count: 0, examples: [] },
    });
    const { body, etag } = await sent(`${OPERATIONS}?kind=enrichment`);
    const [own] = body.epss;
    expect(body.epss).toEqual([{ ...own, updater: 'epss', fingerprint: '"e"', kind: 'enrichment' }]);
    expect(etag).toBe(`"${own.ref}"`);
    expect((await sent(`${OPERATIONS}/${own.ref}`, 'DELETE')).status).toBe(400);
    expect(await difference(`cur=${own.ref}`)).toBe(400);
  });

  it('are unknown after a client deletes them, but their changes stay', async () => {
    const [third, second, first] = (await operations()).map(({ ref }) => ref);
    for (let times = 0; times < 2; times += 1) {
      const { status, text } = await sent(`${OPERATIONS}/${second?.toUpperCase()}${times === 0 ? '' : '/'}`, 'DELETE');
      expect([status, text]).toEqual([200, '']);
    }
    expect((await operations()).map(({ ref }) => ref)).toEqual([third, first]);
    expect(await difference(`cur=${third}&prev=${second}`)).toBe(400);
    expect(await difference(`cur=${third}&prev=${first}`)).toEqual({
      added: ['CVE-1 2', 'CVE-3'],
      removed: ['CVE-1 1', 'CVE-2'],
    });
    expect((await sent(`${OPERATIONS}/${third}`, 'DELETE')).status).toBe(200);
    expect((await sent(OPERATIONS)).etag).toBe(`"${first}"`);
  });
});

describe('a request', () => {
  // None of these requests changes the store.
  beforeAll(open);
  afterAll(() => server.close());

  it.each<[Parameters<typeof sent>[1], string, number]>([
    ['GET', `${OPERATIONS}?kind=x`, 400],
    ['GET', `${OPERATIONS}?latest=maybe`, 400],
    ['GET', `${OPERATIONS}?kind=&latest=`, 200],
    ['POST', OPERATIONS, 405],
    ['HEAD', OPERATIONS, 405],
    ['GET', `${OPERATIONS}/${NOBODY}`, 405],
    ['DELETE', `${OPERATIONS}/x`, 400],
    ['DELETE', `${OPERATIONS}/${NOBODY}`, 400],
    ['GET', DIFFERENCE, 400],
    ['GET', `${DIFFERENCE}?cur=x`, 400],
    ['GET', `${DIFFERENCE}?cur=${NOBODY}`, 400],
    ['GET', `${DIFFERENCE}?cur=${NIL}`, 400],
    ['POST', DIFFERENCE, 405],
  ])('%s %s is %i', async (method, path, status) => {
    expect((await sent(path, method)).status).toBe(status);
  });
});

describe('the difference between two update operations', () => {
  beforeEach(open);
  afterEach(() => server.close());

  it('has the vulnerabilities that only one of them has, and both operations', async () => {
    const [third, second, first] = await operations();
    expect(await difference(`cur=${third?.ref}&prev=${second?.ref}`)).toEqual({ added: ['CVE-3'], removed: ['CVE-2'] });
    expect(await difference(`cur=${second?.ref}&prev=${third?.ref}`)).toEqual({ added: ['CVE-2'], removed: ['CVE-3'] });
    expect(await difference(`cur=${second?.ref}&prev=${first?.ref}`)).toEqual({
      added: ['CVE-1 2'],
      removed: ['CVE-1 1'],
    });
    expect(await difference(`cur=${first?.ref}&prev=${first?.ref}`)).toEqual({ added: [], removed: [] });
    const { body } = await sent(`${DIFFERENCE}/?cur=${third?.ref}&prev=${second?.ref}`);
    expect([body.prev, body.cur]).toEqual([second, third]);
    expect(body.added[0]).toMatchObject({
      id: 'CVE-3',
      updater: 'debian',
      package: { name: 'c', kind: 'source' },
      distribution: { did: 'debian', version_id: '12' },
      links: 'https://tracker.test/CVE-3',
    });
  });

  it('lists all vulnerabilities of the operation as added if prev names no operation', async () => {
    const [third, second, first] = (await operations()).map(({ ref }) => ref);
    expect(await difference(`cur=${third}`)).toEqual({ added: ['CVE-1 2', 'CVE-3'], removed: [] });
    expect(await difference(`cur=${second}&prev=${NIL}`)).toEqual({ added: ['CVE-1 2', 'CVE-2'], removed: [] });
    expect(await difference(`cur=${first}&prev=`)).toEqual({ added: ['CVE-1 1', 'CVE-2'], removed: [] });
    expect((await sent(`${DIFFERENCE}?cur=${first}`)).body.prev).toBeUndefined();
  });

  it('is 400 for operations of two feeds', async () => {
    await publish(store, [advisory('CVE-9', { package: 'z' })], 4000, { feed: 'other' });
    const { body } = await sent(`${OPERATIONS}?latest=1`);
    expect(await difference(`cur=${body.other[0].ref}&prev=${body.debian[0].ref}`)).toBe(400);
  });

  it('is an error, not a partial difference, if older changes are deleted', async () => {
    // The notification prevents the deletion of the changes of CVE-2 and thus of the first operation.
    const [change] = await store.changeLog.read({ after: 1, limit: 1 });
    await store.flags.set('notifier/cursor', '0');
    const notified = { name: 'n', change: change?.id ?? 0, kind: 'new', createdAt: 1 } as const;
    await store.notifications.advance({ from: 0, to: 9, notifications: [notified] });
    await store.retention.apply(await store.retention.plan({ changeLog: 3500 }));
    const [third, first] = (await operations()).map(({ ref }) => ref);
    for (const query of [`cur=${third}&prev=${first}`, `cur=${first}`]) {
      const { status, body } = await sent(`${DIFFERENCE}?${query}`);
      const message = 'housekeeping removed changes of debian after the operation of 1970-01-01T00:00:01.000Z';
      expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
    }
  });

  it('remains known for a feed that changes less often than the log is kept', async () => {
    await store.retention.apply(await store.retention.plan({ changeLog: 3500 }));
    const [third] = (await operations()).map(({ ref }) => ref);
    expect(await difference(`cur=${third}`)).toEqual({ added: ['CVE-1 2', 'CVE-3'], removed: [] });
    await publish(store, [advisory('CVE-3', { package: 'c' })], 9000);
    const [fourth] = (await operations()).map(({ ref }) => ref);
    expect(await difference(`cur=${fourth}&prev=${third}`)).toEqual({ added: [], removed: ['CVE-1 2'] });
  });

  it('names the module of a package, and the binary packages of rpm advisories', async () => {
    const affected = { package: 'perl', namespace: 'rhel:8', module: 'perl:5.30', fixed: '2' } as const;
    await publish(store, [advisory('RHSA-1', affected, { ...affected, role: 'source' })], 4000, { feed: 'redhat' });
    const [own] = (await sent(OPERATIONS)).body.redhat;
    const { body } = await sent(`${DIFFERENCE}?cur=${own.ref}`);
    const [binary, source] = body.added.map((each: { readonly package: object }) => each.package);
    expect(binary).toMatchObject({ name: 'perl', kind: 'binary', module: 'perl:5.30' });
    expect(source).toEqual({ ...binary, kind: 'source' });
  });

  it('has an advisory whose ranges change in both lists, once', async () => {
    const ranges = [
      { package: 'a', introduced: '1', fixed: '3' },
      { package: 'a', introduced: '1.5', fixed: '3' },
    ];
    await publish(store, [advisory('CVE-1', ...ranges)], 4000);
    const [middle] = await operations();
    const later = ranges.map((each) => ({ ...each, introduced: `${each.introduced}.1` }));
    await publish(store, [advisory('CVE-1', ...later)], 5000);
    const [after] = await operations();
    expect(await difference(`prev=${middle?.ref}&cur=${after?.ref}`)).toEqual({
      added: ['CVE-1 3'],
      removed: ['CVE-1 3'],
    });
    expect(await difference(`prev=${middle?.ref}&cur=${middle?.ref}`)).toEqual({ added: [], removed: [] });
  });

  it('has the severities of reports: those of the NVD where the feed has none', async () => {
    await publish(store, [advisory('CVE-2099-0001', { package: 'a', severity: 'Unknown' })], 4000);
    const score = {
      version: '3.1',
      vector: 'v',
      source: 'nvd',
      type: 'primary',
      score: 9.8,
      accessVector: 'network',
      complexity: 'low',
    };
    await store.enrichments.update({
      feed: 'nvd',
      kind: 'cvss',
      fetcherVersion: 1,
      etag: null,
      lastModified: null,
      at: 5000,
      enrichments: [{ cve: 'CVE-2099-0001', value: JSON.stringify([score]) }],
      recordDiagnostics: { count: 0, examples: [] },
    });
    const [latest] = await operations('?latest=true');
    const { body } = await sent(`${DIFFERENCE}?cur=${latest?.ref}`);
    expect(body.added.map((each: { normalized_severity: string }) => each.normalized_severity)).toEqual(['Critical']);
  });
});

it('the difference between two update operations is an error, not a part, above 10,000 changes', async () => {
  store = await memoryStore();
  server = await startPlainApi([V4], { store, knownFeeds: [{ name: 'debian', holds: 'vulnerabilities' }] });
  await publish(store, [advisory('CVE-1', { package: 'a', fixed: '2' }), advisory('CVE-3', { package: 'c' })], 3000);
  const many = Array.from({ length: 10_001 }, (_, at) =>
    advisory(`X-${String(at).padStart(5, '0')}`, { package: 'a' }),
  );
  await publish(store, many, 4000);
  const { debian } = (await server.inject('/matcher/api/v1/internal/update_operation')).json();
  const [newest, former] = debian.map(({ ref }: { readonly ref: string }) => ref);
  for (const query of [`cur=${newest}&prev=${former}`, `cur=${newest}`]) {
    const answer = await server.inject(`/matcher/api/v1/internal/update_diff?${query}`);
    expect([answer.statusCode, answer.json().message]).toEqual([
      400,
      expect.stringContaining('the difference is too large'),
    ]);
  }
  await server.close();
});
