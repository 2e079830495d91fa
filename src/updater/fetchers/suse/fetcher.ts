import { documentFeed } from '../../feed/parsed-documents.ts';
import { openPublishedFiles, type PublishedFiles } from '../../feed/published-files.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parseSuse } from './parse.ts';

/**
 * The feed consists of one document per major version with its service packs, modules and extensions. The documents
 * named `-affected` include unfixed vulnerabilities.
 */
const OVAL: PublishedFiles = {
  url: 'https://ftp.suse.com/pub/projects/security/oval/',
  files: [
    'suse.linux.enterprise.12-affected.xml.gz',
    'suse.linux.enterprise.15-affected.xml.gz',
    'suse.linux.enterprise.16-affected.xml.gz',
  ],
  wants: (name) => /(?:^|\/)suse\.[^/]*\.xml$/i.test(name),
};

/** SUSE Linux Enterprise. */
export const suse: DescribedFetcher = {
  id: 'suse',
  version: 1,
  scheme: 'rpm',
  distributions: ['sles', 'sle-micro', 'sl-micro'],
  url: OVAL.url,
  coverage: {
    namespaces: ['sles:N', 'sles:N.N', 'sle-micro:N.N', 'sl-micro:N.N'],
    reads: 'OVAL of SUSE Linux Enterprise 12, 15 and 16, in the variant with unfixed vulnerabilities (`-affected`)',
    severity: 'the severity of the definition',
    notes: [
      'All products of a service pack (Server, Desktop, modules, extensions, Package Hub) are one release, `sles:15.5`. Fixes only for LTSS, ESPOS, BCL, Teradata or SAP Applications are `fixed-for-subscribers`.',
      '`--from` also reads the OVAL of SLE Micro and SL Micro, and the other two variants of each document. Live patches are treated as not installed.',
      'Statements about products with separate versions are ignored, for example SUSE Manager, Storage, OpenStack Cloud, CaaS Platform, Open Enterprise Server and HPE Helion. An unknown product is reported once for each document.',
    ],
  },
  fetch,
};

async function fetch(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openPublishedFiles(OVAL, context), { xml: parseSuse });
}
