import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../database/contracts/store.ts';
import { memoryStore } from '../../../database/testing/memory-store.ts';
import { advisory, deb } from '../../../database/testing/packages.ts';
import { knowLayer, publish } from '../../../database/testing/store-content.ts';
import { NO_CONTENTS } from '../../../database/testing/stores.ts';
import type { Digest } from '../../../model/digest.ts';
import { startPlainApi } from '../../testing/plain-api.ts';
import type { AnswerPool, PooledRequest } from '../../threads/pooled-answer.ts';
import { V4 } from '../family.ts';
import { affectedManifests } from './posted-manifests.ts';
import { readPosted } from './posted-vulnerabilities.ts';

const PATH = '/indexer/api/v1/internal/affected_manifest';
const VENDOR = 'application/vnd.clair.affected_manifests.v1+json';
const DEBIAN = { did: 'debian', name: 'Debian GNU/Linux', version_id: '12' };

const OLD = digestOf('1');
const NEW = digestOf('2');

/** The API of a store that no test changes. */
let store: Store;
let server: FastifyInstance;
beforeAll(async () => {
  store = await filledStore();
  server = await startPlainApi([V4], { store });
});
afterAll(() => server.close());

async function filledStore(): Promise<Store> {
  const filled = await memoryStore();
  await image(filled, OLD, [deb('a', '1'), deb('b', '1')]);
  await image(filled, NEW, [deb('a', '5'), deb('b', '1')]);
  await publish(filled, [
    advisory('CVE-1', { package: 'a', fixed: '2', severity: 'High' }),
    advisory('CVE-2', { package: 'b', severity: 'Defcon1' }, { package: 'a', introduced: '4', fixed: '9' }),
  ]);
  return filled;
}

function digestOf(digit: string): Digest {
  return `sha256:${digit.repeat(64)}`;
}

async function image(to: Store, digest: Digest, packages: Parameters<typeof knowLayer>[2]): Promise<void> {
  const { id: leaf } = await knowLayer(to, `layer of ${digest}`, packages);
  await to.images.record({ ...NO_CONTENTS, digest, reference: '', target: '', platform: '', leaf, scannedAt: 1 });
}

async function posted(body: unknown, headers: Record<string, string> = {}, path = PATH, to = server) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await to.inject({ method: 'POST', url: path, payload, headers });
  return {
    status: answer.statusCode,
    type: answer.headers['content-type'],
    headers: answer.headers,
    body: answer.json(),
  };
}

const one = (name: string, given: object = {}): object => ({ id: '7', name, distribution: DEBIAN, ...given });

