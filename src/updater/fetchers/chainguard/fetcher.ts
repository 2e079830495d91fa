import { documentFeed } from '../../feed/parsed-documents.ts';
import { isNamedJson } from '../../feed/document-form.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parseChainguard } from './parse.ts';

const URL_OF_SECDB = 'https://packages.cgr.dev/chainguard/security.json';

/** The Chainguard security database. */
export const chainguard: DescribedFetcher = {
  id: 'chainguard',
  version: 2,
  scheme: 'apk',
  distributions: ['chainguard'],
  url: URL_OF_SECDB,
  coverage: {
    namespaces: ['chainguard'],
    reads: 'one secdb',
    severity: 'none, because the feed has no severities',
    notes: ['Versions and identifiers are read as in [alpine](#alpine).'],
  },
  fetch: fetchSecdb,
};

async function fetchSecdb(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedDocuments(context.url ?? URL_OF_SECDB, context, { wants: isNamedJson });
  return documentFeed(feed, { json: parseChainguard });
}
