import { documentFeed } from '../../feed/parsed-documents.ts';
import { openPublishedFiles, type PublishedFiles } from '../../feed/published-files.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../../feed/fetcher.ts';
import { parseAzureLinux } from './parse.ts';

/** One document per release. */
const OVAL: PublishedFiles = {
  url: 'https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/',
  files: ['cbl-mariner-1.0-oval.xml', 'cbl-mariner-2.0-oval.xml', 'azurelinux-3.0-oval.xml'],
  wants: (name) => /(?:^|\/)(?:cbl-mariner|azurelinux)-[^/]*-oval\.xml$/i.test(name),
};

/** Azure Linux and its first two releases, CBL-Mariner. */
export const azurelinux: Fetcher = {
  id: 'azurelinux',
  version: 2,
  scheme: 'rpm',
  distributions: ['azurelinux', 'mariner'],
  url: OVAL.url,
  fetch,
};

async function fetch(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openPublishedFiles(OVAL, context), { xml: parseAzureLinux });
}
