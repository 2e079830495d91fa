import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../src/api/testing/clair-server.ts';
import type { ImageDifference } from '../../src/report/difference/image-difference.ts';
import { knowImage } from '../../src/worker/testing/indexed-image.ts';
import { writeOciLayout } from '../../src/worker/testing/image-builder.ts';
import { buildDemoLayers, DEMO_FEED } from '../fixtures/demo-image.ts';
import { runClair } from '../fixtures/cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-comparison-'));
let server: ClairServer;
let api: DocumentedApi;
const digests: string[] = [];

const layout = (count: number): string => join(folder, `image-${count}`);

beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  const layers = await buildDemoLayers();
  for (const count of [2, 3]) {
    writeOciLayout(layout(count), layers.slice(0, count), `demo:${count}`);
    digests.push((await knowImage(server.clair.worker, `oci:${layout(count)}`)).image.digest);
  }
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const compared = async (before: string, after: string): Promise<ImageDifference> =>
  (await api.send<ImageDifference>('GET', `/v2/comparison?${new URLSearchParams({ before, after }).toString()}`)).body;

describe('the comparison of two indexed images', () => {
  it('is the comparison of clair diff', async () => {
    const { before, after, ...difference } = await compared(digests[0] ?? '', digests[1] ?? '');
    const db = join(server.folder, 'db', 'clair.db');
    const images = [2, 3].map((count) => `oci:${layout(count)}`);
    const { out } = await runClair(['diff', ...images, '--verify', '--db', db, '--format', 'json']);
    const expected: ImageDifference = JSON.parse(out);
    expect(difference).toEqual({
      schemaVersion: 2,
      sharedLayers: 2,
      packages: expected.packages,
      findings: expected.findings,
    });
    expect(difference.findings.removed.length + difference.findings.added.length).toBeGreaterThan(0);
    expect([before, after].map(({ target, layers }) => [target.digest, layers.length])).toEqual([
      [digests[0], 2],
      [digests[1], 3],
    ]);
  });

  it('finds images by their references', async () => {
    const { before, after } = await compared('demo:3', 'demo:2');
    expect([before.target.digest, after.target.digest]).toEqual([digests[1], digests[0]]);
  });

  it('has no differences between an image and itself', async () => {
    const { packages, findings, sharedLayers } = await compared('demo:3', 'demo:3');
    expect(packages).toEqual({ added: [], removed: [], changed: [] });
    expect(findings).toMatchObject({ added: [], removed: [], changed: [] });
    expect([findings.unchanged > 0, sharedLayers]).toEqual([true, 3]);
  });

  it.each([
    ['before=demo:3&after=none:1', 404, 'image/unknown', 'image none:1 not found'],
    ['before=demo:3', 400, 'request/invalid', 'after'],
    ['before=demo:3&after=demo:2&format=json', 400, 'request/invalid', 'unknown query parameter "format"'],
  ])('%s is %i', async (query, status, code, message) => {
    expect(await api.ask('GET', `/v2/comparison?${query}`)).toMatchObject([
      status,
      { error: { code, message: expect.stringContaining(message) } },
    ]);
  });
});
