import type { HttpClient } from '../../../src/bytes/http/client.ts';
import { openStore } from '../../../src/database/open-store.ts';
import type { Store } from '../../../src/database/contracts/store.ts';
import type { AffectedPackage } from '../../../src/model/advisories/advisory.ts';
import type { DocumentParser } from '../../../src/updater/feed/parsed-documents.ts';
import { localDocuments } from '../../../src/updater/feed/local-documents.ts';
import type { Fetcher } from '../../../src/updater/feed/fetcher.ts';
import { noRecordDiagnostics } from '../../../src/updater/advisories/record-diagnostics.ts';
import { createUpdater } from '../../../src/updater/updater.ts';
import type { UpdateResult } from '../../../src/updater/update-result.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';

/** An expected stored advisory, copied manually from the upstream text. */
export type ExpectedRecord = readonly [id: string, link: string, severity: string, ...affected: string[]];

export type Import = { readonly store: Store; readonly result: Extract<UpdateResult, { kind: 'updated' }> };

/** Imports a file or directory into a new database. */
export async function importOf(fetcher: Fetcher, from: string): Promise<Import> {
  const store = await openStore(newDatabase());
  const updater = createUpdater({ store, fetchers: [fetcher], http: NOBODY, now: () => 0 });
  const result = await updater.update(fetcher.id, { from });
  if (result.kind !== 'updated') throw new Error(result.kind);
  return { store, result };
}

/**
 * Returns a stored advisory in the form of an expected advisory, limited to the expected releases and packages, because
 * several documents can contribute to an advisory.
 */
export async function storedRecord(store: Store, expected: ExpectedRecord): Promise<ExpectedRecord> {
  const [id, , , ...ranges] = expected;
  const [record] = await store.vulnerabilities.find(id);
  if (record === undefined) return [id, 'not stored', ''];
  const places = new Set(ranges.map((range) => range.split(' ', 2).join(' ')));
  const isShown = (of: AffectedPackage): boolean => places.size === 0 || places.has(`${of.namespace} ${of.package}`);
  const affected = record.affected.filter(isShown);
  const severities = [...new Set(affected.map(({ severity }) => severity))].join(', ');
  const order = (range: string): number => ranges.indexOf(range);
  return [record.name, record.link, severities, ...affected.map(shownRange).toSorted((a, b) => order(a) - order(b))];
}

/** Formats a range as `NAMESPACE PACKAGE (source) (MODULE) [ARCHITECTURES] INTERVAL STATE PRODUCT`. */
export function shownRange(of: AffectedPackage): string {
  const upper = of.fixed === undefined ? [] : [`<${of.fixed}`];
  return [
    of.namespace,
    of.package,
    ...(of.role === undefined ? [] : ['(source)']),
    ...(of.module === undefined ? [] : [`(${of.module})`]),
    ...(of.archs === undefined ? [] : [`[${of.archs.join(' ')}]`]),
    ...(of.introduced === undefined ? [] : [`>=${of.introduced}`]),
    ...(of.lastAffected === undefined ? upper : [`<=${of.lastAffected}`]),
    of.status,
    ...(of.cpe === undefined ? [] : [of.cpe]),
  ].join(' ');
}

/** Returns the numbers of advisories, ranges and invalid entries of a file. */
export async function countsOf(parser: DocumentParser, from: string): Promise<readonly [number, number, number]> {
  const recordDiagnostics = noRecordDiagnostics();
  let advisories = 0;
  let ranges = 0;
  for await (const document of localDocuments(from)) {
    for await (const { affected } of parser(document, recordDiagnostics)) {
      advisories += 1;
      ranges += affected.length;
    }
  }
  return [advisories, ranges, recordDiagnostics.count];
}

/** Returns the decompressed text of a file. */
export async function textOf(from: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const document of localDocuments(from)) for await (const part of document.stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

export function occurrences(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

/** Counts the distinct texts of the first group of a pattern. */
export function distinct(text: string, pattern: RegExp): number {
  return new Set([...text.matchAll(pattern)].map(([, found]) => found)).size;
}

const NOBODY: HttpClient = {
  get: async (url) => {
    throw new Error(`unexpected request of ${url}`);
  },
  close: async () => {},
};
