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
 * Reads one document of a feed and gives what it says; what it does not understand it adds to `diagnostics`. A document that
 * is broken as a whole may be added to `diagnostics` when the feed has many, and is an error when it is the feed.
 *
 * @throws ClairError `feed/…`, `bytes/…`
 */
export type DocumentParser<Item = Advisory> = (
  document: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
) => AsyncIterable<Item>;

/** How to read the documents of a feed, by their form. */
export type DocumentParsers<Item = Advisory> = Readonly<Partial<Record<DocumentForm, DocumentParser<Item>>>>;

export type DocumentFeedOptions = {
  /**
   * Set for feeds in which each document is one record: one that is empty or in another form is then told and passed over.
   * Where documents are whole releases that would withdraw all that is known of one.
   */
  readonly skipsBroken?: boolean;
};

/**
 * Gives what the documents of a feed say, each read by the parser for its form.
 *
 * @throws ClairError while the advisories are iterated: `feed/empty` when there is no document or one of them holds
 * nothing, `feed/invalid` for one in a form that the feed does not have and when nothing in any document is an advisory.
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
 * Reads documents one after the other, each by the parser for its form.
 *
 * @param where what to call the feed in messages
 * @throws ClairError as {@link documentFeed} tells.
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

/** Gives the error when there is nothing to read, or no parser for it; its bytes are let go of then. */
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
