import { ClairError } from '../errors.ts';
import type { Advisory } from '../model/advisory.ts';
import type { FeedDocument } from './document-intake.ts';
import { type DocumentForm, recogniseForm } from './document-form.ts';
import type { UnclearRecords } from './fetchers/fetcher.ts';

/**
 * Reads one document of a feed and gives what it says; what it does not understand it adds to `unclear`. A document that
 * is broken as a whole may be added to `unclear` when the feed has many, and is an error when it is the feed.
 *
 * @throws ClairError `feed/…`, `bytes/…`
 */
export type DocumentParser<Item = Advisory> = (document: FeedDocument, unclear: UnclearRecords) => AsyncIterable<Item>;

/** How to read the documents of a feed, by their form. */
export type DocumentParsers<Item = Advisory> = Readonly<Partial<Record<DocumentForm, DocumentParser<Item>>>>;

/**
 * Reads documents one after the other, each by the parser for its form.
 *
 * @param where what to call the feed in messages
 * @throws ClairError `feed/empty` when there is no document, `feed/invalid` for one in a form that the source does not have
 * and when nothing in any document is an item.
 */
export async function* documentItems<Item>(
  documents: AsyncIterable<FeedDocument>,
  parsers: DocumentParsers<Item>,
  unclear: UnclearRecords,
  where: string,
): AsyncGenerator<Item> {
  let count = 0;
  let items = 0;
  for await (const document of documents) {
    count += 1;
    const { form, stream } = await recogniseForm(document.stream, document.where);
    const parse = parsers[form];
    if (parse === undefined) {
      const known = Object.keys(parsers).join(' or ');
      throw new ClairError('feed/invalid', `${document.where} is ${form}, but the source is published as ${known}`);
    }
    for await (const item of parse({ ...document, stream }, unclear)) {
      items += 1;
      yield item;
    }
  }
  if (count === 0) throw new ClairError('feed/empty', `${where} holds no document of this source`);
  if (items === 0) throw new ClairError('feed/invalid', `${where}: nothing in it is a record of this source`);
}
