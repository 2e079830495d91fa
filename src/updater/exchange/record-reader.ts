import { ClairError } from '../../errors.ts';
import { EXPORT_FORMAT, type ExportRecord, type HeaderRecord, isExportRecord, recordFault } from './export-record.ts';
import { inCurrentFormat } from './former-formats.ts';

/** Reads the records of an export in order; errors state the line number. */
export type RecordReader = {
  /**
   * Reads the header. Must be called first, unless the format is given as `known`.
   *
   * @throws ClairError `export/unsupported` for a later format, `export/invalid` for any other malformed header.
   */
  readonly header: () => Promise<HeaderRecord>;
  /** @throws ClairError `export/invalid` at the end or for a malformed record. */
  readonly next: () => Promise<ExportRecord>;
  readonly line: () => string;
  /** Checks that the export ends here. @throws ClairError `export/invalid` when anything follows the last record. */
  readonly end: () => Promise<void>;
  readonly fault: (what: string) => ClairError;
  readonly close: () => Promise<void>;
};

/**
 * Creates a reader for the text of an export.
 *
 * @param where the name of the export in messages
 * @param known the format of records without a header
 */
export function createRecordReader(
  lines: AsyncIterable<string>,
  where: string,
  known: number = EXPORT_FORMAT,
): RecordReader {
  const iterator = lines[Symbol.asyncIterator]();
  let line = '';
  let number = 0;

  function fault(what: string): ClairError {
    return new ClairError('export/invalid', `${where}, line ${number}: ${what}`);
  }

  async function nextValue(): Promise<unknown> {
    const next = await iterator.next();
    number += 1;
    if (next.done === true) throw fault('unexpected end');
    line = next.value;
    try {
      return JSON.parse(line);
    } catch (error) {
      throw fault(`invalid JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  function checked(value: unknown): ExportRecord {
    if (isExportRecord(value)) return value;
    throw fault(recordFault(value) ?? 'not an entry');
  }

  let format = known;
  return {
    fault,
    line: () => line,
    async header() {
      const value = await nextValue();
      format = formatOf(value);
      if (format > EXPORT_FORMAT) {
        throw new ClairError(
          'export/unsupported',
          `${where} has format ${format}, but this version of Clair supports only formats up to ${EXPORT_FORMAT}`,
        );
      }
      const record = checked(inCurrentFormat(value, format));
      if (record.kind !== 'clair-export' || format < 1) throw fault('not the header of an export');
      if ((format === 1) !== (record.enrichers === undefined)) {
        throw fault(`a header of format ${format} must ${format === 1 ? 'not have' : 'have'} \`enrichers\``);
      }
      return record;
    },
    async next() {
      const value = await nextValue();
      return checked(inCurrentFormat(value, format));
    },
    async end() {
      if ((await iterator.next()).done !== true) throw fault('unexpected data after the end');
    },
    async close() {
      await iterator.return?.();
    },
  };
}

/** Returns the format in a header of any format; 0 if the value is not a header or states no format. */
function formatOf(value: unknown): number {
  const isHeader = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'clair-export';
  return isHeader && 'format' in value && typeof value.format === 'number' ? value.format : 0;
}
