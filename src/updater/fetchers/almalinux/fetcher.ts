import { documentFeed } from '../../feed/parsed-documents.ts';
import { isNamedJson } from '../../feed/document-form.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import { withKnownStreams } from '../../advisories/rpm-modules.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../../feed/fetcher.ts';
import { parseAlmaLinux } from './parse.ts';

/** The archive of all records on osv.dev. */
const URL_OF_ARCHIVE = 'https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux/all.zip';

/** The errata of AlmaLinux. */
export const almalinux: Fetcher = {
  id: 'almalinux',
  version: 2,
  scheme: 'rpm',
  distributions: ['almalinux'],
  url: URL_OF_ARCHIVE,
  fetch: fetchErrata,
};

async function fetchErrata(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedDocuments(context.url ?? URL_OF_ARCHIVE, context, { wants: isNamedJson });
  const outcome = documentFeed(feed, { json: parseAlmaLinux }, { skipsBroken: true });
  if (outcome.kind === 'not-modified') return outcome;
  return { ...outcome, advisories: withKnownStreams(outcome.advisories, outcome.recordDiagnostics) };
}
