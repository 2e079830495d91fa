import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DocumentParser } from '../../../src/updater/feed/parsed-documents.ts';
import { parseAzureLinux } from '../../../src/updater/fetchers/azurelinux/parse.ts';
import { parseOpensuse } from '../../../src/updater/fetchers/opensuse/parse.ts';
import { parsePhoton } from '../../../src/updater/fetchers/photon/parse.ts';
import { parseRedhatOval } from '../../../src/updater/fetchers/redhat/parse-oval.ts';
import { parseUbuntuOval } from '../../../src/updater/fetchers/ubuntu/parse-oval.ts';
import { describeShared } from '../../fixtures/shared-data.ts';
import { countsOf } from './stored-records.ts';
import { ARCHIVES, type Unpacked, unpackArchives } from '../images/unpacked-archives.ts';

const SUSE = 'pkg/fetch/suse/oval/testdata/fixtures/happy';
const PHOTON = 'pkg/fetch/photon/oval/testdata/fixtures/happy';
const MARINER = 'tests/unit/providers/mariner/test-fixtures';
const REDHAT = 'ext/vulnsrc/redhat/testdata/v2';
const UBUNTU = 'pkg/fetch/ubuntu/oval/testdata/fixtures';

/** Each document with the manually counted numbers of advisories, packages in criteria, and invalid entries. */
const DOCUMENTS: readonly (readonly [string, DocumentParser, readonly [number, number, number]])[] = [
  [`${SUSE}/opensuse.10.2.xml.gz`, parseOpensuse, [1, 1, 0]],
  // The criteria name three packages, one of them three times and the other two twice.
  [`${SUSE}/opensuse.12.1.xml.gz`, parseOpensuse, [1, 3, 0]],
  [`${SUSE}/opensuse.13.2.xml.gz`, parseOpensuse, [1, 4, 0]],
  [`${SUSE}/opensuse.leap.15.2.xml.gz`, parseOpensuse, [1, 1, 0]],
  [`${SUSE}/opensuse.leap.micro.5.2.xml.gz`, parseOpensuse, [1, 3, 0]],
  [`${SUSE}/opensuse.tumbleweed.xml.gz`, parseOpensuse, [1, 6, 0]],
  ['ext/vulnsrc/suse/testdata/fetcher_opensuse_test.1.xml', parseOpensuse, [1, 2, 0]],
  [`${PHOTON}/com.vmware.phsa-photon1.xml.gz`, parsePhoton, [1, 2, 0]],
  [`${PHOTON}/com.vmware.phsa-photon5.xml.gz`, parsePhoton, [1, 2, 0]],
  ['mariner/testdata/happy/azurelinux-3.0-oval.xml', parseAzureLinux, [2, 2, 0]],
  ['mariner/testdata/happy/cbl-mariner-1.0-oval.xml', parseAzureLinux, [3, 3, 0]],
  ['mariner/testdata/happy/cbl-mariner-2.0-preview-oval.xml', parseAzureLinux, [5, 5, 0]],
  [`${MARINER}/azure-linux-truncated-3.0-oval.xml`, parseAzureLinux, [3, 3, 0]],
  // One definition is not applicable.
  [`${MARINER}/mariner-truncated-2.0-oval.xml`, parseAzureLinux, [5, 4, 0]],
  [`${REDHAT}/ansible-1.x.oval.xml`, parseRedhatOval, [5, 5, 0]],
  [`${REDHAT}/ansible-2.8.oval.xml`, parseRedhatOval, [5, 5, 0]],
  [`${REDHAT}/ansible-2.8.oval.xml.bz2`, parseRedhatOval, [5, 5, 0]],
  [`${REDHAT}/collect-vulns-rhel7.xml`, parseRedhatOval, [1, 1, 0]],
  [`${REDHAT}/collect-vulns-rhel8.xml`, parseRedhatOval, [1, 1, 0]],
  // The definitions have no tests and are parsed from their comments.
  [`${REDHAT}/rhel-8.oval_abbreviated.xml`, parseRedhatOval, [2, 39, 2]],
  [`${REDHAT}/rhel-8.oval.xml`, parseRedhatOval, [181, 2835, 0]],
  // One package is named twice, once in a comment with "invalid version" but the same test.
  ['ext/vulnsrc/rhel/testdata/fetcher_rhel_test.1.xml', parseRedhatOval, [1, 3, 0]],
  ['ext/vulnsrc/rhel/testdata/fetcher_rhel_test.2.xml', parseRedhatOval, [1, 3, 0]],
  ['ext/vulnsrc/ubuntu/testdata/fetcher_ubuntu_test.xml', parseUbuntuOval, [1, 2, 0]],
  [`${UBUNTU}/oci.com.ubuntu.jammy.cve.oval.xml.bz2`, parseUbuntuOval, [1, 2, 0]],
  [`${UBUNTU}/oci.com.ubuntu.fips-updates_jammy.cve.oval.xml.bz2`, parseUbuntuOval, [0, 0, 1]],
];

describeShared('small OVAL documents', ARCHIVES, () => {
  let unpacked: Unpacked;
  beforeAll(async () => {
    unpacked = await unpackArchives();
  }, 240_000);
  afterAll(() => unpacked.remove());

  it.each(DOCUMENTS)('%s', async (path, parser, counts) => {
    expect(await countsOf(parser, join(unpacked.folder, path))).toEqual(counts);
  });

  it.each([
    ['mariner/testdata/sad/cbl-mariner-1.0-oval.xml', parseAzureLinux, 'feed/truncated'],
    [
      'redhat/oval/testdata/broken-xml/RHEL6/rhel-6-extras-including-unpatched.oval.xml.bz2',
      parseRedhatOval,
      'feed/invalid',
    ],
    [
      'redhat/oval/testdata/invalid-bzip2/RHEL6/rhel-6-extras-including-unpatched.oval.xml.bz2',
      parseRedhatOval,
      'feed/invalid',
    ],
  ])('%s is rejected', async (path, parser, code) => {
    await expect(countsOf(parser, join(unpacked.folder, path))).rejects.toMatchObject({ code });
  });
});
