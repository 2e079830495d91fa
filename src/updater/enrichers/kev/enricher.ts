import { openFeedDocuments } from '../../feed/many-documents.ts';
import type { DescribedEnricher } from '../enricher.ts';
import { enrichmentFeed } from '../enrichment-feed.ts';
import { parseKevCsv, parseKevJson } from './parse.ts';

/** The whole catalog, with about 1,500 CVEs. */
const URL_OF_CATALOG = 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json';

/** CISA's Known Exploited Vulnerabilities catalog. */
export const kev: DescribedEnricher<'kev'> = {
  id: 'kev',
  kind: 'kev',
  version: 1,
  url: URL_OF_CATALOG,
  coverage: {
    content: 'the catalog of known exploited vulnerabilities',
    note: 'Clair reads JSON or CSV. An invalid field or an entry without a CVE is reported and ignored. A catalog with fewer entries than it states is refused.',
  },
  async fetch(context) {
    const feed = await openFeedDocuments(context.url ?? URL_OF_CATALOG, context, { wants: isCatalog });
    return enrichmentFeed(feed, { json: parseKevJson, text: parseKevCsv });
  },
};

/** Returns whether a file in a directory or an archive is a catalog. */
function isCatalog(name: string): boolean {
  return /(?:^|\/)known_exploited_vulnerabilities\.(?:json|csv)$/.test(name);
}
