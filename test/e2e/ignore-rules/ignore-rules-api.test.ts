import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { knowImage } from '../../../src/worker/testing/indexed-image.ts';
import { writeOciLayout } from '../../../src/worker/testing/image-builder.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-ignore-rules-'));
let server: ClairServer;
let api: DocumentedApi;
let digest = '';

beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  writeOciLayout(folder, (await buildDemoLayers()).slice(0, 2), 'demo:1');
  digest = (await knowImage(server.clair.worker, `oci:${folder}`)).image.digest;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

type Rule = { readonly name: string; readonly createdBy: string | null; readonly state: string };

const create = async (body: object): Promise<Rule> => (await api.send<Rule>('POST', '/v2/ignore-rules', { body })).body;

const end = async ({ name }: Rule): Promise<void> => {
  expect((await api.send('DELETE', `/v2/ignore-rules/${name}`)).status).toBe(204);
};

type Reported = {
  readonly findings: readonly { readonly id: string; readonly package: string; readonly source: { name: string } }[];
  readonly suppressed: readonly { readonly id: string; readonly suppression: object }[];
};

const report = async (): Promise<Reported> => (await api.send<Reported>('GET', `/v2/images/${digest}/report`)).body;

/** The number of findings of a vulnerability: reported, and suppressed. */
async function countsOf(id: string): Promise<readonly [found: number, suppressed: number]> {
  const { findings, suppressed } = await report();
  return [findings.filter((each) => each.id === id).length, suppressed.filter((each) => each.id === id).length];
}

