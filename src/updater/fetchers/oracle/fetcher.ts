import { documentFeed } from '../../feed/parsed-documents.ts';
import { openPublishedFiles, type PublishedFiles } from '../../feed/published-files.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../../feed/fetcher.ts';
import { parseOracle } from './parse.ts';

/** All advisories of all releases in one document. */
const OVAL: PublishedFiles = {
  url: 'https://linux.oracle.com/security/oval/',
  files: ['com.oracle.elsa-all.xml.bz2'],
  wants: (name) => /(?:^|\/)com\.oracle\.elsa-[^/]*\.xml$/i.test(name),
};

/** Oracle Linux. */
export const oracle: Fetcher = {
  id: 'oracle',
  version: 1,
  scheme: 'rpm',
  distributions: ['oracle'],
  url: OVAL.url,
  fetch,
};

async function fetch(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openPublishedFiles(OVAL, context), { xml: parseOracle });
}
