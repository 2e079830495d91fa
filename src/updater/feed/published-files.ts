import type { FetchContext } from './fetcher.ts';
import { type FeedDocuments, openFeedDocuments } from './many-documents.ts';
import { openFeedFiles } from './several-files.ts';
import { isFileUrl } from '../../bytes/local-path.ts';

/** A feed that is published as several files in one directory. */
export type PublishedFiles = {
  readonly url: string;
  readonly files: readonly string[];
  /** Selects files of a local directory or archive by their name without the compression suffix. */
  readonly wants: (name: string) => boolean;
};

/** Matches the address of a single document, or of an archive with several documents. */
const ONE_FILE = /\.(?:xml|tar|zip|tgz)(?:\.(?:gz|bz2|xz|zst))?$/i;

/**
 * Opens all documents at `context.from`, otherwise the files below the configured or published address. A configured
 * address may also be the address of a document or an archive, or a `file:` URL.
 *
 * @throws ClairError `bytes/…` immediately, during iteration or while a document is read
 */
export async function openPublishedFiles(
  { url, files, wants }: PublishedFiles,
  context: FetchContext,
): Promise<FeedDocuments> {
  const base = context.url ?? url;
  if (context.from !== undefined || isFileUrl(base) || ONE_FILE.test(base)) {
    return await openFeedDocuments(base, context, { wants });
  }
  const below = base.endsWith('/') ? base : `${base}/`;
  return await openFeedFiles(
    files.map((name) => ({ name, url: `${below}${name}` })),
    below,
    context,
  );
}
