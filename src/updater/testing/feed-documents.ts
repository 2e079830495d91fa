import type { HttpAnswer, HttpClient, HttpGetOptions } from '../../bytes/http/client.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { DocumentParser } from '../feed/parsed-documents.ts';
import type { FeedDocument } from '../feed/document-intake.ts';
import type { FetchOutcome, RecordDiagnostics } from '../feed/fetcher.ts';
import { noRecordDiagnostics } from '../advisories/record-diagnostics.ts';

/** Returns a document with these bytes. */
export function documentOf(content: string | Uint8Array, name: string = 'document'): FeedDocument {
  return { name, where: name, stream: streamOf(content) };
}

export async function* streamOf(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

/** Returns the advisories and the diagnostics of a parser for one document. */
export async function parsed(
  parse: DocumentParser,
  content: unknown,
  name?: string,
): Promise<{ readonly advisories: readonly Advisory[]; readonly recordDiagnostics: RecordDiagnostics }> {
  const recordDiagnostics = noRecordDiagnostics();
  const text = typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content);
  const advisories = await collected(parse(documentOf(text, name), recordDiagnostics));
  return { advisories, recordDiagnostics };
}

export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Returns the advisories of an outcome; throws for any other outcome. */
export async function advisoriesOf(outcome: FetchOutcome): Promise<Advisory[]> {
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  return await collected(outcome.advisories);
}

/** An HTTP client whose requests all fail, for feeds that are read from files. */
export const NO_HTTP: HttpClient = {
  get: async (url) => {
    throw new Error(`asked for ${url}`);
  },
  close: async () => {},
};

/** A client that responds by address, records its requests, and tracks open bodies. */
export type AnsweringClient = HttpClient & {
  readonly asked: { readonly url: string; readonly headers: Readonly<Record<string, string>> }[];
  readonly open: Set<string>;
};

/** The content at an address, and the entity tag for which the client responds with status 304. */
export type Served = { readonly content: string | Uint8Array; readonly etag?: string };

export function clientOf(served: Readonly<Record<string, Served>>): AnsweringClient {
  const asked: AnsweringClient['asked'] = [];
  const open = new Set<string>();
  return {
    asked,
    open,
    get: async (url: string, { headers = {} }: HttpGetOptions = {}): Promise<HttpAnswer> => {
      asked.push({ url, headers });
      const found = served[url];
      if (found === undefined) throw new Error(`nothing is served at ${url}`);
      if (found.etag !== undefined && headers['if-none-match'] === found.etag) return { status: 304 };
      open.add(url);
      const body = bodyOf(found.content, () => open.delete(url));
      return { status: 200, headers: found.etag === undefined ? {} : { etag: found.etag }, body };
    },
    close: async () => {},
  };
}

/** Yields two chunks, so that a reader can stop between them. */
async function* bodyOf(content: string | Uint8Array, done: () => void): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content);
  try {
    yield bytes.subarray(0, 1);
    yield bytes.subarray(1);
  } finally {
    done();
  }
}
