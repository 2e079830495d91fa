import { documentFeed } from '../../feed/parsed-documents.ts';
import { openPublishedFiles, type PublishedFiles } from '../../feed/published-files.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parseOracle } from './parse.ts';

/** The feed contains all advisories of all releases in one document. */
const OVAL: PublishedFiles = {
  url: 'https://linux.oracle.com/security/oval/',
  files: ['com.oracle.elsa-all.xml.bz2'],
  wants: (name) => /(?:^|\/)com\.oracle\.elsa-[^/]*\.xml$/i.test(name),
};

/** Oracle Linux. */
export const oracle: DescribedFetcher = {
  id: 'oracle',
  version: 1,
  scheme: 'rpm',
  distributions: ['oracle'],
  url: OVAL.url,
  coverage: {
    namespaces: ['oracle:N'],
    reads: 'OVAL of all releases, one definition for each advisory (`ELSA-…`), with modules',
    severity: 'the severity of the advisory',
    notes: [
      'Special builds (`.ksplice`, `_fips`) have their own epoch, and their affected range starts at that epoch; a special build without an epoch is reported but not matched.',
      'Advisories of other products (OVMSA, OLAMSA, OLOSSA) are skipped and reported.',
    ],
  },
  fetch,
};

async function fetch(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openPublishedFiles(OVAL, context), { xml: parseOracle });
}
