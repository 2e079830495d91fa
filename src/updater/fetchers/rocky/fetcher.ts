import { documentFeed } from '../../feed/parsed-documents.ts';
import { isNamedJson } from '../../feed/document-form.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import { withKnownStreams } from '../../advisories/rpm-modules.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../../feed/fetcher.ts';
import { parseRocky } from './parse.ts';

/** The archive of all records on osv.dev. */
const URL_OF_ARCHIVE = 'https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/all.zip';

/** The errata of Rocky Linux. */
export const rocky: Fetcher = {
  id: 'rocky',
  version: 2,
  scheme: 'rpm',
  distributions: ['rocky'],
  url: URL_OF_ARCHIVE,
  fetch: fetchErrata,
};

async function fetchErrata(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedDocuments(context.url ?? URL_OF_ARCHIVE, context, { wants: isNamedJson });
  const outcome = documentFeed(feed, { json: parseRocky }, { skipsBroken: true });
  if (outcome.kind === 'not-modified') return outcome;
  return { ...outcome, advisories: withKnownStreams(outcome.advisories, outcome.recordDiagnostics) };
}