describe('an ignore rule', () => {
  it('suppresses findings in everything that the server reports, until it ends', async () => {
    const [first] = (await report()).findings;
    const { id = '', source } = first ?? {};
    const [all] = await countsOf(id);
    expect(all).toBeGreaterThan(0);
    const posted = { id: [id], package: source?.name, image: 'demo:1', reason: 'Not reachable', author: 'jane' };
    const rule = await create({ ...posted, expires: '2099-12-31' });
    const stored = {
      name: expect.stringMatching(/^[\da-f-]{36}$/),
      ...posted,
      layer: null,
      expires: '2099-12-31',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      createdBy: null,
      endedAt: null,
      endedBy: null,
      state: 'active',
    };
    expect(rule).toEqual(stored);
    const suppression = {
      by: 'ignore',
      where: `${rule.name} in the database`,
      reason: 'Not reachable',
      author: 'jane',
    };
    expect((await report()).suppressed).toContainEqual(
      expect.objectContaining({ id, suppression: expect.objectContaining(suppression) }),
    );
    expect(await countsOf(id)).toEqual([0, all]);

    type Summary = { readonly suppressed: number };
    expect((await api.send<Summary>('GET', `/v2/images/${digest}`)).body.suppressed).toBe(all);
    type Affected = { readonly images: readonly { readonly findings: readonly { isSuppressed: boolean }[] }[] };
    const affected = (await api.send<Affected>('GET', `/v2/vulnerabilities/${id}/images`)).body;
    expect(affected.images.flatMap(({ findings }) => findings.map((each) => each.isSuppressed))).toEqual(
      Array.from({ length: all }, () => true),
    );
    type Graph = {
      readonly layers: readonly { readonly brings: readonly { readonly id: string; isSuppressed: boolean }[] }[];
    };
    const graph = (await api.send<Graph>('GET', `/v2/images/${digest}/graph`)).body;
    const brought = graph.layers.flatMap(({ brings }) => brings).filter((each) => each.id === id);
    expect(brought.map((each) => each.isSuppressed)).toEqual(Array.from({ length: all }, () => true));
    for (const format of ['openvex', 'cyclonedx', 'sarif']) {
      const { text } = await server.send('GET', `/v2/images/${digest}/report?format=${format}`);
      expect([format, text.includes('Not reachable')]).toEqual([format, true]);
    }

    await end(rule);
    expect(await countsOf(id)).toEqual([all, 0]);
    expect((await api.send<Summary>('GET', `/v2/images/${digest}`)).body.suppressed).toBe(0);
    const ended = { ...stored, endedAt: expect.stringMatching(/Z$/), state: 'ended' };
    expect(await api.ask('GET', `/v2/ignore-rules/${rule.name}`)).toEqual([200, ended]);
    expect(await api.ask('DELETE', `/v2/ignore-rules/${rule.name}`)).toMatchObject([
      404,
      {
        error: {
          code: 'ignore-rule/not-found',
          message: `ignore rule ${rule.name} not found or already ended`,
        },
      },
    ]);
  });

  it('changes the stored counts of images', async () => {
    const counted = async (): Promise<number> => {
      const counter = server.clair.counter({ info() {}, warn() {}, error() {} });
      // A recount that finds no images to count records that all counts are current.
      while ((await counter.recount(new AbortController().signal)) > 0);
      type Images = { readonly images: readonly { readonly suppressed: number }[]; readonly isCurrent: boolean };
      const { images, isCurrent } = (await api.send<Images>('GET', '/v2/images')).body;
      expect(isCurrent).toBe(true);
      return images[0]?.suppressed ?? -1;
    };
    expect(await counted()).toBe(0);
    const [first] = (await report()).findings;
    const rule = await create({ id: [first?.id], reason: 'r' });
    expect(await counted()).toBeGreaterThan(0);
    await end(rule);
    expect(await counted()).toBe(0);
  });

  it('suppresses findings of Clair v4 and Harbor clients', async () => {
    const [first] = (await report()).findings;
    const rule = await create({ id: [first?.id], reason: 'r' });
    type V4 = { readonly suppressed: readonly { readonly name: string; readonly where: string }[] };
    const v4 = await server.get<V4>(`/matcher/api/v1/vulnerability_report/${digest}`);
    expect(v4.status).toBe(200);
    expect(v4.body.suppressed).toContainEqual(
      expect.objectContaining({ name: first?.id, where: `${rule.name} in the database` }),
    );
    await end(rule);
    const after = await server.get<V4>(`/matcher/api/v1/vulnerability_report/${digest}`);
    expect(after.body.suppressed).toEqual([]);
  });

  it.each<[object, string]>([
    [{ reason: 'r' }, 'an entry must have an id or a package'],
    [{ id: ['CVE-1'], reason: '' }, 'reason must be text'],
    [{ package: 'a', reason: 'r', expires: '2020-01-01' }, 'expires is in the past'],
    [{ package: 'a', reason: 'r', image: '!' }, 'image must be a digest'],
  ])('is rejected with its fault: %j', async (body, message) => {
    const error = { code: 'ignore-rule/invalid', message: expect.stringContaining(message) };
    expect(await api.ask('POST', '/v2/ignore-rules', body)).toMatchObject([400, { error }]);
  });

  it.each(['packages', 'images', 'expire'])(
    'is rejected with the misspelled key %s, which would widen it',
    async (key) => {
      const body = { id: ['CVE-1'], reason: 'r', [key]: '2099-12-01' };
      const error = {
        code: 'request/invalid',
        message: expect.stringContaining(`unknown key "${key}": use id, package`),
      };
      expect(await api.ask('POST', '/v2/ignore-rules', body)).toMatchObject([400, { error }]);
    },
  );

  it('has at most 64 KiB', async () => {
    const body = { id: Array.from({ length: 1000 }, (_, number) => `CVE-${number}-${'0'.repeat(70)}`), reason: 'r' };
    const { status } = await server.send('POST', '/v2/ignore-rules', { body });
    expect(status).toBe(413);
  });
});

