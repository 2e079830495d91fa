import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildLayer, configOf } from '../../../src/worker/testing/image-builder.ts';
import { OCI_MANIFEST, type RegistryServer, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { GENERIC, SBOM } from './harbor-client.ts';

const LOGIN = `Basic ${btoa('robot$library+Clair-1:secret')}`;

let server: ClairServer;
let registry: RegistryServer;
let digest: string;
beforeAll(async () => {
  server = await startClairServer();
  registry = await startRegistryServer();
  digest = registry.image(await buildDemoLayers(), { docker: true }).digest;
  await server.clair.updater.update('debian', { from: DEMO_FEED });
});
afterEach(() => {
  registry.intercept = () => false;
});
afterAll(async () => {
  await registry.close();
  await server.close();
});

async function start(image = digest, authorization = LOGIN): Promise<string> {
  const response = await fetch(`${server.url}/harbor/api/v1/scan`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.scanner.adapter.scan.request+json; version=1.0' },
    body: JSON.stringify({
      registry: { url: `http://${registry.domain}`, authorization },
      artifact: { repository: 'library/demo', digest: image, tag: '' },
    }),
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

async function reportOf(id: string, accept = GENERIC, query = ''): Promise<Response> {
  for (;;) {
    const response = await fetch(`${server.url}/harbor/api/v1/scan/${id}/report${query}`, {
      headers: { accept },
      redirect: 'manual',
    });
    if (response.status !== 302) return response;
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
}

async function messageOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { message: string } }).error.message;
}

describe('a scan', () => {
  it('of an indexed image fetches its manifest and its configuration, but no layer', async () => {
    expect((await reportOf(await start())).status).toBe(200);
    const before = registry.requests.length;
    expect((await reportOf(await start())).status).toBe(200);
    const fetched = registry.requests.slice(before);
    expect(fetched.map((path) => /manifests|blobs/.exec(path)?.[0])).toEqual(['manifests', 'blobs']);
  });

  it('of an indexed image fails if the login of this scan may not pull it', async () => {
    expect((await reportOf(await start())).status).toBe(200);
    registry.intercept = (_, response) => {
      response.writeHead(403).end();
      return true;
    };
    const response = await reportOf(await start());
    expect([response.status, await messageOf(response)]).toEqual([500, expect.stringContaining('denied access')]);
  });

  it('of an image whose configuration names a layer of another project fails, and shows none of its packages', async () => {
    expect((await reportOf(await start())).status).toBe(200);
    const own = { createdBy: 'COPY own', tar: await buildLayer({ 'opt/own': 'own' }) };
    const foreign = configOf((await buildDemoLayers()).slice(0, 1));
    const response = await reportOf(await start(registry.image([own], { docker: true, config: foreign }).digest));
    expect([response.status, await messageOf(response)]).toEqual([500, expect.stringContaining('digest')]);
  });

  it('of an attestation fails, because it is not an image', async () => {
    const statement = registry.blob('{"_type": "https://in-toto.io/Statement/v0.1"}', 'application/vnd.in-toto+json');
    const config = { architecture: 'unknown', os: 'unknown', rootfs: { type: 'layers', diff_ids: [statement.digest] } };
    const attestation = registry.manifest(
      { schemaVersion: 2, mediaType: OCI_MANIFEST, config: registry.blob(JSON.stringify(config)), layers: [statement] },
      OCI_MANIFEST,
    );
    const response = await reportOf(await start(attestation.digest));
    expect([response.status, await messageOf(response)]).toEqual([
      500,
      expect.stringContaining('is an attestation, not an image'),
    ]);
  });

  it('has an SBOM without the layers of the image, which Harbor would list as packages', async () => {
    const query = '?sbom_media_type=application%2Fspdx%2Bjson';
    const { sbom } = (await (await reportOf(await start(), SBOM, query)).json()) as {
      sbom: { packages: readonly { SPDXID: string }[]; relationships: readonly object[] };
    };
    expect(sbom.packages.some(({ SPDXID }) => SPDXID.startsWith('SPDXRef-package-'))).toBe(true);
    expect(JSON.stringify(sbom)).not.toContain('SPDXRef-layer-');
  });

  it('ends with 500 after 25 minutes, regardless of how often its instance was lost', async () => {
    const { submissions, now } = server.clair.store;
    const request = { family: 'harbor', artifact: { digest }, capability: 'vulnerability' };
    const name = '00000000-0000-4000-8000-000000000000';
    await submissions.add({
      name,
      target: `${registry.domain}/library/demo@${digest}`,
      platform: null,
      isUpload: false,
      createdAt: now() - 25 * 60_000 - 1,
      access: { authorization: LOGIN, isPlain: true },
      request: JSON.stringify(request),
    });
    const response = await reportOf(name);
    expect([response.status, await messageOf(response)]).toEqual([500, expect.stringContaining('within 25 minutes')]);
    expect((await submissions.find(name))?.access).toBeNull();
  });

  it('shows its login to no client while it waits', async () => {
    let proceed = (): void => undefined;
    registry.intercept = (_, response) => {
      proceed = () => void response.writeHead(404).end();
      return true;
    };
    const id = await start();
    const { body } = await server.get<object>('/v2/submissions');
    const { body: one } = await server.get<object>(`/v2/submissions/${id}`);
    for (const shown of [body, one]) {
      expect(JSON.stringify(shown)).toContain(id);
      expect(JSON.stringify(shown)).not.toMatch(/Basic |authorization|secret/i);
    }
    expect((await server.clair.store.submissions.find(id))?.access?.authorization).toBe(LOGIN);
    while (!registry.requests.at(-1)?.includes('manifests')) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => void setTimeout(resolve, 50));
    proceed();
    expect((await reportOf(id)).status).toBe(500);
  });

  it.each(['%00', 'a', '..%2F..', 'a'.repeat(64)])('with the ID %s is not found', async (id) => {
    const response = await reportOf(id);
    expect([response.status, await messageOf(response)]).toEqual([404, expect.stringMatching(/not found/i)]);
  });
});
