import { documentFeed } from '../../feed/parsed-documents.ts';
import { isNamedJson } from '../../feed/document-form.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parseWolfi } from './parse.ts';

const URL_OF_SECDB = 'https://packages.wolfi.dev/os/security.json';

/** The Wolfi security database. */
export const wolfi: DescribedFetcher = {
  id: 'wolfi',
  version: 2,
  scheme: 'apk',
  distributions: ['wolfi'],
  url: URL_OF_SECDB,
  coverage: {
    namespaces: ['wolfi'],
    reads: 'one secdb',
    severity: 'none, because the feed has no severities',
    notes: ['Versions and identifiers are read as in [alpine](#alpine).'],
  },
  fetch: fetchSecdb,
};

async function fetchSecdb(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedDocuments(context.url ?? URL_OF_SECDB, context, { wants: isNamedJson });
  return documentFeed(feed, { json: parseWolfi });
}