describe('the list of ignore rules', () => {
  const list = async (
    query: string,
  ): Promise<[total: string | null, rules: readonly string[], link: string | null]> => {
    type List = { readonly ignoreRules: readonly { readonly reason: string }[] };
    const { body, headers } = await server.send<List>('GET', `/v2/ignore-rules?${query}`);
    return [headers.get('x-total-count'), body.ignoreRules.map(({ reason }) => reason), headers.get('link')];
  };

  it('has totals, pages and filters', async () => {
    for (const reason of ['list one', 'list two', 'list three']) await create({ package: 'made-up', reason });
    expect(await list('search=LIST%20t')).toEqual(['2', ['list three', 'list two'], null]);
    const [total, first, link] = await list('search=list&limit=2');
    expect([total, first]).toEqual(['3', ['list three', 'list two']]);
    const next = /<\?(.*)>; rel="next"/.exec(link ?? '')?.[1] ?? '';
    expect(await list(next)).toEqual(['3', ['list one'], null]);
    const token = new URLSearchParams(next).get('page') ?? '';
    expect(await api.ask('GET', `/v2/ignore-rules?state=ended&page=${token}`)).toMatchObject([
      400,
      { error: { code: 'request/page-invalid' } },
    ]);
    expect((await list('state=expired'))[0]).toBe('0');
  });

  it('rejects unknown parameters and states', async () => {
    const error = { code: 'request/invalid' };
    expect(await api.ask('GET', '/v2/ignore-rules?status=active')).toMatchObject([400, { error }]);
    expect(await api.ask('GET', '/v2/ignore-rules?state=dead')).toMatchObject([400, { error }]);
  });
});

describe('with tokens, an ignore rule', () => {
  const keys = {
    full: { key: new Uint8Array(32).fill(1), issuers: ['ci'] },
    readOnly: { key: new Uint8Array(32).fill(2), issuers: ['ci'] },
  };
  let locked: ClairServer;
  beforeAll(async () => {
    locked = await startClairServer([], { tokens: keys });
  });
  afterAll(() => locked.close());

  async function send(key: Uint8Array, subject: string | null, method: string, path: string): Promise<[number, Rule]> {
    const token = new SignJWT(subject === null ? {} : { sub: subject })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('ci')
      .setExpirationTime('1m');
    const headers = { authorization: `Bearer ${await token.sign(key)}` };
    const body = method === 'POST' ? { package: 'a', reason: 'r' } : undefined;
    const answer = await locked.send<Rule>(method, path, { headers, ...(body && { body }) });
    return [answer.status, answer.body];
  }

  it('keeps the subjects of the tokens that created and ended it; without a subject, the issuer', async () => {
    const [status, rule] = await send(keys.full.key, 'jane', 'POST', '/v2/ignore-rules');
    expect([status, rule.createdBy]).toEqual([201, 'jane']);
    const path = `/v2/ignore-rules/${rule.name}`;
    expect((await send(keys.full.key, null, 'DELETE', path))[0]).toBe(204);
    expect(await send(keys.readOnly.key, 'joe', 'GET', path)).toMatchObject([
      200,
      { createdBy: 'jane', endedBy: 'ci', state: 'ended' },
    ]);
  });

  it('cannot be created or ended with read-only access', async () => {
    const [, rule] = await send(keys.full.key, 'jane', 'POST', '/v2/ignore-rules');
    expect((await send(keys.readOnly.key, 'joe', 'POST', '/v2/ignore-rules'))[0]).toBe(403);
    expect((await send(keys.readOnly.key, 'joe', 'DELETE', `/v2/ignore-rules/${rule.name}`))[0]).toBe(403);
    expect((await send(keys.readOnly.key, 'joe', 'GET', `/v2/ignore-rules/${rule.name}`))[1].state).toBe('active');
  });
});

it('an ignore rule of the database applies beside the files of the server, and names itself in diagnostics after its end', async () => {
  const file = join(folder, 'ignore.yaml');
  writeFileSync(file, '- {package: none-such, reason: r}\n');
  const both = await startClairServer([], {}, { suppressionFiles: [file] });
  await both.clair.updater.update('debian', { from: DEMO_FEED });
  const { image } = await knowImage(both.clair.worker, `oci:${folder}`);
  const { findings } = (await both.get<Reported>(`/v2/images/${image.digest}/report`)).body;
  const entry = { id: [findings[0]?.id ?? ''], reason: 'r', expires: '2020-01-01' };
  await both.clair.store.ignoreRules.add({ name: 'old', entry, at: 1, by: null });
  type Diagnosed = { readonly diagnostics: readonly object[] };
  const { diagnostics } = (await both.get<Diagnosed>(`/v2/images/${image.digest}/report`)).body;
  expect(diagnostics).toContainEqual(
    expect.objectContaining({ code: 'suppression-expired', where: 'ignore rules in the database' }),
  );
  await both.close();
});
