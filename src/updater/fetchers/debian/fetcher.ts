import { type DocumentParser, documentFeed } from '../../feed/parsed-documents.ts';
import { isNamedJson } from '../../feed/document-form.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import { jsonMembers } from '../../formats/json-members.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../../feed/fetcher.ts';
import { parseTracker } from './parse.ts';

/** All releases in one document of about 60 MB. */
const URL_OF_TRACKER = 'https://security-tracker.debian.org/tracker/data/json';

/** The Debian security tracker. */
export const debian: Fetcher = {
  id: 'debian',
  version: 1,
  scheme: 'dpkg',
  distributions: ['debian'],
  url: URL_OF_TRACKER,
  fetch: fetchTracker,
};

async function fetchTracker(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedDocuments(context.url ?? URL_OF_TRACKER, context, { wants: isNamedJson });
  return documentFeed(feed, { json: parseDocument });
}

const parseDocument: DocumentParser = ({ stream, where }, recordDiagnostics) =>
  parseTracker(jsonMembers(stream, { where }), recordDiagnostics, where);
