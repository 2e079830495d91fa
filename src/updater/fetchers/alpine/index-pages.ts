import { allBytes } from '../../../bytes/all-bytes.ts';
import { ClairError } from '../../../errors.ts';
import { openDownload } from '../../feed/download.ts';
import type { FeedFile } from '../../feed/several-files.ts';
import type { FetchContext } from '../../feed/fetcher.ts';

/** The maximum size of a page in bytes; the page https://secdb.alpinelinux.org is 2 KB. */
const MAX_PAGE_BYTES = 1024 * 1024;

/**
 * Returns the files of the secdb below `url`, one per branch and repository, from directory listings. The listing of
 * `url` contains the branches, and the listing of each branch contains its repositories. New branches are therefore
 * read as soon as Alpine publishes them.
 *
 * @throws ClairError `bytes/…` when a page cannot be read; `feed/invalid` for a truncated or empty listing, because the
 * update would withdraw the advisories of missing files.
 */
export async function secdbFiles(url: string, context: FetchContext): Promise<readonly FeedFile[]> {
  const files: FeedFile[] = [];
  for (const branch of await linksIn(url, BRANCH, context)) {
    const folder = new URL(`${branch}/`, url).href;
    for (const repository of await linksIn(folder, REPOSITORY, context)) {
      const name = `${branch}/${repository}.json`;
      files.push({ name, url: new URL(name, url).href });
    }
  }
  return files;
}

/** Match links in directory listings; servers write relative links with `href` as the last attribute. */
const BRANCH = /\bhref="(?:\.\/)?(edge|v\d+\.\d+)\/"/g;
const REPOSITORY = /\bhref="(?:\.\/)?([a-z][a-z0-9-]*)\.json"/g;

async function linksIn(url: string, pattern: RegExp, context: FetchContext): Promise<readonly string[]> {
  const { http, signal } = context;
  const download = await openDownload(url, { http, ...(signal && { signal }) });
  // The response always has a body, because the request has no validators.
  if (download.kind !== 'body') return [];
  const page = (await allBytes(download.body, MAX_PAGE_BYTES))?.toString('latin1') ?? '';
  const links = [...new Set(Array.from(page.matchAll(pattern), ([, link = '']) => link))];
  if (links.length === 0 || !/<\/(?:html|pre|table)>/i.test(page)) {
    throw new ClairError('feed/invalid', `${download.where} is not a complete index of secdb files`);
  }
  return links;
}
