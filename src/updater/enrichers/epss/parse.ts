import { ClairError } from '../../../errors.ts';
import { type Enrichment, type Epss, isCveId } from '../../../model/enrichment.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { csvRecords } from '../../formats/csv-records.ts';
import { addRecordDiagnostic, inexact, skipped } from '../../advisories/record-diagnostics.ts';

/** The maximum line length in characters; rows have about 30 characters, and the comment has about 70. */
const MAX_LINE_LENGTH = 1000;

/** The maximum number of rows; the list has about 300,000. */
const MAX_ROWS = 10_000_000;

/**
 * Reads a list of scores (https://www.first.org/epss/data_stats). A list consists of a comment
 * `#model_version:…,score_date:…`, a line with the column names, and a line `CVE,SCORE,PERCENTILE` for each CVE. The
 * oldest lists have neither the comment nor percentiles.
 *
 * @throws ClairError `feed/invalid` when a required column is missing, `feed/limit-exceeded` above `MAX_ROWS`; the
 * errors of `csvRecords`.
 */
export async function* parseEpss(
  { stream, where }: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
): AsyncGenerator<Enrichment<'epss'>> {
  let date: string | undefined;
  let columns: Columns | undefined;
  let rows = 0;
  for await (const record of csvRecords(stream, where, MAX_LINE_LENGTH)) {
    if (columns === undefined) {
      if (record[0]?.startsWith('#') === true) date = dateOf(record, recordDiagnostics);
      else columns = columnsOf(record, where);
      continue;
    }
    rows += 1;
    if (rows > MAX_ROWS) throw new ClairError('feed/limit-exceeded', `${where}: more than ${MAX_ROWS} rows`);
    const enrichment = readRow(record, columns, date, recordDiagnostics);
    if (enrichment !== undefined) yield enrichment;
  }
}

type Columns = {
  readonly cve: number;
  readonly score: number;
  readonly percentile: number | undefined;
  readonly count: number;
};

function columnsOf(names: readonly string[], where: string): Columns {
  const [cve, score, percentile] = ['cve', 'epss', 'percentile'].map((name) => names.indexOf(name));
  if (cve === undefined || cve === -1 || score === undefined || score === -1) {
    throw new ClairError('feed/invalid', `${where} is not an EPSS list: it must have the columns "cve" and "epss"`);
  }
  return { cve, score, percentile: percentile === -1 ? undefined : percentile, count: names.length };
}

function dateOf(comment: readonly string[], recordDiagnostics: RecordDiagnostics): string | undefined {
  const date = /\bscore_date:(\d{4}-\d\d-\d\d)/.exec(comment.join(','))?.[1];
  if (date === undefined)
    addRecordDiagnostic(
      recordDiagnostics,
      inexact(`the list has no score date in its comment: ${JSON.stringify(comment.join(','))}`),
    );
  return date;
}

function readRow(
  record: readonly string[],
  columns: Columns,
  date: string | undefined,
  recordDiagnostics: RecordDiagnostics,
): Enrichment<'epss'> | undefined {
  const cve = record[columns.cve] ?? '';
  const score = probabilityOf(record[columns.score]);
  if (record.length !== columns.count) {
    const reason = `${record.length} columns instead of ${columns.count}`;
    addRecordDiagnostic(recordDiagnostics, skipped(`${record.join(',')} skipped: ${reason}`));
    return undefined;
  }
  if (!isCveId(cve) || score === undefined) {
    addRecordDiagnostic(
      recordDiagnostics,
      skipped(`${record.join(',')} skipped: not a CVE ID with a score from 0 to 1`),
    );
    return undefined;
  }
  const value: Epss = {
    score,
    ...percentileOf(record, columns, recordDiagnostics),
    ...(date !== undefined && { date }),
  };
  return { cve, value };
}

function percentileOf(
  record: readonly string[],
  columns: Columns,
  recordDiagnostics: RecordDiagnostics,
): Pick<Epss, 'percentile'> {
  if (columns.percentile === undefined) return {};
  const percentile = probabilityOf(record[columns.percentile]);
  if (percentile !== undefined) return { percentile };
  addRecordDiagnostic(recordDiagnostics, inexact(`${record.join(',')}: percentile ignored: not a number from 0 to 1`));
  return {};
}

/** The form of scores; very small scores are written as `1e-05`. */
const DECIMAL = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

function probabilityOf(text: string | undefined): number | undefined {
  if (text === undefined || !DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return value <= 1 ? value : undefined;
}
