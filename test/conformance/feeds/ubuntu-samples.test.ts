import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Advisory } from '../../../src/model/advisories/advisory.ts';
import { ubuntu } from '../../../src/updater/fetchers/ubuntu/fetcher.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';

const ARCHIVES = [
  'feeds/clair-history/clair-history-vulnsrc-testdata.tar.zst',
  'feeds/misc/vuln-list-update-testdata.tar.zst',
  'feeds/misc/vuls-data-update-fixtures.tar.zst',
] as const;

const ORIGINAL = 'ext/vulnsrc/ubuntu/testdata/fetcher_ubuntu_test.txt';
const VULN_LIST = 'ubuntu/testdata';
const VULS = 'pkg/fetch/ubuntu/tracker/testdata/fixtures/ubuntu-cve-tracker/data';

/** The affected packages of each file as `RELEASE PACKAGE STATUS [FIXED]`, copied manually. */
const FILES: readonly (readonly [path: string, cve: string, severity: string, affected: readonly string[]])[] = [
  [
    ORIGINAL,
    'CVE-2015-4471',
    'Medium',
    [
      '14.04 libmspack open',
      '14.10 libmspack end-of-life',
      '15.04 libmspack fixed 0.4-3',
      '15.10 libmspack-anotherpkg fixed 0.1',
      '14.04 libmspack-anotherpkg under-investigation',
      '12.04 libmspack-anotherpkg unknown',
      '13.10 libmspack-anotherpkg open',
    ],
  ],
  [
    `${VULN_LIST}/empty_status_upstream`,
    'CVE-2007-0255',
    'Unknown',
    ['6.06 xine-ui end-of-life', '6.10 xine-ui end-of-life', '15.10 xine-ui end-of-life', '16.04 xine-ui open'],
  ],
  [
    `${VULN_LIST}/include_pending`,
    'CVE-2020-0009',
    'Low',
    ['16.04 linux-oem end-of-life', '18.04 linux-oem fixed 4.15.0-1080.90', '19.10 linux-oem pending 4.15.0-1087.97'],
  ],
  [
    `${VULN_LIST}/line_break_between_patches`,
    'CVE-2017-7702',
    'Medium',
    [
      '12.04 wireshark end-of-life',
      '14.04 wireshark fixed-for-subscribers 2.6.3-1~ubuntu14.04.1',
      '16.04 wireshark fixed 2.6.3-1~ubuntu16.04.1',
      '16.10 wireshark fixed 2.2.6+g32dac6a-2ubuntu0.16.10',
      '18.04 wireshark fixed 2.6.3-1~ubuntu18.04.1',
    ],
  ],
  [
    `${VULN_LIST}/more_than_one_package_patches`,
    'CVE-2017-9228',
    'Medium',
    [
      '17.10 libonig end-of-life',
      '18.04 libonig fixed 6.3.0-1',
      '12.04 php5 fixed-for-subscribers 5.3.10-1ubuntu3.28',
      '17.04 php7.0 fixed 7.0.22-0ubuntu0.17.04.1',
    ],
  ],
  [
    `${VULN_LIST}/no_space_before_status`,
    'CVE-2019-15903',
    'Medium',
    ['14.04 vnc4 end-of-life', '16.04 vnc4 open', '18.04 vnc4 open'],
  ],
  [
    `${VULN_LIST}/tags_field_parsing`,
    'CVE-2022-22965',
    'High',
    ['22.04 libspring-java open', '24.04 libspring-java open'],
  ],
  [
    `${VULS}/active/CVE-2022-36879`,
    'CVE-2022-36879',
    'Medium',
    [
      '14.04 linux end-of-life',
      '16.04 linux end-of-life',
      '18.04 linux under-investigation',
      '20.04 linux under-investigation',
      '22.04 linux under-investigation',
      '20.04 linux-riscv ignored',
      '22.04 linux-riscv under-investigation',
    ],
  ],
  [
    `${VULS}/retired/CVE-1999-1572`,
    'CVE-1999-1572',
    'Unknown',
    ['6.06 cpio fixed 2.6-10', '6.10 cpio fixed 2.6-10', '7.04 cpio fixed 2.6-10'],
  ],
];

describeShared('Ubuntu tracker files in test data of other projects', ARCHIVES, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-ubuntu-samples-'));

  beforeAll(() => {
    const unpack = 'zstd -dc --long=27 "$1" | tar -x -C "$2"';
    for (const archive of ARCHIVES) execFileSync('sh', ['-c', unpack, 'sh', sharedPath(archive), folder]);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(FILES)('%s: %s', async (path, cve, severity, affected) => {
    const { advisories, diagnostics } = await read(join(folder, path));
    expect(advisories.map(({ id }) => id)).toEqual([cve]);
    const states = advisories.flatMap((advisory) =>
      advisory.affected.map(({ namespace, package: name, status, fixed }) =>
        [namespace.replace('ubuntu:', ''), name, status, ...(fixed === undefined ? [] : [fixed])].join(' '),
      ),
    );
    expect(states.toSorted()).toEqual(affected.toSorted());
    const severities = new Set(advisories.flatMap((advisory) => advisory.affected.map((each) => each.severity)));
    expect([...severities]).toEqual([severity]);
    // The file of Clair v1 has an unknown release and a fix without a version.
    expect(diagnostics).toHaveLength(path === ORIGINAL ? 2 : 0);
  });

  it('reads only the CVE files of a tree', async () => {
    const { advisories } = await read(join(folder, VULS));
    const ids = ['CVE-2022-36879', 'CVE-2005-0406', 'CVE-2006-0836', 'CVE-1999-1572'];
    expect(advisories.map(({ id }) => id)).toEqual(ids);
  });
});

async function read(
  path: string,
): Promise<{ readonly advisories: readonly Advisory[]; readonly diagnostics: string[] }> {
  const outcome = await ubuntu.fetch({ http: { get: noNetwork }, from: path });
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  const advisories: Advisory[] = [];
  for await (const advisory of outcome.advisories) advisories.push(advisory);
  return { advisories, diagnostics: outcome.recordDiagnostics.examples.map(({ message }) => message) };
}

function noNetwork(): never {
  throw new Error('this test sends no HTTP requests');
}
