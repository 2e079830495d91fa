import { allBytes } from '../../bytes/all-bytes.ts';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { ClairError } from '../../errors.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { FeedDocument } from './document-intake.ts';
import { type DocumentForm, recogniseForm } from './document-form.ts';
import type { FeedDocuments } from './many-documents.ts';
import type { FetchOutcome, RecordDiagnostics } from './fetcher.ts';
import { type GroupedItems, groupedItems } from '../advisories/grouped-items.ts';
import { addRecordDiagnostic, noRecordDiagnostics, skipped } from '../advisories/record-diagnostics.ts';

/**
 * Parses one document of a feed and adds a diagnostic to `recordDiagnostics` for each part that cannot be interpreted.
 * A malformed document is an error, or a diagnostic if the feed has many documents.
 *
 * @throws ClairError `feed/…`, `bytes/…`
 */
export type DocumentParser<Item = Advisory> = (
  document: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
) => GroupedItems<Item>;

export type DocumentParsers<Item = Advisory> = Readonly<Partial<Record<DocumentForm, DocumentParser<Item>>>>;

export type DocumentFeedOptions = {
  /**
   * Whether to skip a document that is empty or in another form, with a diagnostic. Must be set only if each document
   * is one advisory. If a document is a whole release, skipping the document would withdraw all its advisories.
   */
  readonly skipsBroken?: boolean;
};

/**
 * Returns the advisories of the documents; each document is parsed according to its form.
 *
 * @throws ClairError during iteration: `feed/empty` if there is no document or a document is empty, `feed/invalid` for
 * an unsupported form or if no document contains an advisory
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
 * Returns the items of the documents; each document is parsed according to its form.
 *
 * @throws the errors of {@link documentFeed}
 */
export function documentItems<Item>(
  documents: AsyncIterable<FeedDocument>,
  parsers: DocumentParsers<Item>,
  recordDiagnostics: RecordDiagnostics,
  where: string,
  options: DocumentFeedOptions = {},
): GroupedItems<Item> {
  return groupedItems(documentGroups(documents, parsers, recordDiagnostics, where, options));
}

async function* documentGroups<Item>(
  documents: AsyncIterable<FeedDocument>,
  parsers: DocumentParsers<Item>,
  recordDiagnostics: RecordDiagnostics,
  where: string,
  { skipsBroken = false }: DocumentFeedOptions,
): AsyncGenerator<readonly Item[]> {
  let count = 0;
  let items = 0;
  let broken: ClairError | undefined;
  for await (const document of documents) {
    count += 1;
    const opened = await open(document, parsers);
    if (opened instanceof ClairError) {
      if (!skipsBroken) throw opened;
      broken ??= opened;
      addRecordDiagnostic(recordDiagnostics, skipped(`skipped: ${opened.message}`));
      continue;
    }
    const parsed = opened.parse({ ...document, stream: opened.stream }, recordDiagnostics);
    if (parsed.groups === undefined) {
      for await (const item of parsed) {
        items += 1;
        yield [item];
      }
    } else {
      for await (const group of parsed.groups) {
        items += group.length;
        yield group;
      }
    }
  }
  if (count === 0) throw new ClairError('feed/empty', `${where} contains no document of this feed`);
  if (items > 0) return;
  throw broken ?? new ClairError('feed/invalid', `${where} contains no entry of this feed`);
}

type OpenedDocument<Item> = { readonly parse: DocumentParser<Item>; readonly stream: ByteStream };

/** Opens a document. If the document is empty or has no parser, closes the document and returns an error. */
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
