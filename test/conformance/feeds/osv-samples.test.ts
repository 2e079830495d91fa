import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Advisory } from '../../../src/model/advisories/advisory.ts';
import { documentFeed } from '../../../src/updater/feed/parsed-documents.ts';
import { openFeedDocuments } from '../../../src/updater/feed/many-documents.ts';
import { almalinux } from '../../../src/updater/fetchers/almalinux/fetcher.ts';
import { alpine } from '../../../src/updater/fetchers/alpine/fetcher.ts';
import { chainguard } from '../../../src/updater/fetchers/chainguard/fetcher.ts';
import type { FetchOutcome, Fetcher } from '../../../src/updater/feed/fetcher.ts';
import { rocky } from '../../../src/updater/fetchers/rocky/fetcher.ts';
import { parseUbuntuOsv } from '../../../src/updater/fetchers/ubuntu/parse-osv.ts';
import { wolfi } from '../../../src/updater/fetchers/wolfi/fetcher.ts';
import { advisoriesOf, NO_HTTP } from '../../../src/updater/testing/feed-documents.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';

const UBUNTU = 'feeds/ubuntu/vex-osv-vunnel-fixtures.tar.zst';
const VULS = 'feeds/misc/vuls-data-update-fixtures.tar.zst';
const VUNNEL = 'feeds/misc/vunnel-test-fixtures-input.tar.zst';
const VULN_LIST = 'feeds/misc/vuln-list-update-testdata.tar.zst';

/** Formats affected packages as `PACKAGE of NAMESPACE: STATUS FIXED SEVERITY`. */
function written({ affected }: Advisory): readonly string[] {
  return affected.map(
    ({ namespace, package: name, status, fixed = '-', severity }) =>
      `${name} of ${namespace}: ${status} ${fixed} ${severity}`,
  );
}

function byId(advisories: readonly Advisory[]): ReadonlyMap<string, Advisory> {
  return new Map(advisories.map((advisory) => [advisory.id, advisory]));
}

async function readUbuntu(): Promise<FetchOutcome> {
  const wants = (name: string): boolean => /\/osv(-[a-z-]+)?\/.*\.json$/.test(name);
  const feed = await openFeedDocuments('', { http: NO_HTTP, from: sharedPath(UBUNTU) }, { wants });
  return documentFeed(feed, { json: parseUbuntuOsv }, { skipsBroken: true });
}

