import { documentFeed } from '../../feed/parsed-documents.ts';
import { type FeedDocuments, openFeedDocuments } from '../../feed/many-documents.ts';
import { openFeedFiles } from '../../feed/several-files.ts';
import { isFileUrl } from '../../../bytes/local-path.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { secdbFiles } from './index-pages.ts';
import { parseAlpineJson, parseAlpineYaml } from './parse.ts';

/** The directory of all branches. */
const URL_OF_SECDB = 'https://secdb.alpinelinux.org/';

/** The Alpine security database (secdb), which lists the fixes in each package of each branch. */
export const alpine: DescribedFetcher = {
  id: 'alpine',
  version: 2,
  scheme: 'apk',
  distributions: ['alpine'],
  url: URL_OF_SECDB,
  coverage: {
    namespaces: ['alpine:vN.N', 'alpine:edge'],
    reads:
      'one secdb for each repository of a branch; a secdb lists the versions of each source package (`origin`) that fixed a vulnerability',
    severity: 'none, because the feed has no severities',
    notes: [
      'A CVE has one advisory for all branches. The version `0` means that the package was never affected; if several versions of a package fix a CVE, the highest version is used. A fix without an identifier is skipped.',
      'If a fixed version is invalid (`1.7.5.-r1`), Clair uses the part that apk accepts (`1.7.5`). Lower versions are affected, and versions from the next number (`1.7.6`) are fixed. Versions in between are affected with the status `unknown`.',
      'A truncated or empty index page, or a broken file, fails the update, because otherwise all advisories of a release would be withdrawn. A mirror (a URL that ends with `/`) needs index pages; any other URL is an archive. Local files can also be YAML, which was the format until 2020.',
    ],
  },
  fetch: fetchSecdb,
};

async function fetchSecdb(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openSecdb(context), { json: parseAlpineJson, text: parseAlpineYaml });
}

/**
 * Opens the secdb. A configured address with a trailing slash is a directory with index pages; any other address is an
 * archive or a file.
 */
async function openSecdb(context: FetchContext): Promise<FeedDocuments> {
  const url = context.url ?? URL_OF_SECDB;
  if (context.from === undefined && url.endsWith('/') && !isFileUrl(url)) {
    return await openFeedFiles(await secdbFiles(url, context), url, context);
  }
  return await openFeedDocuments(url, context, { wants });
}

/** Returns whether a file is a file of a branch. The same directories also contain notes, programs and pages. */
function wants(name: string): boolean {
  return /\.(?:json|ya?ml)$/.test(name);
}
