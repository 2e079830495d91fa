import { createHash } from 'node:crypto';
import type { OrderedAdvisory } from '../../database/contracts/vulnerabilities.ts';
import type { OrderedEnrichment } from '../../database/contracts/enrichments.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import { enrichmentFault } from './enrichment-fault.ts';
import {
  advisoryFault,
  type AdvisoryRecord,
  type EnricherRecord,
  type EnrichmentRecord,
  type ExportRecord,
  type FeedRecord,
} from './export-record.ts';
import type { RecordReader } from './record-reader.ts';
import { countOf } from '../../model/counted-noun.ts';

/**
 * A feed in an export. The records can be read only once, before the next section is requested. The iteration fails if
 * the section differs from its announcement in the header.
 */
export type ExportSection = AdvisorySection | EnrichmentSection;

type AdvisorySection = {
  readonly state: FeedRecord;
  readonly advisories: AsyncIterable<OrderedAdvisory>;
  /** The products (CPEs) of each repository; complete after the iteration. */
  readonly repositories: RepositoryCpes;
};
type EnrichmentSection = { readonly state: EnricherRecord; readonly enrichments: AsyncIterable<OrderedEnrichment> };

/** The announced content of a section: the numbers of records and repositories and, after verification, the digest. */
export type SectionPromise = { readonly records: number; readonly repositories: number; readonly digest?: string };

/** A section, and a function `end` that skips the unread records and returns the following record. */
export type OpenSection = {
  readonly section: ExportSection;
  readonly end: () => Promise<{ readonly following: ExportRecord; readonly digest: string }>;
};

/** Opens the next section of an export. @param state the first record of the section, just read by `reader` */
export function openSection(
  reader: RecordReader,
  state: FeedRecord | EnricherRecord,
  promise: SectionPromise,
): OpenSection {
  if (state.kind === 'feed') {
    const repositories = new Map<string, readonly string[]>();
    const { items: advisories, end } = openRecords(reader, state, promise, {
      repositories,
      noun: ['advisory', 'advisories'],
      isOne: (record): record is AdvisoryRecord => record.kind === 'advisory',
      nameOf: ({ id }) => id,
      faultOf: (record) => advisoryFault(record, state.scheme),
      itemOf: orderedAdvisory,
    });
    return { section: { state, advisories, repositories }, end };
  }
  const { items: enrichments, end } = openRecords(reader, state, promise, {
    noun: ['enrichment'],
    isOne: (record): record is EnrichmentRecord => record.kind === 'enrichment',
    nameOf: ({ cve }) => cve,
    faultOf: (record) => enrichmentFault(record, state.enrichmentKind),
    itemOf: ({ cve, value }): OrderedEnrichment => ({ cve, value: JSON.stringify(value) }),
  });
  return { section: { state, enrichments }, end };
}

type RecordForm<Line extends ExportRecord, Item> = {
  /** Receives the repositories, which precede the advisories; absent for enrichments. */
  readonly repositories?: Map<string, readonly string[]>;
  /** The noun for the records, with its plural if the plural does not end in `s`. */
  readonly noun: readonly [noun: string, plural?: string];
  readonly isOne: (record: ExportRecord) => record is Line;
  /** Returns the key by which the records are sorted in ascending order. */
  readonly nameOf: (record: Line) => string;
  readonly faultOf: (record: Line) => string | undefined;
  readonly itemOf: (record: Line) => Item;
};

function openRecords<Line extends ExportRecord, Item>(
  reader: RecordReader,
  { feed }: FeedRecord | EnricherRecord,
  promise: SectionPromise,
  form: RecordForm<Line, Item>,
): Pick<OpenSection, 'end'> & { readonly items: AsyncIterable<Item> } {
  const hash = createHash('sha256').update(reader.line());
  let count = 0;
  let previous = '';
  let isBegun = false;
  let ended: { readonly following: ExportRecord; readonly digest: string } | undefined;

  async function next(): Promise<Item | undefined> {
    if (ended !== undefined) return undefined;
    const record = isBegun ? await reader.next() : await nextAfterRepositories();
    isBegun = true;
    if (!form.isOne(record)) {
      const digest = hash.digest('hex');
      if (count !== promise.records) {
        throw reader.fault(`${feed} ends with ${countOf(count, ...form.noun)} instead of ${promise.records}`);
      }
      if (promise.digest !== undefined && digest !== promise.digest) {
        throw reader.fault(`the data of ${feed} in the file changed after verification`);
      }
      ended = { following: record, digest };
      return undefined;
    }
    hash.update(reader.line());
    count += 1;
    const name = form.nameOf(record);
    const fault =
      name > previous ? form.faultOf(record) : `${name} follows ${previous}, but names must be in ascending order`;
    if (fault !== undefined) throw reader.fault(fault);
    previous = name;
    return form.itemOf(record);
  }

  async function nextAfterRepositories(): Promise<ExportRecord> {
    const { repositories = new Map<string, readonly string[]>() } = form;
    let record = await reader.next();
    for (let last = ''; record.kind === 'repository'; record = await reader.next()) {
      hash.update(reader.line());
      if (record.name <= last)
        throw reader.fault(`${record.name} follows ${last}, but names must be in ascending order`);
      last = record.name;
      repositories.set(record.name, record.cpes);
      if (repositories.size > promise.repositories) break;
    }
    if (repositories.size === promise.repositories) return record;
    throw reader.fault(
      `${feed} lists ${countOf(repositories.size, 'repository', 'repositories')} instead of ${promise.repositories}`,
    );
  }

  return {
    // The iterator is not a generator, because the end of the iteration must not close the reader: `end` still reads
    // the remaining records.
    items: {
      [Symbol.asyncIterator]: () => ({
        async next() {
          const value = await next();
          return value === undefined ? { done: true, value } : { done: false, value };
        },
      }),
    },
    async end() {
      while (ended === undefined) await next();
      return ended;
    },
  };
}

function orderedAdvisory(record: AdvisoryRecord): OrderedAdvisory {
  return {
    id: record.id,
    contentHash: Buffer.from(record.contentHash, 'hex'),
    read() {
      const { kind: _kind, contentHash: _hash, ...advisory } = record;
      return advisory;
    },
  };
}
