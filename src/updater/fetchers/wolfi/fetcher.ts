import { documentFeed } from '../../document-feed.ts';
import { isNamedJson } from '../../document-form.ts';
import { openFeedDocuments } from '../../feed-documents.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../fetcher.ts';
import { parseWolfi } from './parse.ts';

const URL_OF_SECDB = 'https://packages.wolfi.dev/os/security.json';

/** The security database of Wolfi. */
export const wolfi: Fetcher = {
  id: 'wolfi',
  version: 2,
  scheme: 'apk',
  distributions: ['wolfi'],
  url: URL_OF_SECDB,
  fetch: fetchSecdb,
};

async function fetchSecdb(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedDocuments(context.url ?? URL_OF_SECDB, context, { wants: isNamedJson });
  return documentFeed(feed, { json: parseWolfi });
}
