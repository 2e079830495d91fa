import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { type RegistryServer, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { DEVIATIONS, type Stage } from './deviations.ts';
import {
  type Artifact,
  type HarborResponse,
  NATIVE,
  register,
  type Registry,
  scan,
  type SendHarborRequest,
} from './harbor-client.ts';

/** Shorter than the pause that a response requires, so that the tests are fast. */
const PAUSE_MS = 200;

const LOGIN = `Basic ${btoa('robot$library+Clair-1:a:secret')}`;

let server: ClairServer;
let registry: RegistryServer;
let artifact: Artifact;
let lent: Registry;
beforeAll(async () => {
  server = await startClairServer();
  registry = await startRegistryServer();
  const { digest } = registry.image(await buildDemoLayers(), { tag: 'demo', docker: true });
  artifact = { repository: 'library/demo', digest, tag: 'demo' };
  lent = { url: `http://${registry.domain}`, authorization: LOGIN };
  await server.clair.updater.update('debian', { from: DEMO_FEED });
});
afterAll(async () => {
  await registry.close();
  await server.close();
});

const sendTo =
  (url: string): SendHarborRequest =>
  async ({ method, path, headers, body }) => {
    const start = performance.now();
    const response = await fetch(`${url}/harbor${path}`, { method, headers, redirect: 'manual', body: body ?? null });
    const text = await response.text();
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: text,
      milliseconds: performance.now() - start,
    };
  };

const send: SendHarborRequest = async (request) => await sendTo(server.url)(request);

/** Sends a request, and pauses after a 302 response. */
const patient: SendHarborRequest = async (request) => {
  const response = await send(request);
  if (response.status === 302) await new Promise((resolve) => void setTimeout(resolve, PAUSE_MS));
  return response;
};

describe('Harbor', () => {
  it('registers Clair', async () => {
    await expect(register(send)).resolves.toBeUndefined();
  });

  it('receives the report of an image, with the findings of clair scan', async () => {
    const report = await scan(patient, { artifact, registry: lent, kind: 'vulnerability' });
    const items = report['vulnerabilities'] as readonly { readonly id: string; readonly package: string }[];
    expect(items.length).toBeGreaterThan(0);
    const { body } = await server.get<{ findings: readonly { cves: readonly { id: string }[]; package: string }[] }>(
      `/v2/images/${artifact.digest}/report`,
    );
    const expected = new Set(body.findings.flatMap(({ cves, package: name }) => cves.map(({ id }) => `${id} ${name}`)));
    expect(new Set(items.map(({ id, package: name }) => `${id} ${name}`))).toEqual(expected);
  });

  it('receives an SBOM', async () => {
    const { sbom } = await scan(patient, { artifact, registry: lent, kind: 'sbom' });
    expect(sbom).toMatchObject({ spdxVersion: 'SPDX-2.3' });
  });

  it('sends credentials, which Clair uses only after a challenge and for no other image', async () => {
    const before = registry.authorizations.length;
    registry.intercept = ({ headers }, response) => {
      if (headers.authorization === LOGIN) return false;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="harbor"' }).end();
      return true;
    };
    await scan(patient, { artifact, registry: lent, kind: 'vulnerability' });
    expect(new Set(registry.authorizations.slice(before))).toEqual(new Set([undefined, LOGIN]));
    const denied = scan(patient, { artifact, registry: { ...lent, authorization: '' }, kind: 'vulnerability' });
    await expect(denied).rejects.toThrow(/status 500: .*the credentials that Harbor sent may have expired/);
    registry.intercept = () => false;
  });

  it('sends a token', async () => {
    registry.intercept = ({ headers }, response) => {
      if (headers.authorization === 'Bearer a.b.c') return false;
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://127.0.0.1:1/token"' }).end();
      return true;
    };
    const scanned = scan(patient, {
      artifact,
      registry: { ...lent, authorization: 'Bearer a.b.c' },
      kind: 'vulnerability',
    });
    await expect(scanned).resolves.toHaveProperty('vulnerabilities');
    registry.intercept = () => false;
  });

  it('leaves no login in the database after a scan', async () => {
    const found = await server.clair.store.submissions.list({ before: Number.MAX_SAFE_INTEGER, limit: 100 });
    expect(found.length).toBeGreaterThan(3);
    expect(found.map(({ access }) => access)).toEqual(found.map(() => null));
  });
});

const BASE = { digest: `sha256:${'0'.repeat(64)}`, repository: 'library/none', tag: '' };

