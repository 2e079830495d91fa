import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report/report.ts';
import type { ImageSummary } from '../../../src/report/image/image-summary.ts';
import type { ImageGraph } from '../../../src/report/graph/image-graph.ts';
import { FORMATS } from '../../../src/report/index.ts';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { KNOWN_FEEDS } from '../../../src/compose/known-feeds.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { writeOciLayout } from '../../../src/worker/testing/image-builder.ts';
import { knowImage } from '../../../src/worker/testing/indexed-image.ts';

type Images = {
  readonly images: readonly ImageSummary[];
  readonly nextPage: string | null;
  readonly isCurrent: boolean;
};

type Overview = {
  readonly images: object;
  readonly worst: readonly ImageSummary[];
};

type Upgrades = {
  readonly upgrades: readonly { readonly command: string | null; readonly fixed: number }[];
  readonly fixes: number;
  readonly findings: number;
};

const UNKNOWN = `sha256:${'0'.repeat(64)}`;
const unknown = (code: string): object => ({
  error: { code, message: expect.any(String), remedy: expect.stringMatching(/\.$/) },
});

let server: ClairServer;
let api: DocumentedApi;
let scanned: Report;
beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  const demo = await buildDemoLayers();
  for (const count of [1, 2, 4]) {
    const folder = join(server.folder, `image-${count}`);
    writeOciLayout(folder, demo.slice(0, count), count === 4 ? 'Demo:1' : 'base:1');
    const { image, layers } = await knowImage(server.clair.worker, `oci:${folder}`);
    scanned = await server.clair.report(image, layers);
  }
  await server.clair.counter(pino({ level: 'silent' })).recount(new AbortController().signal);
});
afterAll(() => server.close());

function timeless(report: Report): object {
  return { ...report, createdAt: '', feeds: report.feeds.map((feed) => ({ ...feed, ageSeconds: 0 })) };
}

