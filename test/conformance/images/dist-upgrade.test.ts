import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';

const FOLDER = 'images/original/testdata/DistUpgrade';
const LAYERS = ['blank', 'wheezy', 'jessie'];

type PackageBody = { OS: string; Name: string; Version: string; SourceName: string; SourceVersion: string };

/**
 * The original's own fixture of a distribution upgrade inside an image. The original counted (worker_test.go):
 * wheezy installs 52; jessie installs 66 and removes 44; 8 packages stay attached to `debian:7`.
 *
 * It counted distinct *source* packages and versions, so several binaries of one source are one; here each binary
 * package counts, since that is what is installed. Brought to the original's way of counting the figures agree: nothing
 * in these status files is in another state than `installed`, so that ignoring `Status` made no difference to it.
 * The 8 that stayed on `debian:7` are judged as `debian:8` here: a package is judged by the operating system of the
 * layer that is asked about.
 */
describeShared(
  "the original's distribution upgrade",
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

    it('finds no operating system and no package in the blank layer, and says so', async () => {
      expect((await server.get('/v1/layers/blank/os')).body).toEqual({ OS: '' });
      const { body } = await server.get<{ Packages: object[]; Problems: { code: string }[] }>(
        '/v1/layers/blank/packages',
      );
      expect(body.Packages).toEqual([]);
      expect(body.Problems.map(({ code }) => code)).toEqual(['distribution-unknown', 'package-database-missing']);
    });

    it('installs everything with wheezy', async () => {
      expect((await server.get('/v1/layers/wheezy/os')).body).toEqual({ OS: 'debian:7' });
      const { InstalledPackages: installed, RemovedPackages: removed } = await packages(
        '/v1/layers/wheezy/packages/diff',
      );
      expect(removed).toEqual([]);
      expect(sourcesOf(installed!).size).toBe(52);
    });

    it('exchanges most packages with jessie, and keeps some', async () => {
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

    it('judges every package of jessie as a package of jessie', async () => {
      const { Packages: after } = await packages('/v1/layers/jessie/packages');
      expect(new Set(after!.map(({ OS }) => OS))).toEqual(new Set(['debian:8']));
    });
  },
);

function sourcesOf(packages: readonly PackageBody[]): ReadonlySet<string> {
  return new Set(packages.map(({ SourceName, SourceVersion }) => `${SourceName} ${SourceVersion}`));
}
