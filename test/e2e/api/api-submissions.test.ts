import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report/report.ts';
import type { ImageSummary } from '../../../src/report/image/image-summary.ts';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive, type BuiltLayer } from '../../../src/worker/testing/image-builder.ts';
import { type RegistryServer, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';

type Submission = {
  readonly id: string;
  readonly target: string;
  readonly state: string;
  readonly layers: object;
  readonly images: readonly string[];
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string } | null;
};

let server: ClairServer;
let api: DocumentedApi;
let registry: RegistryServer;
let layers: readonly BuiltLayer[];
beforeAll(async () => {
  server = await startClairServer(['127.0.0.1']);
  api = await documentedApi(server);
  registry = await startRegistryServer();
  layers = await buildDemoLayers();
  registry.image(layers, { tag: 'demo' });
  await server.clair.updater.update('debian', { from: DEMO_FEED });
});
afterAll(async () => {
  await registry.close();
  await server.close();
});

async function submit(body: object, of = server): Promise<Submission> {
  const answer = await of.send<{ submission: Submission }>('POST', '/v2/images', { body });
  expect([answer.status, answer.headers.get('location')]).toEqual([
    202,
    `/v2/submissions/${answer.body.submission.id}`,
  ]);
  return answer.body.submission;
}

async function eventsOf({ id }: Submission, of = server): Promise<readonly (readonly [string, Submission])[]> {
  const response = await fetch(`${of.url}/v2/submissions/${id}/events`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  const text = await response.text();
  expect(text).toMatch(/^retry: \d+\n\n/);
  return [...text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].map(([, event = '', data = '']) => [
    event,
    JSON.parse(data),
  ]);
}

describe('an image from a registry', () => {
  it('is analysed with events, and is indexed then', async () => {
    const submission = await submit({ reference: `${registry.domain}/demo:demo`, platform: 'linux/amd64' });
    const events = await eventsOf(submission);
    const [last, done] = events.at(-1) ?? [];
    expect([last, done?.state, done?.layers]).toEqual(['done', 'done', { total: 4, done: 4, known: 0 }]);
    expect(events.slice(0, -1).every(([event]) => event === 'progress')).toBe(true);
    const { body } = await api.send<Report>('GET', `/v2/images/${done?.images[0]}/report`);
    expect([body.target.kind, body.layers.length]).toEqual(['registry', 4]);
    // The counts were stored before the submission finished.
    const { body: list } = await api.send<{ images: readonly ImageSummary[] }>('GET', '/v2/images');
    expect(list.images).toEqual([
      expect.objectContaining({ digest: done?.images[0], countState: 'counted', isCurrent: true }),
    ]);
    expect(await api.ask('GET', `/v2/submissions/${submission.id}`)).toEqual([200, done]);
  });

  it('has stored layers the next time, and a request without the credentials is enough', async () => {
    const [, done] = (await eventsOf(await submit({ reference: `${registry.domain}/again:demo` }))).at(-1) ?? [];
    expect(done?.layers).toEqual({ total: 4, done: 4, known: 4 });
    expect(new Set(registry.authorizations)).toEqual(new Set([undefined]));
  });

  it('fails with a next step when it does not exist', async () => {
    const [event, failed] = (await eventsOf(await submit({ reference: `${registry.domain}/demo:none` }))).at(-1) ?? [];
    expect([event, failed?.state, failed?.error?.code]).toEqual(['failed', 'failed', 'image/not-found']);
    expect(failed?.error?.remedy).toMatch(/\.$/);
  });

  it('on a private host is rejected unless the configuration allows the host', async () => {
    const strict = await startClairServer([]);
    const before = registry.requests.length;
    const submission = await submit({ reference: `${registry.domain}/demo:demo` }, strict);
    const [, failed] = (await eventsOf(submission, strict)).at(-1) ?? [];
    expect([failed?.error?.code, registry.requests.length]).toEqual(['layer/host-not-allowed', before]);
    await strict.close();
  });

  it.each<[object]>([
    [{}],
    [{ reference: '' }],
    [{ reference: 'https://example.com/a' }],
    [{ reference: '/etc/passwd' }],
    [{ reference: 'oci:/tmp' }],
    [{ reference: 'a'.repeat(513) }],
    [{ reference: 'a', platform: 'none' }],
    [{ reference: 7 }],
  ])('rejects the reference %j', async (body) => {
    expect((await api.ask('POST', '/v2/images', body))[0]).toBe(400);
  });
});

describe('an archive', () => {
  const upload = async (
    body: string | Uint8Array<ArrayBuffer>,
    query = '',
    type = 'application/x-tar',
  ): Promise<Response> =>
    await fetch(`${server.url}/v2/images${query}`, { method: 'POST', headers: { 'content-type': type }, body });

  it.each(['application/x-tar', 'application/octet-stream'])('as %s is analysed', async (type) => {
    const archive = await buildDockerArchive(layers, 'saved:1');
    const response = await upload(new Uint8Array(archive), '?name=saved.tar', type);
    const { submission } = (await response.json()) as { submission: Submission };
    expect([response.status, submission.target]).toEqual([202, 'saved.tar']);
    const [event, done] = (await eventsOf(submission)).at(-1) ?? [];
    expect([event, done?.error]).toEqual(['done', null]);
    const { body } = await api.send<Report>('GET', `/v2/images/${done?.images[0]}/report`);
    expect([body.target.kind, body.target.reference]).toEqual(['docker-archive', 'saved:1']);
  });

  it('that is invalid fails with the name from the request', async () => {
    const { submission } = (await (await upload('no tar', '?name=page.html')).json()) as { submission: Submission };
    const [, failed] = (await eventsOf(submission)).at(-1) ?? [];
    expect([failed?.state, failed?.error?.message.includes('page.html')]).toEqual(['failed', true]);
    expect(failed?.error?.message).not.toContain('/clair-uploads-');
  });

  it('has a name of limited length', async () => {
    expect((await upload('x', `?name=${'x'.repeat(257)}`)).status).toBe(400);
  });
});

describe('the submissions', () => {
  it('are listed newest first, page by page', async () => {
    type Page = { readonly submissions: readonly Submission[]; readonly nextPage: string | null };
    const { body: all } = await api.send<Page>('GET', '/v2/submissions?limit=100');
    const { body: first } = await api.send<Page>('GET', '/v2/submissions?limit=1');
    const { body: second } = await api.send<Page>('GET', `/v2/submissions?limit=1&page=${first.nextPage}`);
    expect([...first.submissions, ...second.submissions]).toEqual(all.submissions.slice(0, 2));
    expect(all.nextPage).toBeNull();
  });

  it.each(['/v2/submissions/none', '/v2/submissions/none/events'])(
    'are 404 at %s when they are unknown',
    async (path) => {
      expect(await api.ask('GET', path)).toEqual([
        404,
        { error: expect.objectContaining({ code: 'submission/not-found' }) },
      ]);
    },
  );

  it('and the feeds are counted in the status', async () => {
    expect((await api.ask('GET', '/v2/status'))[1]).toMatchObject({
      version: expect.stringMatching(/^\d/),
      queue: { queued: 0, reading: 0 },
      feeds: { ok: 1, refused: 0, stale: 0, failed: 0 },
    });
  });
});
