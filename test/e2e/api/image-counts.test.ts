/** Tests a server with threads, whose background job counts the findings of an image with many packages. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Digest, digestOfHex } from '../../../src/model/digest.ts';
import type { ImageSummary } from '../../../src/report/image/image-summary.ts';
import { DETECTORS } from '../../../src/worker/detectors/index.ts';
import { createLocalWorker } from '../../../src/worker/testing/local-worker.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildLayer } from '../../../src/worker/testing/image-builder.ts';
import { advisory } from '../../../src/database/testing/packages.ts';
import { publish } from '../../../src/database/testing/store-content.ts';

const PACKAGES = 5000;
const DIGEST = digestOfHex('1'.repeat(64));
const PATIENT = { timeout: 60_000, interval: 100 };
const log = pino({ level: 'silent' });

let server: ClairServer;
const folder = mkdtempSync(join(tmpdir(), 'clair-counts-'));
const ignoreFile = join(folder, 'ignore.txt');
beforeAll(async () => {
  writeFileSync(ignoreFile, '');
  server = await startClairServer([], {}, { threads: 1, suppressionFiles: [ignoreFile] });
  await publish(server.clair.store, affecting(PACKAGES), Date.now());
  await know(DIGEST, PACKAGES);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function affecting(count: number): ReturnType<typeof advisory>[] {
  return Array.from({ length: count }, (_, at) =>
    advisory(`CVE-2099-${10_000 + at}`, { package: `package-${at}`, fixed: '2' }),
  );
}

async function know(digest: Digest, count: number): Promise<void> {
  const stanza = (at: number): string =>
    `Package: package-${at}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDescription: x\n`;
  const status = Array.from({ length: count }, (_, at) => stanza(at)).join('\n');
  const tar = await buildLayer({ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n', 'var/lib/dpkg/status': status });
  const diffId = digestOfHex(createHash('sha256').update(tar).digest('hex'));
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield tar;
  }
  const source = { where: diffId, diffId, open: async () => bytes() };
  const layers = [{ source, digest: diffId, diffId, createdBy: 'RUN x' }];
  const image = {
    kind: 'oci' as const,
    reference: `x:${count}`,
    target: 'oci:/x',
    digest,
    platform: 'linux/amd64',
    layers,
  };
  await createLocalWorker({ store: server.clair.store, detectors: DETECTORS }).analyzeImage({
    ...image,
    close: async () => {},
  });
}

async function listed(): Promise<(ImageSummary & { readonly all: boolean }) | undefined> {
  const { body } = await server.get<{ images: readonly ImageSummary[]; isCurrent: boolean }>('/v2/images');
  const image = body.images.find(({ digest }) => digest === DIGEST);
  return image && { ...image, all: body.isCurrent };
}

it('the list shows an image of 5,000 packages without computing its report, before and after it is counted', async () => {
  const reports = vi.spyOn(server.clair.store.matches, 'verdicts');
  const packages = vi.spyOn(server.clair.store.layers, 'features');
  expect(await listed()).toMatchObject({
    countState: 'waiting',
    isCurrent: false,
    all: false,
    isIncomplete: true,
    severities: null,
  });
  const counting = server.clair.counting(log);
  try {
    await expect
      .poll(listed, PATIENT)
      .toMatchObject({ countState: 'counted', isCurrent: true, all: true, packages: PACKAGES, fixable: PACKAGES });

    // An update makes the counts stale, and the job recomputes them.
    await publish(server.clair.store, affecting(PACKAGES - 1), Date.now());
    expect(await listed()).toMatchObject({ isCurrent: false, all: false, fixable: PACKAGES });
    await expect.poll(listed, PATIENT).toMatchObject({ isCurrent: true, all: true, fixable: PACKAGES - 1 });

    // A changed ignore file of the instance also makes the counts stale.
    writeFileSync(ignoreFile, '- {id: CVE-2099-10000, reason: x}\n');
    expect(await listed()).toMatchObject({ isCurrent: false, all: false, suppressed: 0 });
    await server.clair.store.flags.set('test/wake', '1');
    await expect
      .poll(listed, PATIENT)
      .toMatchObject({ isCurrent: true, all: true, fixable: PACKAGES - 2, suppressed: 1 });
    await expectVulnerabilities();
  } finally {
    await counting.stop();
  }
  expect([reports.mock.calls, packages.mock.calls]).toEqual([[], []]);
});

/** Expects the vulnerabilities of the image with 5,000 packages: one is suppressed, and one has no advisory. */
async function expectVulnerabilities(): Promise<void> {
  type Found = { readonly id: string; readonly images: number };
  type Page = { readonly vulnerabilities: readonly Found[]; readonly nextPage: string | null };
  const get = async <Body>(path: string): Promise<Body> => (await server.get<Body>(path)).body;
  const path = '/v2/vulnerabilities?sort=images&limit=2';
  const first = await get<Page & { readonly isCurrent: boolean }>(path);
  expect(first).toMatchObject({ isCurrent: true, vulnerabilities: [{ images: 1 }, { images: 1 }] });
  const second = await get<Page>(`${path}&page=${first.nextPage}`);
  const ids = [...first.vulnerabilities, ...second.vulnerabilities].map(({ id }) => id);
  expect([new Set(ids).size, ids.includes('CVE-2099-10000')]).toEqual([4, false]);
  const total = await fetch(`${server.url}${path}&search=cve-2099`);
  expect(total.headers.get('x-total-count')).toBe(`${PACKAGES - 2}`);
  expect(await get('/v2/vulnerabilities/CVE-2099-10001')).toMatchObject({
    images: 1,
    isCurrent: true,
    severity: 'Medium',
  });
  expect(await get('/v2/vulnerabilities/CVE-2099-10000')).toMatchObject({ images: 0 });
  const changes = async (query: string): Promise<readonly string[]> =>
    (
      await get<{ readonly changes: readonly { readonly vulnerability: string }[] }>(`/v2/changes?${query}`)
    ).changes.map(({ vulnerability }) => vulnerability);
  // The last change withdrew an advisory, so no image has its finding.
  expect(await changes('limit=1')).toEqual([`CVE-2099-${10_000 + PACKAGES - 1}`]);
  const inImages = await changes('limit=1&inImages=true');
  expect(await get('/v2/changes?inImages=true')).toMatchObject({ isCurrent: true });
  expect(await get('/v2/changes')).not.toHaveProperty('isCurrent');
  expect([inImages.length, inImages.includes(`CVE-2099-${10_000 + PACKAGES - 1}`)]).toEqual([1, false]);
}

it('the list responds while a thread computes the counts of a large image', async () => {
  await publish(server.clair.store, affecting(PACKAGES), Date.now());
  const counting = server.clair.counting(log);
  try {
    const slowest: number[] = [];
    while ((await listed())?.isCurrent !== true) {
      const start = performance.now();
      await listed();
      slowest.push(performance.now() - start);
    }
    expect(slowest.length).toBeGreaterThan(0);
    // The test uses the median, because other tests might keep the machine busy.
    expect(slowest.toSorted((one, other) => one - other)[Math.floor(slowest.length / 2)]).toBeLessThan(100);
  } finally {
    await counting.stop();
  }
});
