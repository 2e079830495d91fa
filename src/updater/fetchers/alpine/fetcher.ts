import { documentFeed } from '../../feed/parsed-documents.ts';
import { type FeedDocuments, openFeedDocuments } from '../../feed/many-documents.ts';
import { openFeedFiles } from '../../feed/several-files.ts';
import { isFileUrl } from '../../../bytes/local-path.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../../feed/fetcher.ts';
import { secdbFiles } from './index-pages.ts';
import { parseAlpineJson, parseAlpineYaml } from './parse.ts';

/** The directory of all branches. */
const URL_OF_SECDB = 'https://secdb.alpinelinux.org/';

/** The security database of Alpine: the fixes in each package of each branch. */
export const alpine: Fetcher = {
  id: 'alpine',
  version: 2,
  scheme: 'apk',
  distributions: ['alpine'],
  url: URL_OF_SECDB,
  fetch: fetchSecdb,
};

async function fetchSecdb(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openSecdb(context), { json: parseAlpineJson, text: parseAlpineYaml });
}

/** A configured address with a trailing slash is a directory with index pages, any other an archive or a file. */
async function openSecdb(context: FetchContext): Promise<FeedDocuments> {
  const url = context.url ?? URL_OF_SECDB;
  if (context.from === undefined && url.endsWith('/') && !isFileUrl(url)) {
    return await openFeedFiles(await secdbFiles(url, context), url, context);
  }
  return await openFeedDocuments(url, context, { wants });
}

/** Ignores the notes, programs and pages beside the files of the branches. */
function wants(name: string): boolean {
  return /\.(?:json|ya?ml)$/.test(name);
}
