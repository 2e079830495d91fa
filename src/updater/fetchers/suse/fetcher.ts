import { documentFeed } from '../../feed/parsed-documents.ts';
import { openPublishedFiles, type PublishedFiles } from '../../feed/published-files.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../../feed/fetcher.ts';
import { parseSuse } from './parse.ts';

/**
 * One document per major version with service packs, modules and extensions, in the variant with unfixed
 * vulnerabilities.
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
export const suse: Fetcher = {
  id: 'suse',
  version: 1,
  scheme: 'rpm',
  distributions: ['sles', 'sle-micro', 'sl-micro'],
  url: OVAL.url,
  fetch,
};

async function fetch(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openPublishedFiles(OVAL, context), { xml: parseSuse });
}
