import { documentFeed, type DocumentParsers } from '../../feed/parsed-documents.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../../feed/fetcher.ts';
import { isTrackerRecord, parseUbuntuTracker } from './parse.ts';
import { parseUbuntuOval } from './parse-oval.ts';
import { parseUbuntuOsv } from './parse-osv.ts';
import { isRepository, openRepository } from './repository.ts';

/** One file per CVE in a git repository. */
const URL_OF_TRACKER = 'https://git.launchpad.net/ubuntu-cve-tracker';

/** The CVE tracker of Ubuntu's security team. */
export const ubuntu: Fetcher = {
  id: 'ubuntu',
  version: 2,
  scheme: 'dpkg',
  distributions: ['ubuntu'],
  url: URL_OF_TRACKER,
  fetch: fetchUbuntu,
};

/** The files of the tracker are text. */
const PARSERS: DocumentParsers = {
  text: parseUbuntuTracker,
  json: parseUbuntuOsv,
  xml: parseUbuntuOval,
};

/** Reads the tracker's repository, or configured local files, archive or repository (see {@link isRepository}). */
async function fetchUbuntu(context: FetchContext): Promise<FetchOutcome> {
  const { from, url = URL_OF_TRACKER } = context;
  const isGit = from === undefined && (await isRepository(url));
  const feed = isGit
    ? await openRepository(url, isTrackerRecord, context)
    : await openFeedDocuments(url, context, { wants });
  return documentFeed(feed, PARSERS);
}

/** Selects files of the tracker, and documents of the other forms. */
function wants(name: string): boolean {
  return isTrackerRecord(name) || /\.(?:json|xml)$/i.test(name);
}
