import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';

/**
 * Sends the requests of clients of Clair v1, in order, and reads the response fields that the clients read.
 * Each client posts the layers of an image, base layer first, from a registry that requires a token or from its own
 * server.
 */
const TOKEN = 'Bearer of-the-registry';

type Blob = { readonly digest: string; readonly bytes: Buffer };
type Feature = { Name: string; Vulnerabilities?: { Name: string; Severity: string; FixedBy?: string }[] };
type Envelope = { Layer: { Name: string; NamespaceName: string; Features?: Feature[] } };

let clair: ClairServer;
let registry: Server;
let registryUrl: string;
let blobs: readonly Blob[];
let asked: IncomingHttpHeaders[];

beforeAll(async () => {
  clair = await startClairServer();
  await clair.clair.updater.update('debian', { from: DEMO_FEED });
  blobs = (await buildDemoLayers()).map(({ tar }) => {
    const bytes = gzipSync(tar);
    return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
  });
  registry = createServer(({ url = '', headers }, response) => {
    asked.push(headers);
    const blob = blobs.find(
      ({ digest }) => url.endsWith(`/${digest}`) || url.endsWith(`/${digest.slice(7)}/layer.tar`),
    );
    const isOpen = url.startsWith('/open/');
    if (!isOpen && headers.authorization !== TOKEN) response.writeHead(401).end();
    else if (blob === undefined) response.writeHead(404).end();
    else response.end(blob.bytes);
  });
  await once(registry.listen(0, '127.0.0.1'), 'listening');
  registryUrl = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  registry.close();
  await clair.close();
});

async function post(layer: object): Promise<number> {
  return (await clair.send('POST', '/v1/layers', { body: { Layer: layer } })).status;
}

function chainNames(prefix: string): readonly string[] {
  return blobs.map(({ digest }) => `${prefix}${digest}`);
}

function countsOf({ Layer: { Features = [] } }: Envelope): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { Severity } of Features.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities)) {
    counts[Severity] = (counts[Severity] ?? 0) + 1;
  }
  return counts;
}

/** Findings of openssl and zlib; the topmost layer has no curl packages. */
const AT_THE_TOP = { Low: 2, Negligible: 1 };

it("klar posts with the registry's token, requests the vulnerabilities of the last layer, and deletes the first layer", async () => {
  const names = chainNames('klar');
  for (const [index, { digest }] of blobs.entries()) {
    const layer = {
      Name: names[index],
      Path: `${registryUrl}/v2/library/demo/blobs/${digest}`,
      ParentName: names[index - 1] ?? '',
      Format: 'Docker',
      Features: null,
      Headers: { Authorization: TOKEN },
    };
    expect(await post(layer)).toBe(201);
  }
  expect(asked.map(({ authorization }) => authorization)).toEqual(blobs.map(() => TOKEN));
  const { status, body } = await clair.get<Envelope>(`/v1/layers/${names.at(-1)}?vulnerabilities`);
  expect([status, body.Layer.Name, countsOf(body)]).toEqual([200, names.at(-1), AT_THE_TOP]);
  expect(await clair.send('DELETE', `/v1/layers/${names[0]}`)).toMatchObject({ status: 200, text: '' });
  expect((await clair.get(`/v1/layers/${names.at(-1)}`)).status).toBe(404);
});

it('Harbor names layers by the hash of all digests up to them, and closes each connection', async () => {
  const names = blobs.map((_, index) => {
    const chain = blobs.slice(0, index + 1).map(({ digest }) => `${digest}-`);
    return createHash('sha256').update(chain.join('')).digest('hex');
  });
  const scan = async (): Promise<void> => {
    for (const [index, { digest }] of blobs.entries()) {
      const Path = `${registryUrl}/v2/library/demo/blobs/${digest}`;
      const Headers = { Connection: 'close', Authorization: TOKEN };
      const parent = index === 0 ? {} : { ParentName: names[index - 1] };
      expect(await post({ Name: names[index], Path, Headers, Format: 'Docker', ...parent })).toBe(201);
    }
  };
  await scan();
  expect(asked).toHaveLength(blobs.length);
  // Each scan posts all layers, and Clair fetches each layer once.
  await scan();
  expect(asked).toHaveLength(blobs.length);
  const { body } = await clair.get<Envelope>(`/v1/layers/${names.at(-1)}?features&vulnerabilities`);
  expect(countsOf(body)).toEqual(AT_THE_TOP);
  const openssl = body.Layer.Features?.find(({ Name }) => Name === 'openssl');
  expect(openssl?.Vulnerabilities?.map(({ Name, FixedBy = '' }) => [Name, FixedBy])).toEqual([['CVE-2099-0002', '']]);
  const { body: namespaces } = await clair.get<{ Namespaces: { Name: string }[] }>('/v1/namespaces');
  expect(namespaces.Namespaces.map(({ Name }) => Name)).toContain('debian:12');
});

