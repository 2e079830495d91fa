import { createHash } from 'node:crypto';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import type { FeedSnapshot } from '../../database/contracts/feed-snapshot.ts';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { FeedState } from '../../model/feed.ts';
import type { Enricher } from '../enrichers/enricher.ts';
import type { Fetcher } from '../feed/fetcher.ts';
import { checksumFrame } from './checksum-frame.ts';
import { enrichmentFault } from './enrichment-fault.ts';
import {
  advisoryFault,
  type AdvisoryRecord,
  type EnricherRecord,
  type EnrichmentRecord,
  EXPORT_FORMAT,
  type FeedRecord,
} from './export-record.ts';
import { compressed, lineOf } from './record-lines.ts';
import { replaceFile } from './replaced-file.ts';
import { countOf } from '../../model/counted-noun.ts';

export type ExportOptions = {
  readonly store: Store;
  readonly fetchers: readonly Pick<Fetcher, 'id' | 'scheme'>[];
  readonly enrichers: readonly Pick<Enricher, 'id' | 'kind'>[];
  readonly version: string;
  /** Returns milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
};

export type ExportSummary = {
  /** The exported advisory feeds. */
  readonly feeds: readonly ExportedFeed[];
  /** The exported enrichment feeds. */
  readonly enrichers: readonly ExportedFeed[];
  /**
   * Feeds in the database that the file does not contain, because they were never updated successfully, or have neither
   * a fetcher nor an enricher.
   */
  readonly leftOut: readonly string[];
  readonly bytes: number;
};

/** `fetchedAt` is the time of the data in milliseconds since 1970. */
export type ExportedFeed = { readonly feed: string; readonly records: number; readonly fetchedAt: number };

/**
 * Writes all feeds to one file from one snapshot, while updates may run. The file appears complete or not at all.
 *
 * @throws ClairError `export/feeds-missing` for a database without feeds; `export/unwritable` or `database/unavailable`;
 * the abort reason of `signal`.
 */
export async function exportFeeds(path: string, options: ExportOptions): Promise<ExportSummary> {
  return await options.store.feedSnapshot(async (snapshot) => {
    const sections: StoredSection[] = [];
    for (const state of snapshot.feeds) sections.push(...(await sectionOf(state, snapshot, options)));
    // A mistyped path of a database creates a new database, which must not replace an export.
    if (sections.length === 0) throw new ClairError('export/feeds-missing', 'the database contains no data of feeds');
    const named = new Set(sections.map(({ state }) => state.feed));
    const bytes = await replaceFile(path, withChecksum(compressed(linesOf(snapshot, sections, options))));
    return {
      feeds: exported(sections, 'feed'),
      enrichers: exported(sections, 'enricher'),
      leftOut: snapshot.feeds.map(({ feed }) => feed).filter((feed) => !named.has(feed)),
      bytes,
    };
  });
}

/** A stored feed with its state, the number of its advisories or enrichments, and its repositories. */
export type StoredSection = {
  readonly state: FeedRecord | EnricherRecord;
  readonly records: number;
  readonly repositories: RepositoryCpes;
};

/**
 * Returns a list with the section of a feed; an empty list for a feed without data, or with neither a fetcher nor an
 * enricher.
 */
export async function sectionOf(
  stored: FeedState,
  snapshot: FeedSnapshot,
  { fetchers, enrichers }: Pick<ExportOptions, 'fetchers' | 'enrichers'>,
): Promise<readonly StoredSection[]> {
  const { feed, fetcherVersion, lastSuccess, vulnerabilities: records, etag, lastModified, recordDiagnostics } = stored;
  if (fetcherVersion === null || lastSuccess === null) return [];
  const fetchedAt = new Date(lastSuccess).toISOString();
  const rest = { fetcherVersion, fetchedAt, etag, lastModified, recordDiagnostics };
  const scheme = fetchers.find(({ id }) => id === feed)?.scheme;
  if (scheme !== undefined) {
    const repositories = await snapshot.repositories(feed);
    return [{ state: { kind: 'feed', feed, scheme, ...rest }, records, repositories }];
  }
  const enrichmentKind = enrichers.find(({ id }) => id === feed)?.kind;
  if (enrichmentKind === undefined) return [];
  const repositories = new Map<string, readonly string[]>();
  return [{ state: { kind: 'enricher', feed, enrichmentKind, ...rest }, records, repositories }];
}

