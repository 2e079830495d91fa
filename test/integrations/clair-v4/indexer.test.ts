import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import type { BuiltLayer } from '../../../src/worker/testing/image-builder.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';
import { LAYER_TOKEN, type QuayStorage, SIGNATURE, startQuayStorage } from './quay-storage.ts';

const HASH = `sha256:${'5'.repeat(64)}`;
const OTHER = `sha256:${'6'.repeat(64)}`;
const REPORTS = '/indexer/api/v1/index_report';
const STATE = '/indexer/api/v1/index_state';

type IndexReport = {
  readonly manifest_hash?: string;
  readonly message?: string;
  readonly state: string;
  readonly success: boolean;
  readonly err: string;
  readonly packages: Readonly<Record<string, { readonly name: string; readonly version: string }>>;
  readonly environments: Readonly<Record<string, readonly { readonly introduced_in: string }[]>>;
  readonly distributions: Readonly<Record<string, { readonly did: string; readonly version_code_name: string }>>;
};

let server: ClairServer;
let storage: QuayStorage;
let layers: readonly BuiltLayer[];
beforeEach(async () => {
  [server, storage, layers] = await Promise.all([startClairServer(), startQuayStorage(), buildDemoLayers()]);
});
afterEach(async () => {
  await server.close();
  await storage.close();
});

async function post(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return await server.send<IndexReport>('POST', REPORTS, { body, headers });
}

async function state(): Promise<string> {
  return (await server.get<{ state: string }>(STATE)).body.state;
}

async function sendInChunks(method: string, body: string): Promise<readonly [number, string]> {
  const sent = httpRequest(`${server.url}${REPORTS}`, { method, headers: { 'transfer-encoding': 'chunked' } });
  for (const piece of [body.slice(0, 20), body.slice(20)]) sent.write(piece);
  const [answer] = await once(sent.end(), 'response');
  return [answer.statusCode, await text(answer)];
}

