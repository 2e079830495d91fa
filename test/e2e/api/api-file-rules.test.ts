import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { digestOfContent } from '../../../src/worker/files/testing/layer-members.ts';
import { madeUpImages } from '../../../src/worker/files/testing/made-up-images.ts';

const RULE = {
  id: 'EVIL-1',
  when: 'present',
  paths: ['opt/evil'],
  digests: [],
  severity: 'High',
  description: 'bad',
  link: 'https://x.test',
};

let server: ClairServer;
let api: DocumentedApi;
const digests: Record<string, string> = {};

beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  const images = madeUpImages(server.clair.store);
  digests['evil'] = await images.image('evil', [{ members: ['etc/hosts'] }, { members: ['opt/evil'] }]);
  digests['plain'] = await images.image('plain', [{ members: ['etc/hosts'] }, { members: ['opt/good'] }]);
});
afterAll(() => server.close());

type Found = { readonly findings: readonly object[]; readonly diagnostics: readonly { readonly code: string }[] };

const reportOf = async (name: string): Promise<Found> =>
  (await api.send<Found>('GET', `/v2/images/${digests[name]}/report`)).body;

const codesOf = async (name: string): Promise<readonly string[]> =>
  (await reportOf(name)).diagnostics.map(({ code }) => code).filter((code) => code.startsWith('file-'));

