import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';

const FOLDER = 'images/original/testdata/DistUpgrade';
const LAYERS = ['blank', 'wheezy', 'jessie'];

type PackageBody = { OS: string; Name: string; Version: string; SourceName: string; SourceVersion: string };

/**
 * Tests the test image of Clair v1 for a distribution upgrade. According to worker_test.go of Clair v1, wheezy
 * installs 52 packages; jessie installs 66 and removes 44; 8 packages stay in `debian:7`. Clair v1 counts distinct
 * *source* packages and versions. Counted in the same way (`sourcesOf()`), the packages in this test give the same
 * numbers. Clair v1 ignored `Status`; the results are the same, because all packages in these status files are
 * `installed`. In this test, the 8 packages of `debian:7` belong to `debian:8`, because Clair matches a package with the
 * operating system of the requested layer.
 */
describeShared(
  'the distribution upgrade of Clair v1',
  LAYERS.map((name) => `${FOLDER}/${name}.tar.gz`),
  () => {
    let server: ClairServer;
    const packages = async (path: string): Promise<Record<string, PackageBody[]>> =>
      (await server.get<Record<string, PackageBody[]>>(path)).body;

    beforeAll(async () => {
      server = await startClairServer();
      for (const [index, name] of LAYERS.entries()) {
        const path = join(server.folder, `${name}.tar.gz`);
        copyFileSync(sharedPath(`${FOLDER}/${name}.tar.gz`), path);
        const body = { ID: name, Path: path, ImageFormat: 'Docker', ParentID: LAYERS[index - 1] ?? '' };
        expect((await server.post('/v1/layers', body)).status).toBe(201);
      }
    });
    afterAll(() => server.close());

    it('finds no operating system and no package in the blank layer, and reports both', async () => {
      expect((await server.get('/v1/layers/blank/os')).body).toEqual({ OS: '' });
      const { body } = await server.get<{ Packages: object[]; Problems: { code: string }[] }>(
        '/v1/layers/blank/packages',
      );
      expect(body.Packages).toEqual([]);
      expect(body.Problems.map(({ code }) => code)).toEqual(['distribution-unknown', 'package-database-missing']);
    });

    it('installs all packages with wheezy', async () => {
      expect((await server.get('/v1/layers/wheezy/os')).body).toEqual({ OS: 'debian:7' });
      const { InstalledPackages: installed, RemovedPackages: removed } = await packages(
        '/v1/layers/wheezy/packages/diff',
      );
      expect(removed).toEqual([]);
      expect(sourcesOf(installed!).size).toBe(52);
    });

    it('replaces most packages with jessie, and keeps some', async () => {
      expect((await server.get('/v1/layers/jessie/os')).body).toEqual({ OS: 'debian:8' });
      const before = (await packages('/v1/layers/wheezy/packages'))['Packages']!;
      const after = (await packages('/v1/layers/jessie/packages'))['Packages']!;
      const { InstalledPackages: installed, RemovedPackages: removed } = await packages(
        '/v1/layers/jessie/packages/diff',
      );
      expect(after).toHaveLength(117);
      expect(after.length).toBe(before.length + installed!.length - removed!.length);

      const [sourcesBefore, sourcesAfter] = [sourcesOf(before), sourcesOf(after)];
      expect([...sourcesAfter].filter((source) => !sourcesBefore.has(source))).toHaveLength(66);
      expect([...sourcesBefore].filter((source) => !sourcesAfter.has(source))).toHaveLength(44);
      expect([...sourcesBefore].filter((source) => sourcesAfter.has(source))).toHaveLength(8);
    });

    it('matches every package of jessie as a package of jessie', async () => {
      const { Packages: after } = await packages('/v1/layers/jessie/packages');
      expect(new Set(after!.map(({ OS }) => OS))).toEqual(new Set(['debian:8']));
    });
  },
);

function sourcesOf(packages: readonly PackageBody[]): ReadonlySet<string> {
  return new Set(packages.map(({ SourceName, SourceVersion }) => `${SourceName} ${SourceVersion}`));
}
