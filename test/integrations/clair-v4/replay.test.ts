import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { clairctlReport } from './clairctl-client.ts';
import { DEVIATIONS } from './deviations.ts';
import { quayScan } from './quay-client.ts';
import { type PostedManifest, type QuayStorage, startQuayStorage } from './quay-storage.ts';
import { storeEnrichments } from './scored-data.ts';
import { deviating, type Transport, transportTo } from './transport.ts';

let server: ClairServer;
let storage: QuayStorage;
let manifest: PostedManifest;
let send: Transport;
beforeAll(async () => {
  [server, storage] = await Promise.all([startClairServer(), startQuayStorage()]);
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  await storeEnrichments(server.clair.store);
  manifest = storage.manifest(`sha256:${'5'.repeat(64)}`, (await buildDemoLayers()).slice(0, 2));
  send = transportTo(server.url);
});
afterAll(async () => {
  await server.close();
  await storage.close();
});

describe('the clients', () => {
  it('Quay shows the packages with their layers and vulnerabilities', async () => {
    const { features } = await quayScan(send, manifest);
    expect(
      features.map(({ name, addedBy }) => [name, manifest.layers.findIndex(({ hash }) => hash === addedBy)]),
    ).toEqual([
      ['base-files', 0],
      ['curl', 1],
      ['libcurl4', 1],
      ['libssl3', 0],
      ['openssl', 1],
      ['zlib1g', 0],
    ]);
    expect(features.find(({ name }) => name === 'openssl')?.vulnerabilities).toMatchInlineSnapshot(`
      [
        {
          "cves": [
            "CVE-2099-0001",
          ],
          "fixedBy": "3.0.13-1~deb12u1",
          "name": "CVE-2099-0001",
          "score": 9.1,
          "severity": "High",
        },
        {
          "cves": [
            "CVE-2099-0002",
          ],
          "fixedBy": "",
          "name": "CVE-2099-0002",
          "score": undefined,
          "severity": "Low",
        },
      ]
    `);
  });

  it('clairctl prints a row for each finding', async () => {
    const rows = await clairctlReport(send, manifest);
    const { features } = await quayScan(send, manifest);
    const shown = features.flatMap(({ name, vulnerabilities }) => vulnerabilities.map((of) => `${name} ${of.name}`));
    expect(rows.map(([name, , vulnerability]) => `${name} ${vulnerability}`).toSorted()).toEqual(shown.toSorted());
  });
});

describe('a deviation', () => {
  it('is one of at least 40 deviations for each client, each with its own name', () => {
    for (const client of ['quay', 'clairctl']) {
      expect(DEVIATIONS.filter(({ by }) => by === client || by === 'both').length).toBeGreaterThanOrEqual(40);
    }
    expect(new Set(DEVIATIONS.map(({ name }) => name)).size).toBe(DEVIATIONS.length);
  });

  it.each(DEVIATIONS)('is detected: $name ($by)', async ({ by, ...deviation }) => {
    const changed = deviating(send, deviation);
    const noticed = [
      ...((await hasFailed(quayScan(changed, manifest))) ? ['quay'] : []),
      ...((await hasFailed(clairctlReport(changed, manifest))) ? ['clairctl'] : []),
    ];
    expect(noticed).toEqual(by === 'both' ? ['quay', 'clairctl'] : [by]);
  });
});

async function hasFailed(work: Promise<unknown>): Promise<boolean> {
  return await work.then(
    () => false,
    () => true,
  );
}