describe('the images that posted vulnerabilities affect', () => {
  it('have the IDs of the request, the most severe first, with all members of a vulnerability', async () => {
    const vulnerabilities = [
      { ...one('CVE-1', { id: '41' }), normalized_severity: 'High', fixed_in_version: '2', package: { name: 'a' } },
      { ...one('CVE-2', { id: '42' }), normalized_severity: 'Critical', package: { name: 'b', source: null } },
      { ...one('CVE-3', { id: '43' }), package: { name: 'none' } },
    ];
    const { status, body } = await posted({ vulnerabilities });
    expect(status).toBe(200);
    expect(body.vulnerable_manifests).toEqual({ [OLD]: ['42', '41'], [NEW]: ['42'] });
    expect(Object.keys(body.vulnerabilities)).toEqual(['41', '42', '43']);
    expect(body.vulnerabilities['42']).toEqual({
      id: '42',
      updater: '',
      name: 'CVE-2',
      description: '',
      links: '',
      severity: '',
      normalized_severity: 'Critical',
      package: { id: '', name: 'b', version: '', kind: 'source', normalized_version: '', cpe: '' },
      distribution: expect.objectContaining({ did: 'debian', version_id: '12', version_code_name: '', cpe: '' }),
      fixed_in_version: '',
    });
    expect([body.problems, body.incomplete]).toEqual([[], false]);
  });

  it.each<[string, object, readonly string[]]>([
    ['the stored range of the package', one('CVE-2', { package: { name: 'a' }, fixed_in_version: '9' }), [NEW]],
    ['all stored packages, without a package', one('CVE-2'), [OLD, NEW]],
    [
      'the package in the request, for an unknown advisory',
      one('X', { package: { name: 'a' }, fixed_in_version: '3' }),
      [OLD],
    ],
    ['all versions, for an unknown advisory without a fix', one('X', { package: { name: 'a' } }), [OLD, NEW]],
    ['no version, if the fixed version is 0', one('X', { package: { name: 'a' }, fixed_in_version: '0' }), []],
    [
      'no image of another distribution',
      one('X', { package: { name: 'a' }, dist: DEBIAN, distribution: { did: 'debian', version_id: '11' } }),
      [],
    ],
    ['the distribution of older releases', { name: 'X', package: { name: 'a' }, dist: DEBIAN }, [OLD, NEW]],
  ])('are those of %s', async (_what, vulnerability, expected) => {
    const { body } = await posted({ vulnerabilities: [vulnerability] });
    expect([Object.keys(body.vulnerable_manifests).toSorted(), body.incomplete]).toEqual([expected, false]);
  });

  it('are those of the advisory before its withdrawal or change', async () => {
    const changed = await filledStore();
    await publish(changed, [advisory('CVE-2', { package: 'a', introduced: '1', fixed: '2' })], 2000);
    const former = one('CVE-2', { updater: 'debian', package: { name: 'a' }, fixed_in_version: '9' });
    const withdrawn = one('CVE-1', { id: '8', updater: 'debian', package: { name: 'a' }, fixed_in_version: '2' });
    const own = await startPlainApi([V4], { store: changed });
    const { body } = await posted({ vulnerabilities: [former, withdrawn] }, {}, PATH, own);
    expect(body.vulnerable_manifests).toEqual({ [NEW]: ['7'], [OLD]: ['8'] });
    await own.close();
  });

  it('are returned for a list of summaries, too, which have no ID', async () => {
    const summary = { name: 'CVE-1', severity: 'High', package: { name: 'a' }, fixed_in_version: '2', repo: null };
    const { body } = await posted([
      summary,
      { ...summary, name: 'CVE-2', severity: 'important', fixed_in_version: '9' },
      summary,
    ]);
    expect(body.vulnerable_manifests).toEqual({ [OLD]: ['CVE-1', 'CVE-1~2'], [NEW]: ['CVE-2'] });
    expect(body.vulnerabilities['CVE-1'].normalized_severity).toBe('High');
    expect(body.vulnerabilities['CVE-2']).toMatchObject({ severity: 'important', normalized_severity: 'Unknown' });
  });

  it.each<[string, object]>([
    ['no package', one('X')],
    ['a binary package, which Debian advisories do not name', one('X', { package: { name: 'a', kind: 'binary' } })],
    [
      'a distribution without a version',
      { id: '7', name: 'X', package: { name: 'a' }, distribution: { did: 'debian' } },
    ],
    ['no distribution', { id: '7', name: 'X', package: { name: 'a' } }],
    ['an unknown distribution', one('X', { package: { name: 'a' }, distribution: { did: 'mine', version_id: '1' } })],
    ['an unknown repository', { id: '7', name: 'X', package: { name: 'a' }, repository: { name: 'mine' } }],
  ])('are incomplete for an unknown advisory with %s', async (_what, vulnerability) => {
    const { status, headers, body } = await posted({ vulnerabilities: [vulnerability] });
    expect([status, headers['clair-problems'], body.incomplete]).toEqual([200, 'vulnerability/not-found', true]);
    expect(body.problems).toEqual([
      { code: 'vulnerability/not-found', message: expect.stringContaining('X'), where: '7' },
    ]);
  });

  it('are requested by at most 1000 vulnerabilities', async () => {
    const many = (count: number): readonly object[] =>
      Array.from({ length: count }, (_, at) => ({ id: `${at}`, name: 'CVE-X' }));
    const { status, body } = await posted({ vulnerabilities: many(1000) });
    expect([status, body.problems.length]).toEqual([200, 1000]);
    expect(await posted(many(1001))).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  });

  it('are an error, not a part, if the response would be too long', async () => {
    const named = readPosted([{ name: 'CVE-1' }, { name: 'CVE-2' }]);
    const { signal } = new AbortController();
    const ids = async (all: typeof named, maxLength: number): Promise<unknown> =>
      [...(await affectedManifests(store, all, { signal, maxLength })).manifests.values()].flat().length;
    expect(await ids(named, 250)).toBe(3);
    await expect(ids(named, 150)).rejects.toThrow(/would exceed .*: send fewer vulnerabilities/);
    await expect(ids(named.slice(1), 150)).rejects.toThrow('use GET /v2/vulnerabilities/{id}/images');
  });

  it('are computed in a thread, which also parses the body', async () => {
    const requests: PooledRequest[] = [];
    const answers: AnswerPool = {
      answer: async (request) => {
        requests.push(request);
        return { headers: { 'content-type': 'application/json; charset=utf-8' }, asked: [], body: '{}' };
      },
      close: async () => undefined,
    };
    const threaded = await startPlainApi([V4], { answers });
    try {
      const answer = await threaded.inject({
        method: 'POST',
        url: PATH,
        payload: '[not JSON',
        headers: { accept: VENDOR },
      });
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, VENDOR]);
      expect(requests).toEqual([{ url: PATH, accept: VENDOR, body: '[not JSON' }]);
    } finally {
      await threaded.close();
    }
  });

  it.each<[string, unknown, number]>([
    ['text that is not JSON', '{', 400],
    ['no vulnerabilities', {}, 400],
    ['vulnerabilities that are no list', { vulnerabilities: {} }, 400],
    ['a vulnerability without a name', [{ id: '1' }], 400],
    ['an unknown severity', [{ name: 'a', normalized_severity: 'high' }], 400],
    ['an ID twice', [one('CVE-1'), one('CVE-2')], 400],
    ['a package that is a text', [one('CVE-1', { package: 'a' })], 400],
    ['just below 4 MiB', [one('CVE-1', { description: 'x'.repeat(4 * 1024 * 1024 - 500) })], 200],
    ['more than 4 MiB', [one('CVE-1', { description: 'x'.repeat(4 * 1024 * 1024) })], 413],
    ['an updater of 21 feeds', [one('CVE-1', { updater: Array.from({ length: 21 }, () => 'a').join('+') })], 400],
    ['an updater of 20 feeds', [one('CVE-1', { updater: Array.from({ length: 20 }, () => 'a').join('+') })], 200],
    ['an empty list', [], 200],
  ])('for %s are %i', async (_what, body, status) => {
    expect((await posted(body)).status).toBe(status);
  });

  it.each<[string, number, string]>([
    ['*/*', 200, 'application/json; charset=utf-8'],
    ['application/json', 200, 'application/json; charset=utf-8'],
    [VENDOR, 200, VENDOR],
    ['text/html', 415, 'application/json; charset=utf-8'],
  ])('with Accept: %s are %i as %s', async (accept, status, type) => {
    const answer = await posted(
      [one('CVE-1')],
      { accept, 'content-type': 'application/vnd.clair.vulnerability_summaries.v1+json' },
      `${PATH}/`,
    );
    expect([answer.status, answer.type]).toEqual([status, type]);
  });

  it('are 405 for other methods', async () => {
    for (const url of [PATH, `${PATH}/`]) expect((await server.inject({ method: 'GET', url })).statusCode).toBe(405);
  });
});
