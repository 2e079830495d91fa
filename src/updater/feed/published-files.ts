import type { FetchContext } from './fetcher.ts';
import { type FeedDocuments, openFeedDocuments } from './many-documents.ts';
import { openFeedFiles } from './several-files.ts';
import { isFileUrl } from '../../bytes/local-path.ts';

/** A feed that is published as several files side by side. */
export type PublishedFiles = {
  /** Where they lie. */
  readonly url: string;
  /** Their names, as they are published. */
  readonly files: readonly string[];
  /** Tells by its name, without the suffix of its compression, whether a file of a local directory or archive is one. */
  readonly wants: (name: string) => boolean;
};

/** An address of one document, or of an archive of several. */
const ONE_FILE = /\.(?:xml|tar|zip|tgz)(?:\.(?:gz|bz2|xz|zst))?$/i;

/**
 * Opens such a feed: all of it that lies at `context.from`; else the files below the operator's own address or the one
 * where they are published. An own address may also be that of one document or of an archive, or a `file:` URL.
 *
 * @throws ClairError `bytes/…` from here, while the documents are iterated and while one is read.
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