describe('POST index_report', () => {
  it('indexes the layers, and names the packages, their layers and the distribution', async () => {
    const manifest = storage.manifest(HASH, layers);
    const { status, headers, body } = await post(manifest);
    expect([status, body.state, body.success, body.err]).toEqual([201, 'IndexFinished', true, '']);
    const tag = headers.get('etag') ?? '';
    expect(tag).toBe(`"${await state()}"`);
    expect(tag.length).toBeLessThanOrEqual(128);
    expect(headers.get('location')).toBe(`${REPORTS}/${HASH}`);
    expect(headers.get('link')).toBe(
      `<${REPORTS}/${HASH}>; rel="https://projectquay.io/clair/v1/index_report", </matcher/api/v1/vulnerability_report/${HASH}>; rel="https://projectquay.io/clair/v1/vulnerability_report"`,
    );
    const introduced = Object.entries(body.packages).map(([id, { name, version }]) => [
      `${name} ${version}`,
      manifest.layers.findIndex(({ hash }) => hash === body.environments[id]?.[0]?.introduced_in),
    ]);
    expect(Object.fromEntries(introduced)).toEqual({
      'base-files 12.4+deb12u5': 0,
      'libssl3 3.0.13-1~deb12u1': 2,
      'openssl 3.0.13-1~deb12u1': 2,
      'zlib1g 1:1.2.13.dfsg-1': 0,
    });
    expect(Object.values(body.distributions)).toMatchObject([{ did: 'debian', version_code_name: 'bookworm' }]);
  });

  it('never fetches a known layer again, neither for the image nor for another image', async () => {
    const manifest = storage.manifest(HASH, layers.slice(0, 2));
    await post(manifest);
    const { requests } = storage.registry;
    expect(requests).toHaveLength(2);
    expect((await post(manifest)).status).toBe(201);
    expect((await post(storage.manifest(OTHER, layers.slice(0, 3)))).status).toBe(201);
    expect(requests).toHaveLength(3);
    // A deleted index report is built again from stored layers.
    await server.send('DELETE', `${REPORTS}/${HASH}`);
    expect((await post(manifest)).status).toBe(201);
    expect(requests).toHaveLength(3);
  });

  it('takes one layer many times, and digests in capitals', async () => {
    const { hash, layers: posted } = storage.manifest(HASH, layers.slice(0, 1));
    const upper = posted.map((layer) => ({ ...layer, hash: layer.hash.toUpperCase().replace('SHA256', 'sha256') }));
    const { status, body } = await post({ hash, layers: [...upper, ...posted, ...posted] });
    expect([status, Object.keys(body.packages).length]).toEqual([201, 3]);
  });

  it('takes digests by SHA-512, and verifies the bytes of layers by them', async () => {
    const bytes = gzipSync(layers[0]!.tar);
    const [hash, blob] = [`sha512:${'5'.repeat(128)}`, `sha512:${createHash('sha512').update(bytes).digest('hex')}`];
    let sent = bytes;
    storage.registry.intercept = (_request, response) => {
      response.writeHead(200).end(sent);
      return true;
    };
    const uri = `http://${storage.registry.domain}/v2/org/app/blobs/${blob}`;
    const { status, headers, body } = await post({ hash, layers: [{ hash: blob, uri, headers: {} }] });
    expect([status, headers.get('location')]).toEqual([201, `${REPORTS}/${hash}`]);
    expect(new Set(Object.values(body.environments).map((each) => each[0]?.introduced_in))).toEqual(new Set([blob]));
    expect((await server.get<IndexReport>(`${REPORTS}/${hash}`)).body.manifest_hash).toBe(hash);
    expect((await server.get(`/v2/images/${hash}`)).status).toBe(200);
    // The layer is already stored under its SHA-512 digest.
    sent = Buffer.from('nothing');
    expect((await post({ hash: HASH, layers: [{ hash: blob, uri, headers: {} }] })).status).toBe(201);

    const other = `sha512:${'7'.repeat(128)}`;
    const refused = await post({ hash: OTHER, layers: [{ hash: other, uri: uri.replace(blob, other), headers: {} }] });
    expect([refused.status, refused.body.message]).toEqual([500, expect.stringContaining('the bytes have the digest')]);
  });

  it('shares one analysis among concurrent requests for one manifest', async () => {
    const manifest = storage.manifest(HASH, layers);
    const answers = await Promise.all([post(manifest), post(manifest), post(manifest)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(storage.registry.requests).toHaveLength(layers.length);
  });

  it('takes chunked bodies without Content-Length and Content-Type, as clairctl sends them', async () => {
    const manifest = JSON.stringify(storage.manifest(HASH, layers.slice(0, 1)));
    const [status, posted] = await sendInChunks('POST', manifest);
    expect([status, JSON.parse(posted).state]).toEqual([201, 'IndexFinished']);
    expect(await sendInChunks('DELETE', JSON.stringify([HASH]))).toEqual([200, JSON.stringify([HASH])]);
  });

  it.each(['"STATE"', 'W/"STATE"', '"x", "STATE"', '*'])(
    'is 412 without a body for If-None-Match: %s',
    async (form) => {
      const answer = await post(storage.manifest(HASH, layers), {
        'if-none-match': form.replace('STATE', await state()),
      });
      expect([answer.status, answer.text, storage.registry.requests]).toEqual([412, '', []]);
    },
  );

  it.each<[string, (manifest: ReturnType<QuayStorage['manifest']>) => unknown]>([
    ['no layers', ({ hash }) => ({ hash })],
    ['an empty list of layers', ({ hash }) => ({ hash, layers: [] })],
    ['no hash', ({ layers: posted }) => ({ layers: posted })],
    ['a hash that is not a digest', ({ layers: posted }) => ({ hash: 'sha256:5', layers: posted })],
    [
      'a URI that is not a URL',
      ({ hash, layers: posted }) => ({ hash, layers: [{ ...posted[0], uri: '/etc/passwd' }] }),
    ],
  ])('is 400 for %s', async (_what, changed) => {
    const answer = await post(changed(storage.manifest(HASH, layers)));
    expect([answer.status, answer.body]).toEqual([400, { code: 'bad-request', message: expect.any(String) }]);
  });

  it('is 400 for a layer that is not a tar, because a retry cannot succeed', async () => {
    const answer = await post(storage.manifest(HASH, [{ tar: Buffer.from('<html>'.repeat(200)), createdBy: '' }]));
    expect([answer.status, answer.body]).toEqual([400, { code: 'bad-request', message: expect.any(String) }]);
  });

  it.each<[string, (layer: ReturnType<QuayStorage['manifest']>['layers'][number]) => object]>([
    ['the token has expired', (layer) => ({ ...layer, headers: {} })],
    ['the layer is gone', (layer) => ({ ...layer, uri: layer.uri.replace(/sha256:[0-9a-f]+/, OTHER) })],
    ['the bytes have another digest', (layer) => ({ ...layer, hash: OTHER })],
    ['the host is refused', (layer) => ({ ...layer, uri: layer.uri.replace('127.0.0.1', '127.0.0.2') })],
  ])('is 500 with a report of the state IndexError when %s, and succeeds later', async (_what, changed) => {
    const manifest = storage.manifest(HASH, layers.slice(0, 1));
    const [layer] = manifest.layers;
    if (layer === undefined) throw new Error('no layer');
    const answer = await post({ ...manifest, layers: [changed(layer)] });
    expect([answer.status, answer.body]).toEqual([500, { code: 'internal-error', message: expect.any(String) }]);
    const failed = await server.send<IndexReport>('GET', `${REPORTS}/${HASH}`);
    expect([failed.status, failed.body]).toMatchObject([200, { state: 'IndexError', success: false, packages: {} }]);
    for (const said of [answer.text, failed.text]) {
      expect(said).toMatch(/layer sha256:[0-9a-f]{64} at /);
      for (const secret of [SIGNATURE, 'Amz', LAYER_TOKEN, '/v2/', 'signature']) expect(said).not.toContain(secret);
    }
    expect((await post(manifest)).body.state).toBe('IndexFinished');
  });

  it('requests all layers at once, because their credentials expire after a minute', async () => {
    const { registry } = storage;
    const { intercept } = registry;
    const held: (() => void)[] = [];
    registry.intercept = (request, response) => {
      held.push(() => void (intercept(request, response) || response.end()));
      return true;
    };
    const answer = post(storage.manifest(HASH, layers));
    await expect.poll(() => held.length).toBe(layers.length);
    for (const each of held) each();
    // The storage sent no bytes.
    expect((await answer).status).toBe(500);
  });

  it('is 429 with a whole body when too many manifests are being indexed', async () => {
    const small = await startClairServer(['127.0.0.1'], { v4: { maxManifests: 1 } });
    const held: (() => void)[] = [];
    const { registry } = storage;
    const { intercept } = registry;
    registry.intercept = (request, response) => {
      held.push(() => {
        if (!intercept(request, response)) response.end(layers[0]?.tar);
      });
      return true;
    };
    const manifest = storage.manifest(HASH, layers.slice(0, 1));
    const first = small.send('POST', REPORTS, { body: manifest });
    await expect.poll(() => held.length).toBe(1);
    const second = await small.send('POST', REPORTS, { body: storage.manifest(OTHER, layers.slice(0, 1)) });
    expect([second.status, second.body, second.headers.get('retry-after')]).toEqual([
      429,
      { code: 'too-many-requests', message: expect.any(String) },
      '5',
    ]);
    for (const answer of held) answer();
    expect((await first).status).not.toBe(429);
    await small.close();
  });

  it('keeps the reference and the instructions of an image that another API indexed', async () => {
    const manifest = storage.manifest(HASH, layers.slice(0, 2));
    await post(manifest);
    const stored = await server.clair.store.images.whole(HASH as `sha256:${string}`);
    if (stored === undefined) throw new Error('not stored');
    expect(stored).toMatchObject({
      reference: `${storage.registry.domain}/org/app@${HASH}`,
      target: `clair-v4:${HASH}`,
      platform: 'linux/amd64',
    });
    const renamed = { ...stored, reference: 'quay.test/app:1', target: 'registry:quay.test/app:1', leaf: null };
    await server.clair.store.images.record(renamed);
    expect((await post(manifest)).status).toBe(201);
    expect(await server.clair.store.images.find(stored.digest)).toMatchObject({ reference: 'quay.test/app:1' });
  });
});

describe('GET index_report', () => {
  it('finds an image by its digest, percent-encoded or not, with a slash at the end or without', async () => {
    const { body: posted } = await post(storage.manifest(HASH, layers));
    for (const form of [HASH, HASH.replace(':', '%3A'), `${HASH}/`, HASH.replace('sha256:', 'sha256%3a')]) {
      const { status, headers, body } = await server.send('GET', `${REPORTS}/${form}`);
      expect([form, status, headers.get('etag'), body]).toEqual([form, 200, `"${await state()}"`, posted]);
    }
  });

  it('is 404 for an unknown image, and 304 if the condition names the state', async () => {
    const unknown = await server.send('GET', `${REPORTS}/${HASH}`);
    expect([unknown.status, unknown.body]).toEqual([404, { code: 'not-found', message: expect.any(String) }]);
    const condition = { headers: { 'if-none-match': `"${await state()}"` } };
    expect((await server.send('GET', `${REPORTS}/${HASH}`, condition)).status).toBe(304);
    expect((await server.send('GET', `${REPORTS}/sha256:1`)).status).toBe(400);
  });

  it('states what a report lacks, and returns an error if so configured', async () => {
    const { text: said, headers, body } = await post(storage.manifest(HASH, layers));
    expect([body.state, headers.get('clair-problems')]).toEqual(['IndexFinished', 'namespace-without-data']);
    expect(JSON.parse(said)).toMatchObject({ incomplete: true, problems: [{ code: 'namespace-without-data' }] });
    const strict = await startClairServer(['127.0.0.1'], { v4: { incomplete: 'error' } });
    const answer = await strict.send<IndexReport>('POST', REPORTS, { body: storage.manifest(HASH, layers) });
    expect([answer.status, answer.body]).toMatchObject([
      201,
      { state: 'IndexError', success: false, err: expect.stringMatching(/^No data for debian:12/), incomplete: true },
    ]);
    await strict.close();
  });
});

describe('DELETE index_report', () => {
  it('deletes one image with 204, indexed or not', async () => {
    await post(storage.manifest(HASH, layers));
    for (let times = 0; times < 2; times += 1) {
      const { status, text: said } = await server.send('DELETE', `${REPORTS}/${HASH}`);
      expect([status, said]).toEqual([204, '']);
    }
    expect((await server.send('GET', `${REPORTS}/${HASH}`)).status).toBe(404);
  });

  it('deletes several images, and returns a list of the deleted images', async () => {
    await post(storage.manifest(HASH, layers));
    const asked = { body: [OTHER, HASH] };
    const { status, body } = await server.send('DELETE', REPORTS, asked);
    expect([status, body]).toEqual([200, [HASH]]);
    expect((await server.send('DELETE', REPORTS, asked)).body).toEqual([]);
  });
});

describe('the paths', () => {
  it.each([
    ['PUT', REPORTS],
    ['GET', REPORTS],
    ['POST', `${REPORTS}/${HASH}`],
    ['HEAD', `${REPORTS}/${HASH}`],
    ['DELETE', STATE],
    ['HEAD', STATE],
  ])('%s %s is 405', async (method, path) => {
    const answer = await server.send(method, path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, expect.any(String)]);
    // The response to HEAD has no body.
    expect(answer.text === '' ? 'method-not-allowed' : answer.text).toContain('method-not-allowed');
  });

  it.each<[string, string, number, string]>([
    [STATE, '*/*', 200, 'application/json; charset=utf-8'],
    [STATE, 'application/vnd.clair.index_state.v1+json', 200, 'application/vnd.clair.index_state.v1+json'],
    [
      STATE,
      'application/vnd.clair.index_state.v1+json;q=0.5, application/json',
      200,
      'application/json; charset=utf-8',
    ],
    [STATE, 'text/html', 415, 'application/json; charset=utf-8'],
    [`${STATE}/`, 'application/*', 200, 'application/json; charset=utf-8'],
  ])('%s with Accept: %s is %i as %s', async (path, accept, status, type) => {
    const answer = await server.send('GET', path, { headers: { accept } });
    expect([answer.status, answer.type]).toEqual([status, type]);
  });

  it('exclude the state from the response cache: the state has its own strong tag, and 304 for the tag', async () => {
    const answer = await server.send<{ state: string }>('GET', STATE);
    const tag = answer.headers.get('etag') ?? '';
    expect(tag).toBe(`"${answer.body.state}"`);
    expect((await server.send('GET', STATE, { headers: { 'if-none-match': tag } })).status).toBe(304);
  });
});
