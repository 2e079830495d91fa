import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { writeOciLayout } from '../../../src/worker/testing/image-builder.ts';
import { knowImage } from '../../../src/worker/testing/indexed-image.ts';

type Finding = { readonly package: string; readonly isSuppressed: boolean };
type Page = {
  readonly images: readonly { readonly digest: string; readonly findings: readonly Finding[] }[];
  readonly nextPage: string | null;
};

let folder: string;
let server: ClairServer;
let api: DocumentedApi;
/**
 * The digests of the images, by the number of demo layers in the image. The image with two layers has all packages that
 * later layers upgrade or remove.
 */
const digests = new Map<number, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clair-affected-images-'));
  const ignored = join(folder, 'ignore.yaml');
  writeFileSync(ignored, '- {id: CVE-2099-0001, package: libssl3, reason: not used}\n');
  server = await startClairServer([], {}, { suppressionFiles: [ignored] });
  api = await documentedApi(server);
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  const demo = await buildDemoLayers();
  for (const count of [4, 2, 1]) {
    const layout = join(folder, `image-${count}`);
    writeOciLayout(layout, demo.slice(0, count), `demo:${count}`);
    digests.set(count, (await knowImage(server.clair.worker, `oci:${layout}`)).image.digest);
  }
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const touchedBy = async (id: string, query = ''): Promise<Page> => {
  const { status, body } = await api.send<Page>('GET', `/v2/vulnerabilities/${id}/images${query}`);
  expect(status).toBe(200);
  return body;
};
const refusal = (code: string): object => ({ error: expect.objectContaining({ code }) });

describe('the affected images of a vulnerability', () => {
  it('have an affected package in the topmost layer, regardless of the layer that added it, and list their findings', async () => {
    const { images, nextPage } = await touchedBy('CVE-2099-0001');
    const place = { namespace: 'debian:12', type: 'deb', arch: 'amd64', paths: [] };
    const affected = { severity: 'High', status: 'fixed', ...place };
    const inherited = { ...affected, package: 'libssl3', version: '3.0.11-1~deb12u2', fixedIn: '3.0.13-1~deb12u1' };
    const own = { ...inherited, package: 'openssl', version: '3.0.11-1~deb12u2+b1' };
    const image = { platform: 'linux/amd64', scannedAt: expect.stringMatching(/^20.*Z$/) };
    const base = { layer: 0, createdBy: 'debootstrap bookworm', isSuppressed: true };
    const installed = { layer: 1, createdBy: 'RUN apt-get install curl openssl', isSuppressed: false };
    expect(images).toEqual([
      {
        ...image,
        digest: digests.get(2),
        reference: expect.stringContaining('demo:2'),
        findings: [
          { ...own, ...installed },
          { ...inherited, ...base },
        ],
      },
      {
        ...image,
        digest: digests.get(1),
        reference: expect.stringContaining('demo:1'),
        findings: [{ ...inherited, ...base }],
      },
    ]);
    expect(nextPage).toBeNull();
  });

  it('have the findings of their reports', async () => {
    for (const { digest, findings } of (await touchedBy('CVE-2099-0002')).images) {
      const { body } = await api.send<{ findings: readonly (Finding & { id: string })[] }>(
        'GET',
        `/v2/images/${digest}/report`,
      );
      const reported = body.findings.filter(({ id }) => id === 'CVE-2099-0002');
      expect(reported.length).toBeGreaterThan(0);
      expect(findings.map((finding) => finding.package)).toEqual(reported.map((finding) => finding.package));
    }
  });

  it('are listed page by page, each once', async () => {
    const seen = new Set<string>();
    for (let page: string | null = ''; page !== null; ) {
      const body: Page = await touchedBy('CVE-2099-0002', `?limit=1&page=${page}`);
      for (const { digest } of body.images) {
        expect(seen.has(digest)).toBe(false);
        seen.add(digest);
      }
      page = body.nextPage;
    }
    expect(seen).toEqual(new Set(digests.values()));
    const { nextPage } = await touchedBy('CVE-2099-0002', '?limit=1');
    for (const query of ['', '?limit=1', `?limit=1&page=${nextPage}`]) {
      const { headers } = await fetch(`${server.url}/v2/vulnerabilities/CVE-2099-0002/images${query}`);
      expect(headers.get('x-total-count')).toBe(`${digests.size}`);
    }
  });

  it('are an empty list when no image is affected', async () => {
    const Vulnerability = { Name: 'OWN-1', Severity: 'Low', FixedIn: [{ Name: 'nowhere', Version: '1' }] };
    await server.post('/v1/namespaces/debian:12/vulnerabilities', { Vulnerability });
    expect(await touchedBy('OWN-1')).toEqual({ images: [], nextPage: null });
  });

  it('reject page tokens of other lists, and are 404 for an unknown vulnerability', async () => {
    const { nextPage } = await touchedBy('CVE-2099-0002', '?limit=1');
    const path = (id: string, query = ''): string => `/v2/vulnerabilities/${id}/images${query}`;
    const refused = [400, refusal('request/page-invalid')];
    expect(await api.ask('GET', path('CVE-2099-0001', `?page=${nextPage}`))).toEqual(refused);
    expect(await api.ask('GET', `/v2/vulnerabilities/CVE-2099-0002/layers?page=${nextPage}`)).toEqual(refused);
    expect(await api.ask('GET', path('CVE-2099-0002', '?page=x'))).toEqual(refused);
    expect(await api.ask('GET', path('CVE-2098-0001'))).toEqual([404, refusal('vulnerability/not-found')]);
  });
});
