import { allBytes } from '../../bytes/all-bytes.ts';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { ClairError } from '../../errors.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { FeedDocument } from './document-intake.ts';
import { type DocumentForm, recogniseForm } from './document-form.ts';
import type { FeedDocuments } from './many-documents.ts';
import type { FetchOutcome, RecordDiagnostics } from './fetcher.ts';
import { addRecordDiagnostic, noRecordDiagnostics } from '../advisories/record-diagnostics.ts';

/**
 * Parses one document of a feed and adds records that it does not understand to `recordDiagnostics`. A document that is
 * malformed as a whole may be a diagnostic when the feed has many documents, and is an error when it is the whole feed.
 *
 * @throws ClairError `feed/…`, `bytes/…`
 */
export type DocumentParser<Item = Advisory> = (
  document: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
) => AsyncIterable<Item>;

/** The parsers for the documents of a feed, by form. */
export type DocumentParsers<Item = Advisory> = Readonly<Partial<Record<DocumentForm, DocumentParser<Item>>>>;

export type DocumentFeedOptions = {
  /**
   * Set when each document is one record: skips a document that is empty or in another form, with a diagnostic. Where a
   * document is a whole release, skipping it would withdraw all advisories of the release.
   */
  readonly skipsBroken?: boolean;
};

/**
 * Yields the advisories in the documents of a feed; the form of each document selects its parser.
 *
 * @throws ClairError during iteration: `feed/empty` without a document or for an empty one, `feed/invalid` for a
 * document in an unsupported form or when no document contains an advisory.
 */
export function documentFeed(
  feed: FeedDocuments,
  parsers: DocumentParsers,
  options: DocumentFeedOptions = {},
): FetchOutcome {
  if (feed.kind === 'not-modified') return feed;
  const recordDiagnostics = noRecordDiagnostics();
  const { documents, where, validators } = feed;
  const advisories = documentItems(documents, parsers, recordDiagnostics, where, options);
  return { kind: 'advisories', advisories, recordDiagnostics, validators };
}

/**
 * Parses documents in order; the form of each selects its parser.
 *
 * @param where the name of the feed in messages
 * @throws ClairError like {@link documentFeed}
 */
export async function* documentItems<Item>(
  documents: AsyncIterable<FeedDocument>,
  parsers: DocumentParsers<Item>,
  recordDiagnostics: RecordDiagnostics,
  where: string,
  { skipsBroken = false }: DocumentFeedOptions = {},
): AsyncGenerator<Item> {
  let count = 0;
  let items = 0;
  let broken: ClairError | undefined;
  for await (const document of documents) {
    count += 1;
    const opened = await open(document, parsers);
    if (opened instanceof ClairError) {
      if (!skipsBroken) throw opened;
      broken ??= opened;
      addRecordDiagnostic(recordDiagnostics, `skipped: ${opened.message}`);
      continue;
    }
    for await (const item of opened.parse({ ...document, stream: opened.stream }, recordDiagnostics)) {
      items += 1;
      yield item;
    }
  }
  if (count === 0) throw new ClairError('feed/empty', `${where} holds no document of this feed`);
  if (items > 0) return;
  throw broken ?? new ClairError('feed/invalid', `${where}: nothing in it is a record of this feed`);
}

type OpenedDocument<Item> = { readonly parse: DocumentParser<Item>; readonly stream: ByteStream };

/** Returns an error, and closes the document, when the document is empty or has no parser. */
async function open<Item>(
  document: FeedDocument,
  parsers: DocumentParsers<Item>,
): Promise<OpenedDocument<Item> | ClairError> {
  try {
    const { form, stream } = await recogniseForm(document.stream, document.where);
    const parse = parsers[form];
    if (parse !== undefined) return { parse, stream };
    await allBytes(stream, 0);
    const known = Object.keys(parsers).join(' or ');
    return new ClairError('feed/invalid', `${document.where} is ${form}, but the feed is published as ${known}`);
  } catch (error) {
    if (error instanceof ClairError && error.code === 'feed/empty') return error;
    throw error;
  }
}
