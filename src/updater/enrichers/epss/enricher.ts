import { openFeedDocuments } from '../../feed/many-documents.ts';
import type { DescribedEnricher } from '../enricher.ts';
import { enrichmentFeed } from '../enrichment-feed.ts';
import { parseEpss } from './parse.ts';

/** The list of the current scores of about 300,000 CVEs; the list is about 10 MB. */
const URL_OF_SCORES = 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz';

/** The Exploit Prediction Scoring System (EPSS) from FIRST. */
export const epss: DescribedEnricher<'epss'> = {
  id: 'epss',
  kind: 'epss',
  version: 1,
  url: URL_OF_SCORES,
  coverage: {
    content: 'score and percentile',
    note: 'Clair reads the latest daily list. `--from` also accepts older lists, without date or percentile. An invalid row is reported and ignored.',
  },
  async fetch(context) {
    const feed = await openFeedDocuments(context.url ?? URL_OF_SCORES, context, { wants: isScoreList });
    return enrichmentFeed(feed, { text: parseEpss });
  },
};

/** Returns whether a file in a directory or an archive is a list of scores. */
function isScoreList(name: string): boolean {
  return /(?:^|\/)epss_scores-[^/]*\.csv$/.test(name);
}