describe('an error', () => {
  it('of an image that does not exist is in the message of a 500', async () => {
    const failed = scan(patient, { artifact: BASE, registry: lent, kind: 'vulnerability' });
    await expect(failed).rejects.toThrow(/report: status 500: no manifest sha256:0.*Check/);
  });

  it('of a private registry is 422 at once and names the setting', async () => {
    const strict = await startClairServer([]);
    const failed = scan(sendTo(strict.url), { artifact, registry: lent, kind: 'vulnerability' });
    await expect(failed).rejects.toThrow(/scan: status 422: 127\.0\.0\.1 .*worker\.allowedHosts/);
    await strict.close();
  });

  it('of an image whose release no feed covers is 500, unless the settings prefer a report', async () => {
    const empty = await startClairServer();
    const failed = scan(patientAt(empty), { artifact, registry: lent, kind: 'vulnerability' });
    await expect(failed).rejects.toThrow(/status 500: .*debian.*harbor\.incomplete/s);
    await empty.close();
    const harbor = { incomplete: 'report', sbom: true, native: false } as const;
    const lenient = await startClairServer(['127.0.0.1'], { harbor });
    const report = await scan(patientAt(lenient), { artifact, registry: lent, kind: 'vulnerability' });
    expect(report).toMatchObject({ vulnerabilities: [], clair: { incomplete: true } });
    await lenient.close();
  });

  it.each<[string, object | string, number]>([
    ['no JSON', '{', 400],
    ['a wrong type', { registry: 7 }, 400],
    ['no registry', {}, 422],
    ['an index', { artifact: { ...BASE, mime_type: 'application/vnd.oci.image.index.v1+json' } }, 501],
  ])('of a request with %s has its status', async (_, parts, status) => {
    const body = typeof parts === 'string' ? parts : JSON.stringify(parts);
    const registryOf =
      typeof parts === 'string' || 'registry' in parts || Object.keys(parts).length === 0 ? {} : { registry: lent };
    const sent = typeof parts === 'string' ? body : JSON.stringify({ ...registryOf, ...parts });
    const response = await send({ method: 'POST', path: '/api/v1/scan', headers: JSON_BODY, body: sent });
    expect([response.status, JSON.parse(response.body)]).toEqual([
      status,
      { error: { message: expect.stringMatching(/.+/) } },
    ]);
  });

  it.each([
    ['/api/v1/scan/unknown/report', {}, 404],
    ['/api/v1/nothing', {}, 404],
  ])('at %s is %s', async (path, headers, status) => {
    const response = await send({ method: 'GET', path, headers });
    expect([response.status, JSON.parse(response.body)]).toEqual([status, { error: { message: expect.any(String) } }]);
  });

  it('names a media type or an SBOM format that the adapter does not have', async () => {
    const path = `/api/v1/scan/${await scanId()}/report`;
    const statusOf = async (accept: string, query = ''): Promise<number> =>
      (await patientUntilDone({ method: 'GET', path: `${path}${query}`, headers: { accept } })).status;
    expect(await statusOf('text/html')).toBe(501);
    expect(await statusOf('application/vnd.scanner.adapter.vuln.report.raw')).toBe(501);
    expect(await statusOf('application/vnd.security.sbom.report+json; version=1.0')).toBe(400);
    expect(await statusOf('application/vnd.security.sbom.report+json; version=1.0', '?sbom_media_type=a/b')).toBe(400);
    expect(await statusOf(NATIVE)).toBe(200);
    expect(await statusOf('*/*')).toBe(200);
  });
});

const JSON_BODY = { 'content-type': 'application/json' };

const patientAt =
  ({ url }: ClairServer): SendHarborRequest =>
  async (request) => {
    const response = await sendTo(url)(request);
    if (response.status === 302) await new Promise((resolve) => void setTimeout(resolve, PAUSE_MS));
    return response;
  };

async function patientUntilDone(request: Parameters<SendHarborRequest>[0]): Promise<HarborResponse> {
  for (;;) {
    const response = await patient(request);
    if (response.status !== 302) return response;
  }
}

async function scanId(): Promise<string> {
  const { body } = await send({
    method: 'POST',
    path: '/api/v1/scan',
    headers: JSON_BODY,
    body: JSON.stringify({ registry: lent, artifact }),
  });
  return (JSON.parse(body) as { id: string }).id;
}

describe('the Harbor login', () => {
  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['none', {}, 401],
    ['the basic credentials', { authorization: `Basic ${btoa('harbor:secret')}` }, 200],
    ['another password', { authorization: `Basic ${btoa('harbor:other')}` }, 401],
    ['the API key', { 'x-scanneradapter-api-key': 'k'.repeat(16) }, 200],
    ['another API key', { 'x-scanneradapter-api-key': 'k' }, 401],
    ['a token without a key on the server', { authorization: 'Bearer a.b.c' }, 401],
  ])('with %s results in %i', async (_, headers, status) => {
    const harbor = {
      incomplete: 'error',
      sbom: true,
      native: false,
      basic: 'harbor:secret',
      apikey: 'k'.repeat(16),
    } as const;
    const closed = await startClairServer([], { harbor });
    const response = await sendTo(closed.url)({ method: 'GET', path: '/api/v1/metadata', headers });
    expect(response.status).toBe(status);
    await closed.close();
  });
});

describe('the replay client', () => {
  it('tests at least 40 deviations with different names', () => {
    expect(new Set(DEVIATIONS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(40);
  });

  it.each(DEVIATIONS)('fails on $name', async ({ stage, change }) => {
    let changed = 0;
    const deviating: SendHarborRequest = async (request) => {
      const response = await patient(request);
      if (!isOf(stage, request.path, response)) return response;
      changed += 1;
      return change(response);
    };
    const kind = stage === 'sbom' ? 'sbom' : 'vulnerability';
    const run = stage === 'metadata' ? register(deviating) : scan(deviating, { artifact, registry: lent, kind });
    await expect(run).rejects.toBeInstanceOf(Error);
    expect(changed).toBeGreaterThan(0);
  });
});

function isOf(stage: Stage, path: string, { status }: HarborResponse): boolean {
  if (path.endsWith('/metadata')) return stage === 'metadata';
  if (path.endsWith('/scan')) return stage === 'scan';
  if (stage === 'poll') return true;
  return status === 200 && (stage === 'report' || stage === 'sbom');
}
