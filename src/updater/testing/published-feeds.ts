import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HttpClient } from '../../bytes/http/client.ts';
import { ClairError } from '../../errors.ts';
import type { DocumentParser } from '../feed/parsed-documents.ts';
import type { FetchOutcome } from '../feed/fetcher.ts';
import { parsed } from './feed-documents.ts';

/** Returns the result of a parser for a document in a file. */
export async function readDocument(parser: DocumentParser, url: URL): ReturnType<typeof parsed> {
  return await parsed(parser, await readFile(url), basename(fileURLToPath(url)));
}

/** Returns the identifiers of the advisories of a feed, in order. */
export async function idsOf(outcome: FetchOutcome): Promise<readonly string[]> {
  if (outcome.kind !== 'advisories') return [outcome.kind];
  const ids: string[] = [];
  for await (const { id } of outcome.advisories) ids.push(id);
  return ids;
}

/** Returns a client that responds with these bodies, by URL; `asked` lists the requested URLs. */
export function clientWith(bodies: Readonly<Record<string, Uint8Array>>): HttpClient & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    get: async (url) => {
      asked.push(url);
      const body = bodies[url];
      if (body === undefined) throw new ClairError('bytes/not-found', `${url} is not there`);
      return { status: 200, headers: { etag: `"${asked.length}"` }, body: bytesOf(body) };
    },
    close: async () => {},
  };
}

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
