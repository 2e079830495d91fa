import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatabaseOptions, openEngine } from '../../../src/database/open-store.ts';
import type { Report } from '../../../src/model/report/report.ts';
import type { ImageSummary } from '../../../src/report/image/image-summary.ts';
import { newPostgresSource } from '../../../src/database/testing/stores.ts';
import { cyclonedxOf, DEBIAN, withPurl } from '../../../src/worker/sboms/testing/documents.ts';
import { type ClairProcess, runClair, serveClair } from '../../fixtures/clair-process.ts';
import { DEMO_FEED } from '../../fixtures/demo-image.ts';

const PATIENCE = { timeout: 60_000, interval: 200 };
const folder = mkdtempSync(join(tmpdir(), 'clair-sboms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Submission = {
  readonly id: string;
  readonly state: string;
  readonly images: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
};

const LIBSSL = 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&upstream=openssl';
const SBOM = cyclonedxOf([
  DEBIAN,
  withPurl(LIBSSL),
  withPurl('pkg:npm/left-pad@1.3.0'),
  { type: 'library', name: 'unnamed', version: '1' },
]);

/** The number of packages of an SBOM that takes long enough to be interrupted. */
const LARGE = 8000;

function largeSbom(): object {
  const libraries = Array.from({ length: LARGE - 1 }, (_, at) => withPurl(`pkg:npm/package-${at}@1.0.${at}`));
  return cyclonedxOf([DEBIAN, withPurl(LIBSSL), ...libraries]);
}

describe.each([
  ['SQLite', (): DatabaseOptions => ({ type: 'sqlite', path: join(folder, 'clair.db') })],
  ['PostgreSQL', (): DatabaseOptions => ({ type: 'postgres', source: newPostgresSource() })],
])('SBOMs submitted to a server with %s', { timeout: 240_000 }, (engine, database) => {
  const config = join(folder, `${engine}.yaml`);
  const feed = join(folder, `${engine}-feed.json`);
  const storage = database();
  let receiver: Server;
  let told = 0;
  let clair: ClairProcess;

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      request.resume();
      told += 1;
      response.end();
    });
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    writeFileSync(feed, readFileSync(DEMO_FEED));
    const settings = {
      api: { port: 0, healthport: null },
      database: storage,
      worker: { threads: 1 },
      updater: { interval: 0 },
      notifier: { http: { endpoint } },
    };
    writeFileSync(config, stringify(settings));
    clair = await serveClair(['--config', config]);
    await update();
  }, 240_000);
  afterAll(async () => {
    await clair.stop();
    receiver.closeAllConnections();
    receiver.close();
  });

  /** Ends the leases of a killed instance, which last a minute. */
  async function endLeases(): Promise<void> {
    const killed = await openEngine(storage);
    await killed.transaction((queries) => queries.run('UPDATE lock SET until = 0'));
    await killed.close();
  }

  const update = async (): Promise<string> =>
    await runClair(['update', '--config', config, '--feed', 'debian', '--from', feed]);

  async function ask<Body>(path: string, method = 'GET'): Promise<Body> {
    const response = await fetch(`${clair.url}${path}`, { method });
    const text = await response.text();
    expect({ path, isDone: response.ok, text }).toMatchObject({ isDone: true });
    return JSON.parse(text || 'null') as Body;
  }

  async function send(body: string | Uint8Array<ArrayBuffer>, query = '', type = 'application/json') {
    const response = await fetch(`${clair.url}/v2/sboms${query}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    const { submission } = (await response.json()) as { submission: Submission };
    expect([response.status, response.headers.get('location')]).toEqual([202, `/v2/submissions/${submission.id}`]);
    return submission;
  }

  async function finished({ id }: Submission): Promise<Submission> {
    const now = async (): Promise<Submission> => await ask<Submission>(`/v2/submissions/${id}`);
    await expect.poll(async () => (await now()).state, PATIENCE).toMatch(/done|failed/);
    return await now();
  }

  const imageOf = async (submission: Submission): Promise<string> => {
    const { images, error } = await finished(submission);
    expect([error, images.length]).toEqual([null, 1]);
    return images[0] ?? '';
  };
  const reportOf = async (digest: string): Promise<Report> => await ask<Report>(`/v2/images/${digest}/report`);
  const listed = async (): Promise<readonly ImageSummary[]> =>
    (await ask<{ images: readonly ImageSummary[] }>('/v2/images?limit=100')).images;

  it('are listed and reported like images, with the components that were judged', async () => {
    const digest = await imageOf(await send(JSON.stringify(SBOM), '?name=app.json'));
    const report = await reportOf(digest);
    expect(report.target).toMatchObject({ kind: 'sbom', reference: 'app.json', digest });
    expect(report.distribution?.namespace).toBe('debian:12');
    expect(report.packages.map(({ name }) => name).toSorted()).toEqual(['left-pad', 'libssl3']);
    expect(report.findings.map(({ id }) => id)).toContain('CVE-2099-0001');
    const said = report.diagnostics.map(({ code, message }) => `${code} ${message}`);
    expect(said).toContainEqual(
      expect.stringMatching(/^sbom-components-judged checked 2 of 4 components of CycloneDX 1\.6/),
    );
    expect(said).toContainEqual(
      expect.stringMatching(/^sbom-component-not-judged .*without a package URL \(unnamed\)/),
    );
    expect(await listed()).toContainEqual(
      expect.objectContaining({ digest, reference: 'app.json', packages: 2, isIncomplete: true }),
    );
  });

  it('are the same image each time, compressed or not, and another image for another distribution', async () => {
    const text = JSON.stringify(SBOM);
    const again = await imageOf(await send(text, '?name=app.json', 'application/vnd.cyclonedx+json'));
    const packed = await imageOf(
      await send(new Uint8Array(gzipSync(text)), '?name=app.json', 'application/octet-stream'),
    );
    const other = await imageOf(await send(text, '?name=app.json&distribution=debian:11'));
    expect([packed === again, other === again]).toEqual([true, false]);
    expect((await reportOf(other)).distribution?.namespace).toBe('debian:11');
    expect((await listed()).filter(({ reference }) => reference === 'app.json')).toHaveLength(2);
  });

  it('are evaluated again after an update, with a notification', async () => {
    const digest = await imageOf(await send(JSON.stringify(SBOM), '?name=app.json'));
    const before = told;
    const advisories = JSON.parse(readFileSync(DEMO_FEED, 'utf8'));
    advisories.openssl['CVE-2099-0999'] = {
      description: 'New.',
      releases: { bookworm: { status: 'open', repositories: { bookworm: '3.0.13-1~deb12u1' }, urgency: 'high' } },
    };
    writeFileSync(feed, JSON.stringify(advisories));
    await update();
    expect((await reportOf(digest)).findings.map(({ id }) => id)).toContain('CVE-2099-0999');
    const { images } = await ask<{ images: readonly { digest: string }[] }>(
      '/v2/vulnerabilities/CVE-2099-0999/images?limit=100',
    );
    expect(images.map((image) => image.digest)).toContain(digest);
    await expect.poll(() => told, PATIENCE).toBeGreaterThan(before);
  });

  it('fail with the place of the fault, and store no image', async () => {
    const digests = async (): Promise<readonly string[]> => (await listed()).map(({ digest }) => digest);
    const before = await digests();
    const cut = JSON.stringify(SBOM).slice(0, -20);
    expect(await finished(await send(cut, '?name=cut.json'))).toMatchObject({
      state: 'failed',
      images: [],
      error: { code: 'sbom/invalid', message: expect.stringContaining('cut.json') },
    });
    expect(await digests()).toEqual(before);
  });

  it('can be deleted', async () => {
    const digest = await imageOf(await send(JSON.stringify(cyclonedxOf([DEBIAN])), '?name=deleted.json'));
    await ask(`/v2/images/${digest}`, 'DELETE');
    expect((await fetch(`${clair.url}/v2/images/${digest}/report`)).status).toBe(404);
  });

  it('are read by another instance when theirs is killed, and nothing is half-stored', {
    timeout: 240_000,
  }, async () => {
    const text = JSON.stringify(largeSbom());
    const submission = await send(text, '?name=large.json');
    const state = async (): Promise<string> => (await ask<Submission>(`/v2/submissions/${submission.id}`)).state;
    await expect.poll(state, { timeout: 60_000, interval: 20 }).toBe('reading');
    await clair.kill();
    await endLeases();
    clair = await serveClair(['--config', config]);
    expect((await listed()).map(({ reference }) => reference)).not.toContain('large.json');
    const digest = await imageOf(submission);
    const report = await reportOf(digest);
    expect(report.packages).toHaveLength(LARGE);
    expect(report.findings.map(({ id }) => id)).toContain('CVE-2099-0001');
    expect(await imageOf(await send(text, '?name=large.json'))).toBe(digest);
  });
});
