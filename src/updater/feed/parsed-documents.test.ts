import { describe, expect, it } from 'vitest';
import { collected, documentOf } from '../testing/feed-documents.ts';
import { type DocumentFeedOptions, type DocumentParser, documentFeed } from './parsed-documents.ts';
import type { FeedDocument } from './document-intake.ts';
import { addRecordDiagnostic, inexact } from '../advisories/record-diagnostics.ts';
import { messagesOf } from '../testing/record-messages.ts';

/**
 * Returns a parser that yields an advisory for each word of a document after the first word; the word `?` adds a
 * diagnostic.
 */
function parserOf(form: string): DocumentParser {
  return async function* parse({ name, stream }, recordDiagnostics) {
    const words = Buffer.concat(await collected(stream))
      .toString()
      .trim()
      .split(/\s+/)
      .slice(1);
    for (const word of words) {
      if (word === '?') addRecordDiagnostic(recordDiagnostics, inexact(name));
      else yield { id: `${word}-${form}-${name}`, link: '', description: '', affected: [] };
    }
  };
}

const PARSERS = { json: parserOf('json'), xml: parserOf('xml') };

type Result = { readonly ids: readonly string[]; readonly diagnostics: readonly string[] };

async function read(documents: readonly FeedDocument[], options?: DocumentFeedOptions): Promise<Result> {
  async function* all(): AsyncGenerator<FeedDocument> {
    yield* documents;
  }
  const feed = { kind: 'documents', documents: all(), where: 'feed', validators: { etag: '"v1"' } } as const;
  const outcome = documentFeed(feed, PARSERS, options);
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  expect(outcome.validators).toEqual({ etag: '"v1"' });
  const advisories = await collected(outcome.advisories);
  return { ids: advisories.map(({ id }) => id), diagnostics: messagesOf(outcome.recordDiagnostics.examples) };
}

describe('a feed of documents', () => {
  it('parses each document with the parser for its form', async () => {
    const documents = [documentOf('{ A B', '1'), documentOf('  <x C ?', '2'), documentOf('[ D', '3')];
    expect(await read(documents)).toEqual({ ids: ['A-json-1', 'B-json-1', 'C-xml-2', 'D-json-3'], diagnostics: ['2'] });
  });

  it('parses nothing when no document changed', () => {
    expect(documentFeed({ kind: 'not-modified' }, PARSERS)).toEqual({ kind: 'not-modified' });
  });

  it.each<[string, readonly string[], string]>([
    ['no documents', [], 'feed/empty'],
    ['an empty document', ['{ A', ''], 'feed/empty'],
    ['a blank document', ['{ A', ' \n'], 'feed/empty'],
    ['a document in another form', ['{ A', 'Service unavailable'], 'feed/invalid'],
    ['no advisories', ['{', '{ ?'], 'feed/invalid'],
  ])('is rejected when it has %s', async (_, contents, code) => {
    const documents = contents.map((content, index) => documentOf(content, `${index}`));
    await expect(read(documents)).rejects.toMatchObject({ code });
  });

  it('closes a document in another form', async () => {
    let isOpen = true;
    async function* page(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('Service ');
        yield Buffer.from('unavailable');
      } finally {
        isOpen = false;
      }
    }
    const reading = read([{ ...documentOf(''), stream: page() }]);
    await expect(reading).rejects.toMatchObject({ code: 'feed/invalid' });
    expect(isOpen).toBe(false);
  });
});

describe('a feed with one advisory per document', () => {
  const options = { skipsBroken: true };

  it('skips malformed documents and records diagnostics', async () => {
    const documents = [documentOf('', '1'), documentOf('{ A', '2'), documentOf('Not found', '3')];
    expect(await read(documents, options)).toEqual({
      ids: ['A-json-2'],
      diagnostics: ['skipped: 1 is empty', 'skipped: 3 is text, but the feed is published as json or xml'],
    });
  });

  it.each([
    ['feed/empty', '', 'Not found'],
    ['feed/invalid', 'Not found', ''],
  ])('is rejected with the first error, %s, when every document is malformed', async (code, ...contents) => {
    await expect(
      read(
        contents.map((content) => documentOf(content)),
        options,
      ),
    ).rejects.toMatchObject({ code });
  });

  it('is rejected when a document cannot be read', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(' ');
      throw new Error('the line is dead');
    }
    const documents = [documentOf('{ A'), { ...documentOf(''), stream: broken() }];
    await expect(read(documents, options)).rejects.toThrow('the line is dead');
  });
});
