/**
 * Tests that the report of an image's SBOM equals the report of the image, for images of every kind in `shared/images`.
 * An SBOM contains neither layers, nor the functions of Go programs, nor the reasons why an image is incomplete;
 * {@link NOT_CARRIED} lists the diagnostics that differ.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { cyclonedx } from '../../../src/report/cyclonedx.ts';
import { spdx } from '../../../src/report/spdx.ts';
import { reportOfImage, reportOfLayer } from '../../../src/report/testing/layer-report.ts';
import { buildLayer } from '../../../src/worker/testing/image-builder.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { outputBytes } from '../program.ts';

const FEEDS: readonly (readonly [feed: string, path: string])[] = [
  ['debian', 'feeds/debian/debian-tracker-derived.json.zst'],
  ['alpine', 'feeds/alpine/alpine-secdb-yaml.tar.zst'],
  ['almalinux', 'feeds/almalinux/almalinux-osv.tar.zst'],
];

const ARCHIVES: readonly string[] = [
  'images/debian-dbonly/bullseye-4layers.docker-archive.tar.xz',
  'images/peers/alpine-310.tar.gz',
  'images/peers/docker-archives/hello-world.tar',
  'images/peers/docker-archives/java-uberjar.tar',
  'images/peers/oci-archives/busybox-1.31.1.tar',
];

const LAYERS: readonly string[] = [
  'images/almalinux/almalinux-9-docker-aarch64-micro.tar.xz',
  'images/alpine/alpine-minirootfs-20240923-x86_64.tar.gz',
  'images/alpine/alpine-minirootfs-3.18.9-x86_64.tar.gz',
  'images/alpine/alpine-minirootfs-3.9.6-x86_64.tar.gz',
  'images/alpine/library-3.4-a-rootfs.tar.xz',
  'images/alpine/library-3.4-c-rootfs.tar.gz',
  'images/busybox/busybox-musl-amd64-rootfs.tar.gz',
  'images/debian-dbonly/bullseye.layer.tar.xz',
  'images/debian-dbonly/trixie.layer.tar.xz',
  'images/debian-dbonly/trixie-ess.layer.tar.xz',
];

type Database = { readonly file: string; readonly path: string; readonly release: string };

const DATABASES: readonly Database[] = [
  { file: 'images/dpkg/postgresql.status', path: 'var/lib/dpkg/status', release: 'ID=debian\nVERSION_ID="11"\n' },
  { file: 'images/dpkg/texlive.status', path: 'var/lib/dpkg/status', release: 'ID=debian\nVERSION_ID="11"\n' },
  {
    file: 'images/rpmdb/cbl-mariner-2.0.rpmdb.sqlite.xz',
    path: 'var/lib/rpm/rpmdb.sqlite',
    release: 'ID=mariner\nVERSION_ID="2.0"\n',
  },
  {
    file: 'images/rpmdb/libuuid-bdb.Packages.xz',
    path: 'var/lib/rpm/Packages',
    release: 'ID=centos\nVERSION_ID="7"\n',
  },
  {
    file: 'images/rpmdb/sle15-bci-ndb.Packages.db.xz',
    path: 'usr/lib/sysimage/rpm/Packages.db',
    release: 'ID=sles\nVERSION_ID="15.4"\n',
  },
];

/**
 * Diagnostics about files of the image, which the report of its SBOM does not repeat. The SBOM of an incomplete report
 * is marked incomplete in CycloneDX, so its report has `sbom-incomplete`.
 */
const NOT_CARRIED: ReadonlySet<string> = new Set([
  'archive-unreadable',
  'binary-unidentified',
  'entries-outside-root',
  'executable-origin-unknown',
  'library-unreadable',
  'library-version-uncertain',
  'library-version-unknown',
  'link-unresolved',
  'owned-binary-unidentified',
  'package-database-removed',
  'package-entry-unreadable',
  'package-half-configured',
  'release-ambiguous',
  'release-mixed',
  'sbom-components-judged',
  'sbom-incomplete',
]);

/** Returns the part of a report about vulnerabilities and packages, without layers. */
function judgementOf(report: Report): object {
  const place = (each: object): object => Object.fromEntries(Object.entries(each).filter(([key]) => key !== 'layer'));
  const withoutFunctions = (each: object): object =>
    Object.fromEntries(Object.entries(each).filter(([key]) => !key.startsWith('reachability')));
  const { findings, undecided, notes, packages, coverage, distribution, contentSets, diagnostics } = report;
  return {
    namespace: distribution?.namespace,
    contentSets,
    coverage,
    packages: packages
      .map(place)
      .map((each) => JSON.stringify(each))
      .toSorted(),
    findings: findings
      .map(place)
      .map(withoutFunctions)
      .map((each) => JSON.stringify(each))
      .toSorted(),
    undecided: {
      count: undecided.count,
      listed: undecided.listed
        .map(place)
        .map((each) => JSON.stringify(each))
        .toSorted(),
    },
    notes: notes.map(place),
    diagnostics: diagnostics
      .filter(({ code }) => !NOT_CARRIED.has(code))
      .map(({ code }) => code)
      .toSorted(),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'clair-round-trip-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeShared('an SBOM of an image', [...FEEDS.map(([, path]) => path), ...ARCHIVES, ...LAYERS], () => {
  let clair: Clair;
  beforeAll(async () => {
    clair = await composeClair(newDatabase());
    for (const [feed, path] of FEEDS) await clair.updater.update(feed, { from: sharedPath(path) });
  }, 240_000);
  afterAll(async () => await clair.close());

  const layerWith = async ({ file, path, release }: Database): Promise<string> => {
    const bytes = file.endsWith('.xz') ? outputBytes('xz', ['-dc', sharedPath(file)]) : readFileSync(sharedPath(file));
    const layer = join(folder, `${file.replaceAll('/', '-')}.tar`);
    writeFileSync(layer, await buildLayer({ 'etc/os-release': release, [path]: bytes }));
    return layer;
  };

  const IMAGES: readonly (readonly [string, () => Promise<Report>])[] = [
    ...ARCHIVES.map((path) => [path, async () => await reportOfImage(clair, sharedPath(path))] as const),
    ...LAYERS.map((path) => [path, async () => await reportOfLayer(clair, sharedPath(path))] as const),
    ...DATABASES.map((each) => [each.file, async () => await reportOfLayer(clair, await layerWith(each))] as const),
  ];

  describe.each(IMAGES)('of %s', (name, reported) => {
    let report: Report;
    beforeAll(async () => {
      report = await reported();
    }, 120_000);

    it.each([cyclonedx, spdx])('in $id results in the same report', { timeout: 120_000 }, async (format) => {
      const file = join(folder, `${name.replaceAll('/', '-')}.${format.id}.json`);
      writeFileSync(file, format.render(report));
      const again = await reportOfImage(clair, `sbom:${file}`);
      expect(judgementOf(again)).toEqual(judgementOf(report));
      const incomplete = ({ diagnostics }: Report): boolean => diagnostics.some((each) => each.incomplete);
      expect(format === spdx || incomplete(again) === incomplete(report)).toBe(true);
    });
  });

  it('is tested for every kind of image', () => {
    const tested = [...ARCHIVES, ...LAYERS, ...DATABASES.map(({ file }) => file)];
    const kinds = readdirSync(sharedPath('images')).filter((kind) => kind !== 'original');
    expect(kinds.filter((kind) => !tested.some((path) => path.startsWith(`images/${kind}/`)))).toEqual([]);
  });
});