function exported(sections: readonly StoredSection[], kind: StoredSection['state']['kind']): readonly ExportedFeed[] {
  return sections
    .filter(({ state }) => state.kind === kind)
    .map(({ state: { feed, fetchedAt }, records }) => ({ feed, records, fetchedAt: Date.parse(fetchedAt) }));
}

/**
 * Yields the lines of an export. Throws for a record that no import accepts, because the record is the result of a bug
 * in Clair.
 */
async function* linesOf(
  snapshot: FeedSnapshot,
  sections: readonly StoredSection[],
  { version, now, signal }: ExportOptions,
): AsyncGenerator<string> {
  const feeds = exported(sections, 'feed');
  const enrichers = exported(sections, 'enricher');
  yield lineOf({
    kind: 'clair-export',
    format: EXPORT_FORMAT,
    clair: version,
    exportedAt: new Date(now()).toISOString(),
    feeds: feeds.map(({ feed, records }) => {
      const listed = sections.find(({ state }) => state.feed === feed)?.repositories.size ?? 0;
      return { feed, advisories: records, ...(listed > 0 && { repositories: listed }) };
    }),
    enrichers: enrichers.map(({ feed, records }) => ({ feed, enrichments: records })),
  });
  // Snapshots sort all feeds by name, but the format requires enrichment feeds after advisory feeds.
  const isEnricher = ({ state }: StoredSection): boolean => state.kind === 'enricher';
  for (const { state, records, repositories } of [
    ...sections.filter((each) => !isEnricher(each)),
    ...sections.filter(isEnricher),
  ]) {
    yield lineOf(state);
    for (const [name, cpes] of repositories) yield lineOf({ kind: 'repository', name, cpes });
    let count = 0;
    for await (const record of recordsOf(snapshot, state)) {
      signal?.throwIfAborted();
      yield lineOf(record);
      count += 1;
    }
    if (count !== records)
      throw new Error(`${state.feed} contains ${countOf(count, 'entry', 'entries')}, but its state has ${records}`);
  }
  yield lineOf({
    kind: 'end',
    feeds: feeds.length,
    advisories: recordsIn(feeds),
    enrichers: enrichers.length,
    enrichments: recordsIn(enrichers),
  });
}

/**
 * Yields the records of a feed in order.
 *
 * @throws Error for a record that no import accepts, because of a bug in Clair
 */
export async function* recordsOf(
  snapshot: FeedSnapshot,
  state: StoredSection['state'],
): AsyncGenerator<AdvisoryRecord | EnrichmentRecord> {
  if (state.kind === 'feed') {
    for await (const { advisory, contentHash } of snapshot.advisories(state.feed)) {
      checkFault(state, advisoryFault(advisory, state.scheme));
      yield { kind: 'advisory', contentHash: Buffer.from(contentHash).toString('hex'), ...advisory };
    }
    return;
  }
  for await (const { cve, value: json } of snapshot.enrichments(state.enrichmentKind)) {
    const value: unknown = JSON.parse(json);
    checkFault(state, enrichmentFault({ cve, value }, state.enrichmentKind));
    yield { kind: 'enrichment', cve, value };
  }
}

function checkFault({ feed }: StoredSection['state'], fault: string | undefined): void {
  if (fault !== undefined) throw new Error(`${feed} contains an entry that cannot be exported: ${fault}`);
}

function recordsIn(feeds: readonly ExportedFeed[]): number {
  return feeds.reduce((total, { records }) => total + records, 0);
}

async function* withChecksum(bytes: ByteStream): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  yield checksumFrame(hash.digest());
}
