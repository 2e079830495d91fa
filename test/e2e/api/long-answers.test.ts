import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_HARBOR_SETTINGS } from '../../../src/api/harbor/settings.ts';
import { createAnswerPool } from '../../../src/api/threads/answer-pool.ts';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import { type Digest, digestOfHex } from '../../../src/model/digest.ts';
import { DETECTORS } from '../../../src/worker/detectors/index.ts';
import { createLocalWorker } from '../../../src/worker/testing/local-worker.ts';
import { buildLayer } from '../../../src/worker/testing/image-builder.ts';

const FEED = pathToFileURL(
  fileURLToPath(new URL('../../../src/updater/testing/debian-feed.json', import.meta.url)),
).href;

const folder = mkdtempSync(join(tmpdir(), 'clair-long-answers-'));
const database = { type: 'sqlite', path: join(folder, 'clair.db') } as const;

const POOL_OPTIONS = {
  database,
  suppressionFiles: [],
  pageTokenKey: Buffer.alloc(32).toString('base64url'),
  harbor: DEFAULT_HARBOR_SETTINGS,
  engineVersion: 1,
};
const DIGEST = `sha256:${'1'.repeat(64)}` satisfies Digest;
const LARGE = `sha256:${'2'.repeat(64)}` satisfies Digest;

/** The first server computes responses in its main thread; the second server has threads for long responses. */
let clairs: readonly [Clair, Clair];
let servers: readonly [FastifyInstance, FastifyInstance];
let layer = '';

