import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { type PostedManifest, type QuayStorage, startQuayStorage } from './quay-storage.ts';
import { storeEnrichments } from './scored-data.ts';

const HASH = `sha256:${'5'.repeat(64)}`;
const OTHER = `sha256:${'6'.repeat(64)}`;
const INDEX = '/indexer/api/v1/index_report';
const REPORT = '/matcher/api/v1/vulnerability_report';

type Report = {
  readonly vulnerabilities: Readonly<Record<string, { readonly name: string; readonly links: string }>>;
  readonly enrichments: Readonly<Record<string, readonly object[]>>;
  readonly suppressed: readonly { readonly name: string; readonly package: string; readonly by: string }[];
  readonly incomplete: boolean;
};

let storage: QuayStorage;
let manifest: PostedManifest;
beforeAll(async () => {
  storage = await startQuayStorage();
  manifest = storage.manifest(HASH, (await buildDemoLayers()).slice(0, 2));
});
afterAll(() => storage.close());

const servers: ClairServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((each) => each.close()));
});

/** Starts a server with the indexed manifest. */
async function started(...options: Parameters<typeof startClairServer>): Promise<ClairServer> {
  const server = await startClairServer(...options);
  servers.push(server);
  await server.send('POST', INDEX, { body: manifest });
  return server;
}

async function withData(...options: Parameters<typeof startClairServer>): Promise<ClairServer> {
  const server = await started(...options);
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  await storeEnrichments(server.clair.store);
  return server;
}

describe('the vulnerability report', () => {
  it('is 202 without a body until a feed was read, because an empty report would look clean', async () => {
    const server = await started();
    await storeEnrichments(server.clair.store);
    const empty = await server.send('GET', `${REPORT}/${HASH}`);
    expect([empty.status, empty.text]).toEqual([202, '']);
    await server.clair.updater.update('debian', { from: DEMO_FEED });
    expect((await server.send('GET', `${REPORT}/${HASH}`)).status).toBe(200);
  });

  it('is current: additions of a feed are in the next response', async () => {
    const server = await withData();
    const names = async (): Promise<readonly string[]> =>
      Object.values((await server.send<Report>('GET', `${REPORT}/${HASH}`)).body.vulnerabilities).map(
        ({ name }) => name,
      );
    expect(await names()).not.toContain('OWN-1');
    const Vulnerability = { Name: 'OWN-1', Severity: 'Low', FixedIn: [{ Name: 'zlib', Version: 'None' }] };
    await server.post('/v1/namespaces/debian:12/vulnerabilities', { Vulnerability });
    expect(await names()).toContain('OWN-1');
  });

  it.each<[string, string, number]>([
    ['an unknown manifest', `${REPORT}/${OTHER}`, 404],
    ['a malformed digest', `${REPORT}/sha256:1`, 400],
    ['another query', `${REPORT}/${HASH}?enrichments=some`, 400],
    ['a percent-encoded digest', `${REPORT}/${HASH.replace(':', '%3A')}`, 200],
    ['a slash at the end', `${REPORT}/${HASH}/`, 200],
  ])('of %s', async (_what, path, status) => {
    const server = await withData();
    expect((await server.send('GET', path)).status).toBe(status);
    expect((await server.send('POST', path)).status).toBe(405);
  });

  it('has only CVSS, unless all enrichments are requested', async () => {
    const server = await withData();
    const keys = async (query: string): Promise<readonly string[]> => {
      const { headers, body } = await server.send<Report>('GET', `${REPORT}/${HASH}${query}`);
      expect(headers.get('cache-control')).toBe('max-age=0');
      return Object.keys(body.enrichments).map((type) => /enricher=(\S+)/.exec(type)?.[1] ?? type);
    };
    expect(await keys('')).toEqual(['clair.cvss']);
    expect(await keys('?enrichments=all')).toEqual(['clair.cvss', 'clair.epss', 'clair.kev']);
  });

  it('is the same from a thread', async () => {
    const [direct, threaded] = [await withData(), await withData(undefined, {}, { threads: 1 })];
    const of = async (server: ClairServer): Promise<unknown> => (await server.send('GET', `${REPORT}/${HASH}`)).body;
    expect(await of(threaded)).toEqual(await of(direct));
  });

  it('lists suppressed findings in a separate member', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'clair-v4-')), 'ignore.yaml');
    writeFileSync(file, '- id: CVE-2099-0001\n  reason: not reachable\n');
    const server = await withData(undefined, {}, { suppressionFiles: [file] });
    const { body } = await server.send<Report>('GET', `${REPORT}/${HASH}`);
    expect(Object.values(body.vulnerabilities).map(({ name }) => name)).not.toContain('CVE-2099-0001');
    expect(body.suppressed).toContainEqual(
      expect.objectContaining({ name: 'CVE-2099-0001', by: 'ignore', reason: 'not reachable' }),
    );
  });

  it('is 404 for an image with an index error, and for a deleted image', async () => {
    const server = await startClairServer(undefined, { v4: { incomplete: 'error' } });
    servers.push(server);
    await server.clair.updater.update('debian', { from: DEMO_FEED });
    const bare = storage.manifest(OTHER, [{ tar: Buffer.alloc(1024), createdBy: '' }]);
    const posted = await server.send<{ state: string }>('POST', INDEX, { body: bare });
    expect([posted.status, posted.body.state]).toEqual([201, 'IndexError']);
    expect((await server.send('GET', `${REPORT}/${OTHER}`)).status).toBe(404);
    await server.send('POST', INDEX, { body: manifest });
    expect((await server.send('GET', `${REPORT}/${HASH}`)).status).toBe(200);
    await server.send('DELETE', `${INDEX}/${HASH}`);
    expect((await server.send('GET', `${REPORT}/${HASH}`)).status).toBe(404);
  });
});
