/**
 * Tests the behaviour shared by the fetchers that read only OVAL documents; each fetcher's own test covers its parser.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { clientWith, idsOf } from '../testing/published-feeds.ts';
import { azurelinux } from './azurelinux/fetcher.ts';
import { opensuse } from './opensuse/fetcher.ts';
import { oracle } from './oracle/fetcher.ts';
import { photon } from './photon/fetcher.ts';
import { suse } from './suse/fetcher.ts';

const FEEDS = [
  {
    fetcher: azurelinux,
    folder: 'https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/',
    files: ['cbl-mariner-1.0-oval.xml', 'cbl-mariner-2.0-oval.xml', 'azurelinux-3.0-oval.xml'],
    document: 'azurelinux/testdata/azurelinux.xml',
    ids: ['CVE-2099-0001', 'CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003', 'CVE-2099-0004', 'CVE-2099-0005'],
  },
  {
    fetcher: opensuse,
    folder: 'https://ftp.suse.com/pub/projects/security/oval/',
    files: [
      'opensuse.leap.15.3-affected.xml',
      'opensuse.leap.15.4-affected.xml',
      'opensuse.leap.15.5-affected.xml',
      'opensuse.leap.15.6-affected.xml',
      'opensuse.tumbleweed-affected.xml',
    ],
    document: 'opensuse/testdata/leap.xml',
    ids: ['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003'],
  },
  {
    fetcher: oracle,
    folder: 'https://linux.oracle.com/security/oval/',
    files: ['com.oracle.elsa-all.xml.bz2'],
    document: 'oracle/testdata/elsa.xml',
    ids: ['ELSA-2099-0001', 'ELSA-2099-0002'],
  },
  {
    fetcher: photon,
    folder: 'https://packages.vmware.com/photon/photon_oval_definitions/',
    files: ['com.vmware.phsa-photon3.xml', 'com.vmware.phsa-photon4.xml', 'com.vmware.phsa-photon5.xml'],
    document: 'photon/testdata/phsa.xml',
    ids: ['PHSA-5.0-184', 'CVE-2099-0003', 'CVE-2099-0004'],
  },
  {
    fetcher: suse,
    folder: 'https://ftp.suse.com/pub/projects/security/oval/',
    files: [
      'suse.linux.enterprise.12-affected.xml.gz',
      'suse.linux.enterprise.15-affected.xml.gz',
      'suse.linux.enterprise.16-affected.xml.gz',
    ],
    document: 'suse/testdata/affected.xml',
    ids: ['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003', 'CVE-2099-0005'],
  },
];

describe.each(FEEDS)('the OVAL feed $fetcher.id', ({ fetcher, folder, files, document, ids }) => {
  const url = new URL(document, import.meta.url);

  it('is read from the published files', async () => {
    const body = await readFile(url);
    const http = clientWith(Object.fromEntries(files.map((name) => [`${folder}${name}`, body])));
    const outcome = await fetcher.fetch({ http });
    expect(await idsOf(outcome)).toEqual(files.flatMap(() => ids));
    expect(http.asked).toEqual(files.map((name) => `${folder}${name}`));
    expect(outcome).toMatchObject({ validators: { etag: expect.stringContaining(files[0]!) } });
  });

  it('is read from a local file', async () => {
    const outcome = await fetcher.fetch({ http: clientWith({}), from: fileURLToPath(url) });
    expect(await idsOf(outcome)).toEqual(ids);
  });

  it.each([
    ['an empty file', '', 'feed/empty'],
    ['an HTML page', '<html><body>Too many requests</body></html>', 'feed/invalid'],
    ['JSON', '{}', 'feed/invalid'],
    ['a truncated document', '<oval_definitions><definitions><definition>', 'feed/truncated'],
    ['a document without definitions', '<oval_definitions><definitions/></oval_definitions>', 'feed/empty'],
    [
      'definitions without content',
      '<oval_definitions><definitions><definition/></definitions></oval_definitions>',
      'feed/invalid',
    ],
  ])('rejects %s', async (_, text, code) => {
    const http = clientWith({ 'https://mirror.test/feed.xml': Buffer.from(text) });
    const outcome = await fetcher.fetch({ http, url: 'https://mirror.test/feed.xml' });
    await expect(idsOf(outcome)).rejects.toMatchObject({ code });
  });
});
