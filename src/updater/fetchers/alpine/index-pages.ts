import { allBytes } from '../../../bytes/all-bytes.ts';
import { ClairError } from '../../../errors.ts';
import { openDownload } from '../../feed/download.ts';
import type { FeedFile } from '../../feed/several-files.ts';
import type { FetchContext } from '../../feed/fetcher.ts';

/** The most bytes of one page; that of https://secdb.alpinelinux.org has 2 KB. */
const MAX_PAGE_BYTES = 1024 * 1024;

/**
 * Finds the files of the secdb below `url`, one a branch and repository, in the index pages of the web server: the first
 * one lists the branches, that of each branch its repositories. So a new branch is known on the day it appears, and nobody
 * has to know which branches have no `community`.
 *
 * @throws ClairError `bytes/…` when a page cannot be had; `feed/invalid` for one that is cut off or lists nothing: what is
 * missing would be taken for withdrawn.
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

/** As the servers write them: relative links, without attributes between. */
const BRANCH = /\bhref="(?:\.\/)?(edge|v\d+\.\d+)\/"/g;
const REPOSITORY = /\bhref="(?:\.\/)?([a-z][a-z0-9-]*)\.json"/g;

async function linksIn(url: string, pattern: RegExp, context: FetchContext): Promise<readonly string[]> {
  const { http, signal } = context;
  const download = await openDownload(url, { http, ...(signal && { signal }) });
  // Without conditions an upstream that says "not modified" was refused already.
  if (download.kind !== 'body') return [];
  const page = (await allBytes(download.body, MAX_PAGE_BYTES))?.toString('latin1') ?? '';
  const links = [...new Set(Array.from(page.matchAll(pattern), ([, link = '']) => link))];
  if (links.length === 0 || !/<\/(?:html|pre|table)>/i.test(page)) {
    throw new ClairError('feed/invalid', `${download.where} is no whole index of a secdb`);
  }
  return links;
}