it('reg requests layers of its own manifest, and accepts 404 for a layer that it has not posted yet', async () => {
  const names = chainNames('demo/');
  expect(
    (await clair.get(`/v1/layers/${encodeURIComponent(names.at(-1) ?? '')}?features&vulnerabilities`)).status,
  ).toBe(404);
  for (const [index, { digest }] of blobs.entries()) {
    const Path = `${registryUrl}/v2/library/demo/blobs/${digest}`;
    const Headers = { Authorization: TOKEN };
    expect(await post({ Name: names[index], Path, Headers, ParentName: names[index - 1], Format: 'Docker' })).toBe(201);
  }
  const path = `/v1/layers/${encodeURIComponent(names[1] ?? '')}?features&vulnerabilities`;
  expect(countsOf((await clair.get<Envelope>(path)).body)).toEqual({ High: 2, Medium: 4, Low: 2, Negligible: 1 });
});

it('clair-scanner serves the layers of a saved image itself, without headers', async () => {
  const names = blobs.map(({ digest }) => digest.slice(7));
  for (const [index, name] of names.entries()) {
    const Path = `${registryUrl}/open/${name}/layer.tar`;
    expect(await post({ Name: name, Path, ParentName: names[index - 1] ?? '', Format: 'Docker' })).toBe(201);
  }
  expect(asked.every(({ authorization }) => authorization === undefined)).toBe(true);
  const { body } = await clair.get<Envelope>(`/v1/layers/${names.at(-1)}?vulnerabilities`);
  expect([body.Layer.NamespaceName, countsOf(body)]).toEqual(['debian:12', AT_THE_TOP]);
  const refused = await clair.post<{ Error: { Message: string } }>('/v1/layers', {
    Layer: { Name: 'gone', Path: `${registryUrl}/open/gone/layer.tar`, Format: 'Docker' },
  });
  expect([refused.status, refused.body.Error.Message]).toEqual([400, expect.stringContaining('(bytes/not-found)')]);
});

it('analyze-local-images, of the first generation, reads priorities', async () => {
  const names = blobs.map(({ digest }) => `local-${digest.slice(7)}`);
  for (const [index, { digest }] of blobs.entries()) {
    const Path = `${registryUrl}/open/${digest.slice(7)}/layer.tar`;
    const layer = { ID: names[index], Path, ParentID: names[index - 1] ?? '', ImageFormat: 'Docker' };
    expect((await clair.send('POST', '/v1/layers', { body: layer })).status).toBe(201);
  }
  const path = `/v1/layers/${names[1]}/vulnerabilities?minimumPriority=Low`;
  const { body } = await clair.get<{ Vulnerabilities: { ID: string; Priority: string; CausedByPackage: string }[] }>(
    path,
  );
  expect(body.Vulnerabilities.map(({ ID, Priority }) => `${Priority} ${ID.slice(-1)}`).toSorted()).toEqual([
    'High 1',
    'Low 2',
    'Medium 3',
    'Medium 4',
  ]);
  expect(body.Vulnerabilities.every(({ CausedByPackage }) => CausedByPackage !== '')).toBe(true);
});

describe('monitors', () => {
  it('read only the status of /health on the health port', async () => {
    const log = pino({ level: 'silent' });
    const health = clair.clair.healthServer({ isServing: () => true, log }).listen(0, '127.0.0.1');
    await once(health, 'listening');
    const response = await fetch(`http://127.0.0.1:${(health.address() as AddressInfo).port}/health`);
    expect([response.status, await response.text()]).toEqual([200, '']);
    health.close();
    health.closeAllConnections();
  });
});