function statusOf(names: readonly string[]): string {
  const stanza = (name: string): string =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\nDescription: x\n`;
  return names.map(stanza).join('\n');
}

async function know(clair: Clair, digest: Digest, names: readonly string[]): Promise<string> {
  const contents = [{ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' }, { 'var/lib/dpkg/status': statusOf(names) }];
  const tars = await Promise.all(contents.map(buildLayer));
  const layers = tars.map((tar) => {
    const diffId = digestOfHex(createHash('sha256').update(tar).digest('hex'));
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield tar;
    }
    return { source: { where: diffId, diffId, open: async () => bytes() }, digest: diffId, diffId, createdBy: 'RUN x' };
  });
  const image = {
    kind: 'oci' as const,
    reference: `x:${names.length}`,
    target: 'oci:/x',
    digest,
    platform: 'linux/amd64',
    layers,
  };
  // The worker has no threads, because this test measures only reads.
  const worker = createLocalWorker({ store: clair.store, detectors: DETECTORS });
  const known = await worker.analyzeImage({ ...image, close: async () => {} });
  return known.at(-1)?.name ?? '';
}

beforeAll(async () => {
  const settings = { addresses: { debian: FEED } };
  clairs = [
    await composeClair(database, { updater: settings }),
    await composeClair(database, { updater: settings, threads: 1 }),
  ];
  const options = { allowedPaths: [], allowedHosts: [], log: pino({ level: 'silent' }) };
  const pageTokenKey = Buffer.alloc(32, 1).toString('base64url');
  servers = [await clairs[0].api({ ...options, pageTokenKey }), await clairs[1].api({ ...options, pageTokenKey })];
  await clairs[0].updater.update('debian');
  const named = await clairs[0].store.vulnerabilities.find('CVE-2023-0464');
  const affected = named.flatMap((each) => each.affected.map(({ package: name }) => name));
  layer = await know(clairs[0], DIGEST, [...new Set([...affected, 'openssl', 'bash'])]);
  await know(
    clairs[0],
    LARGE,
    Array.from({ length: 12_000 }, (_none, index) => `package-${index}`),
  );
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await Promise.all(clairs.map((clair) => clair.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** Returns the text without the time of the report, and without values derived from the time. */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, 'TIME')
    .replaceAll(/"ageSeconds": ?\d+|"gAAAA[\w=-]+"/g, 'NOW')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID');
}

async function answers(url: string): Promise<readonly object[]> {
  const both = [];
  for (const server of servers) {
    const { statusCode, headers, body } = await server.inject({ method: 'GET', url });
    const { date: _date, etag: _etag, 'x-request-id': _id, 'request-id': _name, ...told } = headers;
    const length = told['content-length'];
    // A page token contains the time of its creation.
    const link = String(told['link']).replace(/page=gAAAA[\w%-]+/, 'page=TOKEN');
    both.push({ statusCode, headers: { ...told, link, 'content-length': length && 'some' }, body: withoutTimes(body) });
  }
  return both;
}

describe('a long response', () => {
  it.each([
    '/v2/images',
    '/v2/images?limit=1',
    '/v2/images?limit=none',
    '/v2/images?page=nonsense',
    `/v2/images/${DIGEST}`,
    `/v2/images/sha256:${'0'.repeat(64)}`,
    `/v2/images/${DIGEST}/report`,
    ...['sarif', 'cyclonedx', 'spdx', 'openvex', 'html', 'junit', 'markdown', 'table', 'none'].map(
      (format) => `/v2/images/${DIGEST}/report?format=${format}`,
    ),
    `/v2/images/${DIGEST}/graph`,
    `/v2/images/${DIGEST}/changes?since=2020-01-01`,
    '/v1/layers/LAYER?features&vulnerabilities',
    '/v1/layers/LAYER/packages',
    '/v1/layers/LAYER/packages/diff',
    '/v1/layers/LAYER/vulnerabilities?minimumPriority=Unknown',
    '/v1/layers/LAYER/vulnerabilities/diff?minimumPriority=Unknown',
    '/v1/layers/LAYER/os',
    '/v1/namespaces/debian:12/vulnerabilities?limit=2',
    '/v1/namespaces/none/vulnerabilities?limit=2',
    '/v1/layers/none/vulnerabilities',
    `/v1/layers/${'n'.repeat(1024)}?features`,
    `/v1/layers/${'n'.repeat(1024)}/vulnerabilities`,
  ])('of a thread equals the response of the server itself: %s', async (path) => {
    const [here, there] = await answers(path.replace('LAYER', layer));
    expect(there).toEqual(here);
  });

  it('that is longer than a message is streamed', async () => {
    const [here, there] = await answers(`/v2/images/${LARGE}/report?format=spdx`);
    expect(there).toEqual(here);
    expect(there).toMatchObject({ statusCode: 200, body: expect.stringContaining('package-11999') });
    expect(there).toMatchObject({ headers: { 'content-length': undefined } });
  });

  it.each([0, 1])(
    'of an instance with %d threads marks a feed as stale by the setting of the instance',
    async (threads) => {
      const strict = await composeClair(database, { updater: { staleAfter: 1 }, threads });
      const server = await strict.api({ allowedPaths: [], allowedHosts: [], log: pino({ level: 'silent' }) });
      try {
        for (const [each, isStale] of [
          [server, true],
          [servers[1], false],
        ] as const) {
          const { body } = await each.inject({ method: 'GET', url: `/v2/images/${DIGEST}/report` });
          const report = JSON.parse(body);
          const codes = report.diagnostics.map(({ code }: { readonly code: string }) => code);
          expect([report.feeds[0].isStale, codes.includes('feed-stale')]).toEqual([isStale, isStale]);
        }
      } finally {
        await server.close();
        await strict.close();
      }
    },
  );

  it('to a request with a body is the same as from the server thread', async () => {
    const url = '/indexer/api/v1/internal/affected_manifest';
    const bodies = ['{"vulnerabilities":[{"name":"CVE-2099-0001"},{"name":"CVE-X"}]}', '[{}]', '{', ''];
    const threaded: unknown[] = [];
    for (const payload of bodies) {
      const headers = { 'content-type': 'application/json' };
      const [own, other] = await Promise.all(
        servers.map(async (each) => {
          const { statusCode, body } = await each.inject({ method: 'POST', url, payload, headers });
          return [statusCode, body.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID')];
        }),
      );
      expect(other).toEqual(own);
      threaded.push(other);
    }
    const refused = [400, expect.stringContaining('bad-request')];
    expect(threaded).toEqual([
      [200, expect.stringContaining(`"${DIGEST}":["CVE-2099-0001"]`)],
      refused,
      refused,
      refused,
    ]);
  });

  it('frees its thread even when the client disconnects while it waits for a thread', async () => {
    const pool = createAnswerPool(POOL_OPTIONS);
    let started = 0;
    const count = (): void => void (started += 1);
    process.on('worker', count);
    try {
      for (let request = 0; request < 6; request += 1) {
        const client = new AbortController();
        await pool.answer({ url: `/v2/images/${DIGEST}` }, client.signal);
        client.abort(new Error('gone'));
      }
      // The pool has two threads.
      expect(started).toBeLessThanOrEqual(2);
    } finally {
      process.off('worker', count);
      await pool.close();
    }
  });

  it('is cancelled when the client disconnects, and when it needs too much memory', async () => {
    const hurried = createAnswerPool({ ...POOL_OPTIONS, maxMilliseconds: 30 });
    const small = createAnswerPool({ ...POOL_OPTIONS, heapMegabytes: 24, maxHeapMegabytes: 24 });
    const url = `/v2/images/${LARGE}/graph`;
    const gone = new AbortController();
    try {
      const answer = small.answer({ url }, gone.signal);
      gone.abort(new Error('gone'));
      await expect(answer).rejects.toThrow('gone');
      const { signal } = new AbortController();
      const exceeded = { code: 'answer/limit-exceeded' };
      await expect(hurried.answer({ url }, signal)).rejects.toMatchObject(exceeded);
      await expect(small.answer({ url }, signal)).rejects.toMatchObject(exceeded);
    } finally {
      await hurried.close();
      await small.close();
    }
  });

  it('too large for an ordinary thread is computed by the thread with more memory', async () => {
    const pool = createAnswerPool({ ...POOL_OPTIONS, heapMegabytes: 24 });
    let started = 0;
    const count = (): void => void (started += 1);
    process.on('worker', count);
    try {
      const answer = await pool.answer({ url: `/v2/images/${LARGE}/graph` }, new AbortController().signal);
      const body = typeof answer.body === 'string' ? answer.body : (await answer.body.toArray()).join('');
      expect(withoutTimes(body)).toBe(
        withoutTimes((await servers[0].inject({ method: 'GET', url: `/v2/images/${LARGE}/graph` })).body),
      );
      expect(started).toBe(2);
      // The repeated request starts only the thread for large responses, not an ordinary thread.
      await pool.answer({ url: `/v2/images/${LARGE}/graph` }, new AbortController().signal);
      expect(started).toBe(3);
    } finally {
      process.off('worker', count);
      await pool.close();
    }
  });

  it('too large for an ordinary thread is rejected while eight other requests wait', async () => {
    const pool = createAnswerPool({ ...POOL_OPTIONS, heapMegabytes: 24 });
    const url = `/v2/images/${LARGE}/graph`;
    const gone = new AbortController();
    try {
      await pool.answer({ url }, new AbortController().signal);
      const waiting = Array.from(
        { length: 8 },
        async () => await pool.answer({ url }, gone.signal).catch(() => 'given up'),
      );
      const refused = { code: 'answer/queue-full', retryAfter: 10_000 };
      await expect(pool.answer({ url }, new AbortController().signal)).rejects.toMatchObject(refused);
      gone.abort(new Error('gone'));
      expect(await Promise.all(waiting)).toContain('given up');
      // An aborted request leaves the queue, so the queue has space for the next request.
      await pool.answer({ url }, new AbortController().signal);
    } finally {
      await pool.close();
    }
  });
});
