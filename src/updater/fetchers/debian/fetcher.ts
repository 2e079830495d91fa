import { type DocumentParser, documentFeed } from '../../feed/parsed-documents.ts';
import { isNamedJson } from '../../feed/document-form.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import { jsonMembers } from '../../../bytes/documents/json-members.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parseTracker } from './parse.ts';

/** The address of a single document for all releases; the document is about 60 MB. */
const URL_OF_TRACKER = 'https://security-tracker.debian.org/tracker/data/json';

/** The Debian security tracker. */
export const debian: DescribedFetcher = {
  id: 'debian',
  version: 1,
  scheme: 'dpkg',
  distributions: ['debian'],
  url: URL_OF_TRACKER,
  coverage: {
    namespaces: ['debian:N', 'debian:unstable'],
    reads: 'the security tracker, a JSON document that is grouped by source package and CVE',
    severity: 'the `urgency` in the release',
    states: [
      ['`resolved` in a version', '`fixed`'],
      ['`resolved` in version `0`', 'no finding: never affected'],
      ['`open`', '`open`, `no-dsa`, `postponed`, `ignored` or `end-of-life`'],
      [
        '`undetermined`',
        '`end-of-life` for the urgency `end-of-life`; otherwise `undetermined`, which is stored, but is not a finding',
      ],
      ['any other status, or an invalid version', '`unknown`: a finding; the update counts the entry as inexact'],
    ],
    notes: [],
  },
  fetch: fetchTracker,
};

async function fetchTracker(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedDocuments(context.url ?? URL_OF_TRACKER, context, { wants: isNamedJson });
  return documentFeed(feed, { json: parseDocument });
}

const parseDocument: DocumentParser = ({ stream, where }, recordDiagnostics) =>
  parseTracker(jsonMembers(stream, { where }), recordDiagnostics, where);
