import { createHash } from 'node:crypto';
import type { OrderedAdvisory } from '../../database/advisory-order.ts';
import { advisoryFault, type AdvisoryRecord, type ExportRecord, type SourceRecord } from './export-record.ts';
import type { RecordReader } from './record-reader.ts';

/** One source of an export, as it is read: its advisories are there once, before the next section is asked for. */
export type ExportSection = {
  readonly state: SourceRecord;
  /** The iteration fails, at its end at the latest, when they are not what the section should hold. */
  readonly advisories: AsyncIterable<OrderedAdvisory>;
};

/** What a section must hold: as many advisories and, once the export was verified, the same bytes again. */
export type SectionPromise = { readonly advisories: number; readonly digest?: string };

/**
 * Starts to read the section of a source.
 *
 * @param state its first record, which `reader` has just read
 */
export function openSection(
  reader: RecordReader,
  state: SourceRecord,
  promise: SectionPromise,
): { readonly section: ExportSection; readonly end: () => Promise<{ following: ExportRecord; digest: string }> } {
  const hash = createHash('sha256').update(reader.line());
  let count = 0;
  let previous = '';
  let ended: { readonly following: ExportRecord; readonly digest: string } | undefined;

  async function next(): Promise<OrderedAdvisory | undefined> {
    if (ended !== undefined) return undefined;
    const record = await reader.next();
    if (record.kind !== 'advisory') {
      const digest = hash.digest('hex');
      if (count !== promise.advisories) {
        throw reader.fault(`${state.source} ends here with ${count} advisories instead of ${promise.advisories}`);
      }
      if (promise.digest !== undefined && digest !== promise.digest) {
        throw reader.fault(`${state.source} is no longer what it was when it was verified`);
      }
      ended = { following: record, digest };
      return undefined;
    }
    hash.update(reader.line());
    count += 1;
    const fault = record.id > previous ? advisoryFault(record, state.scheme) : `${record.id} comes after ${previous}`;
    if (fault !== undefined) throw reader.fault(fault);
    previous = record.id;
    return orderedAdvisory(record);
  }

  return {
    section: {
      state,
      // No generator: whoever stops halfway leaves the rest to `end`, and does not close what it is read from.
      advisories: {
        [Symbol.asyncIterator]: () => ({
          async next() {
            const value = await next();
            return value === undefined ? { done: true, value } : { done: false, value };
          },
        }),
      },
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