describeShared('real Ubuntu OSV documents', [UBUNTU], () => {
  let advisories: ReadonlyMap<string, Advisory>;
  beforeAll(async () => {
    const outcome = await readUbuntu();
    advisories = byId(await advisoriesOf(outcome));
    expect(outcome).toMatchObject({ recordDiagnostics: { count: 0 } });
  });

  it('contain nine documents: five CVEs, three withdrawn documents and a notice', () => {
    expect([...advisories.keys()].toSorted()).toEqual([
      'CVE-2014-9913',
      'CVE-2016-20013',
      'CVE-2021-3782',
      'CVE-2022-24823',
      'CVE-2026-1403',
    ]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    [
      'CVE-2014-9913',
      ['USN-4672-1'],
      [
        'unzip of ubuntu:14.04: fixed-for-subscribers 6.0-9ubuntu1.6 Negligible',
        'unzip of ubuntu:16.04: fixed 6.0-20ubuntu1.1 Negligible',
      ],
    ],
    [
      'CVE-2022-24823',
      ['USN-7284-1'],
      [
        'netty of ubuntu:14.04: open - Low',
        'netty of ubuntu:16.04: fixed-for-subscribers 1:4.0.34-1ubuntu0.1~esm2 Low',
        'netty of ubuntu:18.04: fixed-for-subscribers 1:4.1.7-4ubuntu0.1+esm3 Low',
        'netty of ubuntu:20.04: fixed-for-subscribers 1:4.1.45-1ubuntu0.1~esm2 Low',
        'netty of ubuntu:22.04: fixed-for-subscribers 1:4.1.48-4+deb11u2ubuntu0.1~esm1 Low',
        'netty of ubuntu:24.04: fixed-for-subscribers 1:4.1.48-9ubuntu0.1~esm1 Low',
        'netty of ubuntu:25.10: open - Low',
        'netty of ubuntu:26.04: open - Low',
      ],
    ],
    [
      'CVE-2021-3782',
      ['USN-5614-1', 'USN-5614-2'],
      [
        'wayland of ubuntu:16.04: fixed-for-subscribers 1.12.0-1~ubuntu16.04.3+esm1 Medium',
        'wayland of ubuntu:18.04: fixed 1.16.0-1ubuntu1.1~18.04.4 Medium',
        'wayland of ubuntu:20.04: fixed 1.18.0-1ubuntu0.1 Medium',
        'wayland of ubuntu:22.04: fixed 1.20.0-1ubuntu0.1 Medium',
      ],
    ],
    ['CVE-2026-1403', [], ['gitlab of ubuntu:16.04: open - Medium']],
  ])('%s', (id, notices, affected) => {
    const advisory = advisories.get(id);
    expect(advisory?.link).toBe(`https://ubuntu.com/security/${id}`);
    expect(advisory?.aliases ?? []).toEqual(notices);
    expect(advisory && written(advisory)).toEqual(affected);
    expect(advisory?.description === '').toBe(id === 'CVE-2026-1403');
  });

  it('include CVE-2016-20013, which has no fix, in thirty packages', () => {
    const lines = written(advisories.get('CVE-2016-20013') as Advisory);
    expect(lines).toHaveLength(30);
    expect(lines.every((line) => line.endsWith(': open - Negligible'))).toBe(true);
    for (const place of ['eglibc of ubuntu:14.04', 'glibc of ubuntu:20.04', 'sssd of ubuntu:24.04']) {
      expect(lines).toContain(`${place}: open - Negligible`);
    }
  });
});

describeShared('real samples of other feeds', [VULS, VUNNEL, VULN_LIST], () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'clair-samples-'));
    for (const feed of [VULS, VUNNEL, VULN_LIST]) {
      execFileSync('tar', ['-xf', sharedPath(feed), '-C', folder, '-I', 'zstd -d --long=27']);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const vuls = 'pkg/fetch';
  const vunnel = 'tests/unit/providers';

  /**
   * Feed, path, number of advisory parts, and some of these parts: identifier, number of aliases, affected packages.
   */
  it.each<[Fetcher, string, number, readonly (readonly [string, number, string])[]]>([
    [
      almalinux,
      `${vuls}/alma/osv/testdata/fixtures/all.zip`,
      2,
      [
        ['ALSA-2023:7465', 1, 'squid of almalinux:9: fixed 7:5.5-6.el9_3.2 High'],
        ['ALSA-2023:7549', 7, 'kernel of almalinux:8: fixed 4.18.0-513.9.1.el8_9 High'],
      ],
    ],
    [
      almalinux,
      `${vunnel}/alma/test-fixtures/osv-database`,
      4,
      [
        ['ALSA-2023:4520', 1, 'python3-requests of almalinux:8: fixed 2.20.0-3.el8_8 Medium'],
        ['ALSA-2023:5259', 2, 'mariadb of almalinux:8: fixed 3:10.3.39-1.module_el8.8.0+3609+204d4ab0 Medium'],
        ['ALSA-2024:2433', 5, 'avahi of almalinux:9: fixed 0.8-20.el9 Medium'],
        ['ALSA-2022:8194', 10, 'libtiff of almalinux:9: fixed 4.4.0-2.el9 Medium'],
      ],
    ],
    [
      rocky,
      `${vunnel}/rocky/test-fixtures/osv`,
      3,
      [
        ['RLSA-2023:3220', 7, 'firefox of rocky:8: fixed 102.11.0-2.el8_7 High'],
        ['RLSA-2021:3891', 10, 'java-11-openjdk of rocky:8: fixed 1:11.0.13.0.8-1.el8_4 High'],
        ['RLSA-2024:3671', 3, 'rubygem-pg of rocky:9: fixed 1.5.4-1.module+el9.4.0+20787+4c237fd3 Medium'],
      ],
    ],
    [
      rocky,
      `${vuls}/rocky/osv/testdata/fixtures/all.zip`,
      1,
      [['RLSA-2023:0005', 1, 'bcel of rocky:9: fixed 6.4.1-9.el9_1 High']],
    ],
    [
      wolfi,
      `${vuls}/wolfi/secdb/testdata/fixtures/happy/security.json`,
      84,
      [
        ['CVE-2024-45337', 0, 'aactl of wolfi: fixed 0.4.12-r20 Unknown'],
        ['GHSA-4v7x-pqxf-cx7m', 0, 'aactl of wolfi: fixed 0.4.12-r11 Unknown'],
      ],
    ],
    [
      chainguard,
      `${vuls}/chainguard/secdb/testdata/fixtures/happy/security.json`,
      40,
      [
        ['CVE-2020-8559', 0, 'actions-runner-controller-fips of chainguard: fixed 0.10.1-r6 Unknown'],
        ['CVE-2024-51744', 0, 'actions-runner-controller-fips of chainguard: fixed 0.9.3-r3 Unknown'],
      ],
    ],
    [
      alpine,
      `${vunnel}/alpine/test-fixtures/input/secdb`,
      16,
      [['CVE-2022-1271', 0, 'xz of alpine:v3.15: fixed 5.2.5-r1 Unknown']],
    ],
    [
      alpine,
      `${vuls}/alpine/secdb/testdata/fixtures`,
      15,
      [['CVE-2016-9401', 0, 'bash of alpine:v3.2: fixed 4.3.33-r2 Unknown']],
    ],
    [
      alpine,
      'alpine/testdata/edge-main.json',
      2,
      [['CVE-2021-30139', 0, 'apk-tools of alpine:edge: fixed 2.12.5-r0 Unknown']],
    ],
  ])('$id: %2$s', async (fetcher, path, count, expected) => {
    const from = join(folder, path);
    const outcome = await fetcher.fetch({ http: NO_HTTP, from });
    const advisories = await advisoriesOf(outcome);
    expect(advisories).toHaveLength(count);
    expect(outcome).toMatchObject({ recordDiagnostics: { count: 0 } });
    for (const [id, aliases, line] of expected) {
      const found = advisories.filter((advisory) => advisory.id === id);
      expect(found.flatMap(written)).toContain(line);
      expect(found[0]?.aliases ?? []).toHaveLength(aliases);
    }
  });

  it('an older Ubuntu archive with the CVE as a related ID and the severity only as a vector', async () => {
    const from = join(folder, vuls, 'ubuntu/osv/testdata/fixtures/happy/osv-all.tar.xz');
    const feed = await openFeedDocuments('', { http: NO_HTTP, from }, { wants: (name) => name.endsWith('.json') });
    const advisories = await advisoriesOf(documentFeed(feed, { json: parseUbuntuOsv }, { skipsBroken: true }));
    expect(advisories.map(({ id }) => id)).toEqual(['CVE-2024-51988']);
    expect(advisories.flatMap(written)).toEqual([
      'rabbitmq-server of ubuntu:20.04: fixed 3.8.3-0ubuntu0.1 Medium',
      'rabbitmq-server of ubuntu:22.04: fixed 3.9.27-0ubuntu0.1 Medium',
      'rabbitmq-server of ubuntu:24.10: fixed 3.12.1-1ubuntu2 Medium',
      'rabbitmq-server of ubuntu:24.04: fixed 3.12.1-1ubuntu1 Medium',
    ]);
    expect(advisories[0]?.affected.every(({ severityFrom }) => severityFrom === 'cvss')).toBe(true);
  });

  it('packages that the Wolfi secdb lists as never affected', async () => {
    const from = join(folder, vuls, 'wolfi/secdb/testdata/fixtures/happy/security.json');
    const advisories = byId(await advisoriesOf(await wolfi.fetch({ http: NO_HTTP, from })));
    expect(advisories.get('CVE-2023-45283')?.affected).toEqual([]);
  });
});
