import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report/report.ts';
import { openImage, parseTarget } from '../../../src/worker/sources/target.ts';
import { CLAIR_FILE } from '../../fixtures/clair-program.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';

const FEED = 'feeds/debian/debian-tracker-derived.json.zst';
const IMAGE = 'images/debian-dbonly/bullseye-4layers.docker-archive.tar.xz';
const EXPECTED = 'images/debian-dbonly/bullseye-4layers.expected.json';

/**
 * The result of `dpkg --compare-versions` for each layer: source packages with binaries and versions, by vulnerability.
 */
type ExpectedLayer = {
  readonly packages: number;
  readonly vulnerabilities: Readonly<
    Record<string, Readonly<Record<string, { binaries: readonly string[]; fixed: string; installed: string }>>>
  >;
};

type VulnerabilityBody = {
  readonly ID: string;
  readonly Causes: readonly { Name: string; SourceName: string; SourceVersion: string; FixedIn: string }[];
};

describeShared('a real Debian image of four layers: install, upgrade, purge', [FEED, IMAGE, EXPECTED], () => {
  let expected: readonly ExpectedLayer[];
  let server: ClairServer;

  beforeAll(async () => {
    const byImage: Record<string, ExpectedLayer[]> = JSON.parse(readFileSync(sharedPath(EXPECTED), 'utf8'));
    expected = Object.values(byImage)[0]!;
    server = await startClairServer();
    await server.clair.updater.update('debian', { from: sharedPath(FEED) });
    const image = await openImage(parseTarget(`docker-archive:${sharedPath(IMAGE)}`));
    for (const [index, { source }] of image.layers.entries()) {
      const path = join(server.folder, `${index}.tar`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of await source.open()) chunks.push(chunk);
      writeFileSync(path, Buffer.concat(chunks));
      const parent = index === 0 ? {} : { ParentID: `layer-${index - 1}` };
      const answer = await server.post('/v1/layers', {
        ID: `layer-${index}`,
        Path: path,
        ImageFormat: 'Docker',
        ...parent,
      });
      expect(answer.status).toBe(201);
    }
    await image.close();
  });
  afterAll(() => server.close());

  it('has the expected number of layers', () => expect(expected).toHaveLength(4));

  it.each([
    [0, 72],
    [1, 131],
    [2, 0],
    [3, 0],
  ])('layer %i has %i vulnerabilities with the expected packages and versions', async (index, count) => {
    const { body } = await server.get<{
      Vulnerabilities: VulnerabilityBody[];
      Problems: { code: string }[];
      Hidden: object;
    }>(`/v1/layers/layer-${index}/vulnerabilities?minimumPriority=Unknown`);
    expect(body.Problems.map(({ code }) => code)).toEqual(['release-end-of-life']);
    expect(body.Hidden).toEqual({});
    expect(body.Vulnerabilities).toHaveLength(count);
    expect(bySourcePackage(body.Vulnerabilities)).toEqual(expected[index]!.vulnerabilities);
    const { body: packages } = await server.get<{ Packages: object[] }>(`/v1/layers/layer-${index}/packages`);
    expect(packages.Packages).toHaveLength(expected[index]!.packages);
  });

  it('lists what each layer introduces and fixes', async () => {
    const counts: [number, number][] = [];
    for (const index of [0, 1, 2, 3]) {
      const { body } = await server.get<{ Adds: object[]; Removes: object[] }>(
        `/v1/layers/layer-${index}/vulnerabilities/diff?minimumPriority=Unknown`,
      );
      counts.push([body.Adds.length, body.Removes.length]);
    }
    expect(counts).toEqual([
      [72, 0],
      [131 - 72, 0],
      [0, 131],
      [0, 0],
    ]);
  });

  it('has no findings in the topmost layer, and `clair scan` exits with status 0 with --allow-eol', () => {
    const args = ['scan', `docker-archive:${sharedPath(IMAGE)}`, '--format', 'json', '--allow-eol'];
    const database = join(server.folder, 'db', 'clair.db');
    const report: Report = JSON.parse(
      execFileSync(execPath, [CLAIR_FILE, ...args, '--db', database], { encoding: 'utf8' }),
    );
    expect(report.findings).toEqual([]);
    expect(report.diagnostics.map(({ code, incomplete }) => [code, incomplete])).toEqual([
      ['release-end-of-life', false],
    ]);
    expect(report.packages).toHaveLength(98);
    expect(report.distribution).toMatchObject({ id: 'debian', version: '11', namespace: 'debian:11' });
    expect(
      report.layers.map((layer) => [layer.index, layer.createdBy, layer.packagesAdded, layer.packagesRemoved]),
    ).toEqual([
      [0, 'umoci raw add-layer', 96, 0],
      [1, 'apt-get install openssl curl python3', 26, 0],
      [2, 'apt-get upgrade from security', expect.any(Number), expect.any(Number)],
      [3, 'apt-get purge curl python3', 0, 24],
    ]);
    expect(report.layers[2]!.packagesAdded).toBe(report.layers[2]!.packagesRemoved);
    expect(report.feeds).toMatchObject([{ name: 'debian', isStale: false, vulnerabilities: 30_478 }]);
    const sha256 = createHash('sha256').update('').digest('hex');
    expect(report.target.digest).toHaveLength('sha256:'.length + sha256.length);
  });
});

function bySourcePackage(vulnerabilities: readonly VulnerabilityBody[]): ExpectedLayer['vulnerabilities'] {
  const found: Record<string, Record<string, { binaries: string[]; fixed: string; installed: string }>> = {};
  for (const { ID, Causes } of vulnerabilities) {
    const packages = (found[ID] ??= {});
    for (const { Name, SourceName, SourceVersion, FixedIn } of Causes) {
      const known = (packages[SourceName] ??= { binaries: [], fixed: FixedIn, installed: SourceVersion });
      known.binaries.push(Name);
    }
    for (const known of Object.values(packages)) known.binaries.sort();
  }
  return found;
}