describe('a file rule', () => {
  it('is created, and pending until the stored layers are searched', async () => {
    const posted = { ...RULE, paths: ['/opt//evil/'], severity: 'high' };
    const [status, body] = await api.ask('POST', '/v2/file-rules', posted);
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    const progress = { searched: 0, layers: 3 };
    expect([status, body]).toEqual([201, { ...RULE, createdAt: time, indexed: false, indexedAt: null, progress }]);
    expect([await codesOf('evil'), await codesOf('plain')]).toEqual([['file-rule-pending'], ['file-rule-pending']]);
    expect((await reportOf('evil')).findings).toEqual([]);
    await server.clair.indexFiles(new AbortController().signal);
    const found = { ...RULE, createdAt: time, indexed: true, indexedAt: time, progress: { searched: 3, layers: 3 } };
    expect(await api.ask('GET', '/v2/file-rules/EVIL-1')).toEqual([200, found]);
    expect(await api.ask('GET', '/v2/file-rules')).toEqual([200, { fileRules: [found], nextPage: null }]);
  });

  it('is a finding of the images with the file, at the layer that added it', async () => {
    const finding = {
      id: 'EVIL-1',
      type: 'file',
      package: 'opt/evil',
      version: 'present',
      paths: ['opt/evil'],
      severity: 'High',
      layer: 1,
      link: 'https://x.test',
      description: 'bad',
      fixedIn: null,
    };
    expect((await reportOf('evil')).findings).toEqual([expect.objectContaining(finding)]);
    expect((await reportOf('plain')).findings).toEqual([]);
    expect([await codesOf('evil'), await codesOf('plain')]).toEqual([[], []]);
    type Images = { readonly images: readonly { readonly digest: string }[] };
    const { body } = await api.send<Images>('GET', '/v2/vulnerabilities/EVIL-1/images');
    expect(body.images.map(({ digest }) => digest)).toEqual([digests['evil']]);
    const record = {
      feed: 'file-rules',
      affected: [{ namespace: 'file', package: 'opt/evil', introduced: 'present' }],
    };
    expect(await api.ask('GET', '/v2/vulnerabilities/EVIL-1')).toMatchObject([200, { feeds: [record] }]);
  });

  it('is a vulnerability of a feature for Clair v2 clients', async () => {
    const { leaf } = (await server.clair.store.images.find(digests['evil'] as 'sha256:x')) ?? {};
    const name = (await server.clair.store.layers.get(leaf ?? 0))?.name ?? '';
    const [, body] = await api.ask('GET', `/v1/layers/${encodeURIComponent(name)}?vulnerabilities`);
    const vulnerability = expect.objectContaining({ Name: 'EVIL-1', Severity: 'High' });
    const feature = { Name: 'opt/evil', NamespaceName: 'file', Version: 'present', Vulnerabilities: [vulnerability] };
    expect(body).toMatchObject({ Layer: { Features: [feature] } });
  });

  it('cannot be a manual vulnerability of the v1 API, which would match nothing', async () => {
    const Vulnerability = { Name: 'OWN-1', Severity: 'High', FixedIn: [{ Name: 'a', Version: 'None' }] };
    const answer = await api.ask('POST', '/v1/namespaces/file/vulnerabilities', { Vulnerability });
    expect(answer).toEqual([400, { Error: { Message: expect.stringContaining('POST /v2/file-rules') } }]);
  });

  it('has a unique name', async () => {
    expect(await api.ask('POST', '/v2/file-rules', RULE)).toMatchObject([409, { error: { code: 'file-rule/exists' } }]);
  });

  it.each([
    [{ paths: [] }, 'at least one path'],
    [{ paths: ['/a/../b'] }, 'contains \\"..\\"'],
    [{ paths: ['/'] }, 'names no file'],
    [{ when: 'altered' }, 'is unknown: use present, absent or changed'],
    [{ when: 'changed' }, 'needs exactly one digest, and at least one path'],
    [{ id: 'a b' }, 'must have 1 to 128'],
    [{ severity: 'Awful' }, 'severity'],
    [{ paths: Array.from({ length: 101 }, (_, at) => `${at}`) }, 'paths'],
  ])('with %j is refused', async (fields, reason) => {
    const [status, body] = await api.ask('POST', '/v2/file-rules', { ...RULE, id: 'EVIL-2', ...fields });
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining(reason)]);
  });

  it('is deleted with its vulnerability and findings', async () => {
    expect(await api.ask('DELETE', '/v2/file-rules/EVIL-1')).toEqual([204, undefined]);
    expect((await reportOf('evil')).findings).toEqual([]);
    const unknown = { error: { code: 'file-rule/not-found' } };
    expect(await api.ask('DELETE', '/v2/file-rules/EVIL-1')).toMatchObject([404, unknown]);
    expect(await api.ask('GET', '/v2/file-rules/EVIL-1')).toMatchObject([404, unknown]);
    expect((await api.ask('GET', '/v2/vulnerabilities/EVIL-1'))[0]).toBe(404);
  });

  it('about a digest affects the images with the content, wherever the file is', async () => {
    const content = digestOfContent('mine()');
    const images = madeUpImages(server.clair.store);
    digests['hashed'] = await images.image('hashed', [{ contents: { a: '' } }, { contents: { 'tmp/x': 'mine()' } }]);
    digests['other'] = await images.image('other', [{ contents: { 'tmp/x': 'other()' } }]);
    const rule = { ...RULE, id: 'MINER-1', paths: [], digests: [content] };
    expect(await api.ask('POST', '/v2/file-rules', rule)).toMatchObject([201, { digests: [content], paths: [] }]);
    await server.clair.indexFiles(new AbortController().signal);
    const finding = { id: 'MINER-1', package: content, version: 'present', paths: ['tmp/x'], layer: 1 };
    expect((await reportOf('hashed')).findings).toEqual([expect.objectContaining(finding)]);
    expect((await reportOf('other')).findings).toEqual([]);
    // The layers of this image have no digests.
    expect(await codesOf('evil')).toEqual(['file-digests-missing']);
    expect(await api.ask('DELETE', '/v2/file-rules/MINER-1')).toEqual([204, undefined]);
    expect((await reportOf('hashed')).findings).toEqual([]);
    expect(await codesOf('evil')).toEqual([]);
  });

  it('is listed in pages, by name', async () => {
    for (const id of ['C', 'A', 'B']) await api.ask('POST', '/v2/file-rules', { ...RULE, id });
    type Page = { readonly fileRules: readonly { readonly id: string }[]; readonly nextPage: string | null };
    const first = (await api.send<Page>('GET', '/v2/file-rules?limit=2')).body;
    const next = (await api.send<Page>('GET', `/v2/file-rules?limit=2&page=${first.nextPage}`)).body;
    expect([first, next].map(({ fileRules }) => fileRules.map(({ id }) => id))).toEqual([['A', 'B'], ['C']]);
    expect(next.nextPage).toBeNull();
  });
});
