import { expect, it } from 'vitest';
import { runClair } from '../../fixtures/cli-run.ts';
import { composeClair } from '../../../src/compose/clair.ts';
import { fileBytes } from '../../../src/bytes/file-bytes.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';

const PEERS = 'images/peers';

/** Archives without a package manager: tag if any, packages, and the reasons why the report is incomplete. */
const WITHOUT_PACKAGES = [
  ['docker-archives/hello-world.tar', 'hello-world:latest', [], ['distribution-unknown', 'package-database-missing']],
  // The content of the program is at `bin/[`, and `bin/busybox` is a hard link.
  ['oci-archives/busybox-1.31.1.tar', undefined, ['busybox 1.31.1 bin/busybox'], ['package-not-covered']],
] as const;

const JARS = 'docker-archives/java-uberjar.tar';

/** Truncated archives: the configuration lists layers that the manifest does not list. */
const CUT_DOWN = [
  ['docker-archives/nginx.tar', 'lists 1 layer, but the image configuration lists 3'],
  ['oci-archives/oci-with-manifest.tar', 'lists 1 layer, but the image configuration lists 4'],
] as const;

type Scan = { readonly status: number; readonly out: string; readonly err: string };

async function scan(target: string): Promise<Scan> {
  return await runClair(['scan', target, '--db', 'memory', '--format', 'json']);
}

describeShared(
  'test archives of other scanners',
  [...WITHOUT_PACKAGES, [JARS], ...CUT_DOWN].map(([name]) => `${PEERS}/${name}`),
  () => {
    it.each(WITHOUT_PACKAGES)(
      '%s has no package database, and the result is incomplete',
      async (name, tag, packages, codes) => {
        const path = sharedPath(`${PEERS}/${name}`);
        const { status, out } = await scan(path);
        const report = JSON.parse(out) as Report;
        expect(report.target.reference).toBe(tag ?? path);
        expect(report.layers).toHaveLength(1);
        expect(report.packages.map((each) => `${each.name} ${each.version} ${each.paths.join()}`)).toEqual(packages);
        const incomplete = report.diagnostics.filter((each) => each.incomplete);
        expect(incomplete.map(({ code }) => code)).toEqual(codes);
        expect(status).toBe(3);
      },
    );

    it('lists the libraries of two jars without an operating system, and which data is missing', async () => {
      const { status, out } = await scan(sharedPath(`${PEERS}/${JARS}`));
      const report = JSON.parse(out) as Report;
      expect(report.packages.map(({ name, version, layer, paths }) => [name, version, layer, paths])).toEqual([
        [
          'com.google.guava:guava',
          '30.1-jre',
          1,
          ['uberjar.jar!/lib/guava-30.1-jre.jar!/META-INF/maven/com.google.guava/guava/pom.properties'],
        ],
        [
          'com.google.j2objc:j2objc-annotations',
          '1.3',
          0,
          ['j2objc-annotations-1.3.jar!/META-INF/maven/com.google.j2objc/j2objc-annotations/pom.properties'],
        ],
        ['org.slf4j:jul-to-slf4j', '1.7.30', 1, ['uberjar.jar!/META-INF/maven/org.slf4j/jul-to-slf4j/pom.properties']],
      ]);
      expect(report.diagnostics.map(({ code, where }) => [code, where])).toEqual([
        ['distribution-absent', 'etc/os-release'],
        ['namespace-without-data', 'maven'],
      ]);
      expect(status).toBe(3);
    });

    it.each(CUT_DOWN)(
      '%s is rejected because its layers cannot be matched with the configuration',
      async (name, words) => {
        const { status, out, err } = await scan(sharedPath(`${PEERS}/${name}`));
        expect([status, out]).toEqual([2, '']);
        expect(err).toContain(words);
        expect(err).toContain('[image/unreadable]');
      },
    );
  },
);

const COMPRESSED = ['tar', 'tar.gz', 'tar.bz2', 'tar.xz'].map(
  (form) => `images/original/pkg/tarutil/testdata/utils_test.${form}`,
);

describeShared('the archives of Clair v1 in every compression', COMPRESSED, () => {
  it.each(COMPRESSED)('%s is read completely as a layer', async (name) => {
    const path = sharedPath(name);
    const clair = await composeClair(newDatabase());
    try {
      const source = { where: path, open: async () => fileBytes(path) };
      const { diagnostics } = await clair.worker.analyzeLayer({ name, parent: null, source });
      expect(diagnostics.map(({ code }) => code)).toEqual(['distribution-unknown', 'package-database-missing']);
    } finally {
      await clair.close();
    }
  });
});