describe('the report of an image', () => {
  it('equals the report of its scan, without the image', async () => {
    const { status, type, body } = await api.send<Report>('GET', `/v2/images/${scanned.target.digest}/report`);
    expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body.layers.map(({ createdBy, size }) => [createdBy, size !== null])).toEqual([
      ['debootstrap bookworm', true],
      ['RUN apt-get install curl openssl', true],
      ['RUN apt-get upgrade', true],
      ['RUN apt-get remove curl libcurl4', true],
    ]);
    expect(timeless(body)).toEqual(JSON.parse(JSON.stringify(timeless(scanned))));
  });

  it.each(FORMATS.map(({ id, mediaType }) => [id, mediaType] as const))('as %s is %s', async (id, mediaType) => {
    const response = await fetch(`${server.url}/v2/images/${scanned.target.digest}/report?format=${id}`);
    expect([response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([200, mediaType]);
    expect(response.headers.get('content-security-policy')).toBe('sandbox allow-scripts');
    expect(await response.text()).toContain('CVE-2099-0002');
  });

  it.each([
    [`${UNKNOWN}/report`, 404, 'image/unknown'],
    ['demo:1/report', 400, 'request/invalid'],
    [`${UNKNOWN.toUpperCase()}/report`, 400, 'request/invalid'],
    [`${UNKNOWN}/report?format=pdf`, 400, 'request/invalid'],
    [`${UNKNOWN}/nothing`, 404, 'request/not-found'],
  ])('at %s is %i', async (path, status, code) => {
    expect(await api.ask('GET', `/v2/images/${path}`)).toEqual([status, unknown(code)]);
  });
});

describe('the list of images', () => {
  it('has the newest image first, each with the counts of its report', async () => {
    const { body } = await api.send<Images>('GET', '/v2/images');
    expect(body.images.map(({ layers }) => layers)).toEqual([4, 2, 1]);
    expect(body.nextPage).toBeNull();
    const { findings, packages } = scanned;
    expect(body.images[0]).toMatchObject({
      digest: scanned.target.digest,
      reference: scanned.target.reference,
      distribution: { namespace: 'debian:12' },
      packages: packages.length,
      fixable: findings.filter(({ fixedIn }) => fixedIn !== null).length,
      severities: { Critical: 0, Low: findings.filter(({ severity }) => severity === 'Low').length },
      kev: 0,
      isIncomplete: false,
      countState: 'counted',
      isCurrent: true,
    });
  });

  it('has pages, with each image once', async () => {
    const seen: number[] = [];
    for (let page: string | null = ''; page !== null; ) {
      const { body }: { body: Images } = await api.send<Images>('GET', `/v2/images?limit=1&page=${page}`);
      seen.push(...body.images.map(({ layers }) => layers));
      page = body.nextPage;
    }
    expect(seen).toEqual([4, 2, 1]);
  });

  it('has its total, the next page as a link, and a look-up by tag', async () => {
    const first = await fetch(`${server.url}/v2/images?limit=2&search=base`);
    expect([first.headers.get('x-total-count'), first.headers.get('link')]).toEqual(['2', null]);
    const one = await fetch(`${server.url}/v2/images?limit=1&search=base`);
    expect(one.headers.get('x-total-count')).toBe('2');
    const next = /^<(\?[^>]+)>; rel="next"$/.exec(one.headers.get('link') ?? '')?.[1] ?? '';
    const rest: Images = (await (await fetch(new URL(next, `${server.url}/v2/images`))).json()) as Images;
    expect([rest.images.map(({ layers }) => layers), rest.nextPage]).toEqual([[1], null]);
    const { reference } = scanned.target;
    const { body } = await api.send<Images>('GET', `/v2/images?reference=${encodeURIComponent(reference)}`);
    expect(body.images.map((image) => image.reference)).toEqual([reference]);
    expect((await api.send<Images>('GET', '/v2/images?reference=none:1')).body.images).toEqual([]);
  });

  it('agrees with the numbers of the overview', async () => {
    const total = async (query: string): Promise<number> =>
      Number((await fetch(`${server.url}/v2/images?${query}`)).headers.get('x-total-count'));
    const { body } = await api.send<Overview>('GET', '/v2/overview');
    expect(body.images).toEqual({
      total: 3,
      exploited: await total('exploited=true'),
      fixableHigh: await total('fixableHigh=true'),
      incomplete: await total('incomplete=true'),
      waiting: 0,
    });
    expect(body.worst.map(({ digest }) => digest)).toHaveLength(3);
    expect(body).toMatchObject({
      isCurrent: (await api.send<Images>('GET', '/v2/images')).body.isCurrent,
      endOfLife: [],
      feeds: {
        fresh: 1,
        failing: [],
        enrichments: ['epss', 'kev', 'nvd'].map((name) => ({ name, state: 'never updated', ageSeconds: null })),
      },
      week: { scanned: 3, advisories: { added: 0, changed: 0, withdrawn: 0 }, isWhole: true },
    });
  });

  it('lists the upgrades of an image, each with a command', async () => {
    const { body } = await api.send<Upgrades>('GET', `/v2/images/${scanned.target.digest}/upgrades`);
    expect(body.findings).toBe(scanned.findings.length);
    expect(body.upgrades.reduce((sum, { fixed }) => sum + fixed, 0)).toBe(body.fixes);
    for (const { command } of body.upgrades) expect(command).toMatch(/^apt-get update && apt-get install -y/);
  });

  it('filters by a part of the reference in any case, with separate pages', async () => {
    const found = async (query: string): Promise<Images> => (await api.send<Images>('GET', `/v2/images?${query}`)).body;
    expect((await found('search=DEMO')).images.map(({ layers }) => layers)).toEqual([4]);
    expect((await found('search=none')).images).toEqual([]);
    const { nextPage } = await found('search=base&limit=1');
    expect((await found(`search=base&page=${nextPage}`)).images.map(({ layers }) => layers)).toEqual([1]);
    expect(await api.ask('GET', `/v2/images?page=${nextPage}`)).toEqual([400, unknown('request/page-invalid')]);
  });

  it('sorts and filters by the stored counts, and rejects page tokens of another list', async () => {
    const found = async (query: string): Promise<readonly number[]> =>
      (await api.send<Images>('GET', `/v2/images?${query}`)).body.images.map(({ layers }) => layers);
    const counts = new Map(
      (await api.send<Images>('GET', '/v2/images')).body.images.map(({ layers, severities }) => [layers, severities]),
    );
    const sum = (layers: number): number => Object.values(counts.get(layers)!).reduce((all, count) => all + count, 0);
    expect(await found('sort=findings')).toEqual([4, 2, 1].toSorted((one, other) => sum(other) - sum(one) || 0));
    expect(await found('sort=reference')).toEqual([4, 1, 2]);
    expect(await found('sort=severity&limit=1')).toEqual([2]);
    expect(await found('distribution=debian:12&fixable=true')).toEqual(expect.arrayContaining([1]));
    expect(await found('distribution=alpine:v3.20')).toEqual([]);
    expect(await found('severity=Defcon1')).toEqual([]);
    expect(await found('exploited=true')).toEqual([]);
    expect(await found('incomplete=true')).toEqual([]);
    const { nextPage } = (await api.send<Images>('GET', '/v2/images?sort=severity&limit=1')).body;
    for (const other of ['sort=findings', 'sort=severity&fixable=true', '']) {
      const refused = await api.ask('GET', `/v2/images?${other}&page=${nextPage}`);
      expect(refused).toEqual([400, unknown('request/page-invalid')]);
    }
    expect(await found(`sort=severity&limit=9&page=${nextPage}`)).toHaveLength(2);
  });

  it.each([
    'sort=age',
    'sort=',
    'severity=high',
    'severity=Worst',
    'fixable=false',
    'exploited=1',
    'incomplete=',
    'feeds=old',
  ])('with ?%s is rejected', async (query) => {
    expect(await api.ask('GET', `/v2/images?${query}`)).toEqual([400, unknown('request/invalid')]);
  });

  it.each(['limit=0', 'limit=-1', 'limit=x', `search=${'x'.repeat(257)}`, 'page=x'])(
    'with ?%s is rejected',
    async (query) => {
      expect((await api.ask('GET', `/v2/images?${query}`))[0]).toBe(400);
    },
  );
});

it('the graph of an image has its layers with their changes', async () => {
  const { body } = await api.send<Pick<ImageGraph, 'layers' | 'lines'>>(
    'GET',
    `/v2/images/${scanned.target.digest}/graph`,
  );
  expect(body.layers.map(({ createdBy }) => createdBy)).toEqual(scanned.layers.map(({ createdBy }) => createdBy));
  expect(body.layers[2]?.repairs).toContainEqual(
    expect.objectContaining({ id: 'CVE-2099-0001', package: 'openssl', isSuppressed: false }),
  );
  const line = body.lines.find(({ name }) => name === 'openssl');
  expect(line?.intervals).toContainEqual(expect.objectContaining({ vulnerability: 'CVE-2099-0001', from: '0' }));
  expect(line?.points.map(({ layer, until }) => [layer, until])).toEqual([
    [0, 2],
    [2, null],
  ]);
  expect(await api.ask('GET', `/v2/images/${UNKNOWN}/graph`)).toEqual([404, unknown('image/unknown')]);
});

describe('an image', () => {
  it('has the other images of its reference as its history', async () => {
    const { body: list } = await api.send<Images>('GET', '/v2/images?search=base');
    const [newer, older] = list.images;
    const { body } = await api.send<{ history: object[] }>('GET', `/v2/images/${newer?.digest}`);
    expect(body).toEqual({
      ...newer,
      countedAt: expect.any(String),
      history: [{ digest: older?.digest, platform: 'linux/amd64', scannedAt: older?.scannedAt }],
    });
    expect(await api.ask('GET', `/v2/images/${UNKNOWN}`)).toEqual([404, unknown('image/unknown')]);
  });

  it('is deleted', async () => {
    const { body: list } = await api.send<Images>('GET', '/v2/images?search=base');
    const path = `/v2/images/${list.images[1]?.digest}`;
    expect(await api.send('DELETE', path)).toMatchObject({ status: 204, text: '' });
    expect(await api.ask('DELETE', path)).toEqual([404, unknown('image/unknown')]);
    expect(await api.ask('GET', path)).toEqual([404, unknown('image/unknown')]);
  });
});

it('the OpenAPI document of v2 has only v2 routes', async () => {
  const { body } = await server.get<{ paths: object }>('/v2/openapi.json');
  const paths = new Set(api.operations.map((operation) => operation.split(' ')[1]));
  expect(Object.keys(body.paths)).toEqual([...paths].filter((path) => path?.startsWith('/v2/')));
});

it.each<[string, readonly string[] | undefined, number]>([
  ['all known feeds by default', undefined, KNOWN_FEEDS.length],
  ['only the selected feeds', ['debian', 'kev'], 2],
])('the overview counts never updated feeds: %s', async (_, selectedFeeds, neverUpdated) => {
  const own = await startClairServer([], selectedFeeds && { selectedFeeds });
  try {
    const { body } = await own.get('/v2/overview');
    expect(body).toMatchObject({ feeds: { fresh: 0, failing: [], neverUpdated } });
  } finally {
    await own.close();
  }
});
