import { documentFeed } from '../../feed/parsed-documents.ts';
import { openPublishedFiles, type PublishedFiles } from '../../feed/published-files.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parseAzureLinux } from './parse.ts';

/** The feed consists of one document per release. */
const OVAL: PublishedFiles = {
  url: 'https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/',
  files: ['cbl-mariner-1.0-oval.xml', 'cbl-mariner-2.0-oval.xml', 'azurelinux-3.0-oval.xml'],
  wants: (name) => /(?:^|\/)(?:cbl-mariner|azurelinux)-[^/]*-oval\.xml$/i.test(name),
};

/** Azure Linux and its first two releases, CBL-Mariner. */
export const azurelinux: DescribedFetcher = {
  id: 'azurelinux',
  version: 2,
  scheme: 'rpm',
  distributions: ['azurelinux', 'mariner'],
  url: OVAL.url,
  coverage: {
    namespaces: ['azurelinux:N.N', 'mariner:N.N'],
    reads: 'OVAL of CBL-Mariner 1.0 and 2.0 and of Azure Linux 3.0, one definition for each CVE and source package',
    severity: 'the severity of the definition',
    notes: [
      '`Not Applicable` means not affected. If a definition names no patch, the versions up to and including the version in the definition are affected (`open`).',
      'A signed kernel or boot loader (`kernel-signed-x86_64`) is matched under the source package of the unsigned build (`kernel`).',
    ],
  },
  fetch,
};

async function fetch(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openPublishedFiles(OVAL, context), { xml: parseAzureLinux });
}
