import { ClairError } from '../../errors.ts';
import { type Advisory, type AffectedPackage, isAdvisoryId } from '../../model/advisories/advisory.ts';
import { severityOfVector } from '../../model/cvss/cvss.ts';
import { parseSeverity, type Severity, type SeverityOrigin, severityRank } from '../../model/severity.ts';
import type { Status } from '../../model/advisories/status.ts';
import type { SchemeId } from '../../versions/index.ts';
import type { FeedDocument } from '../feed/document-intake.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';
import type { DocumentParser } from '../feed/parsed-documents.ts';
import type { RecordDiagnostic } from '../../model/feed.ts';
import { addRecordDiagnostic, at, inexact, skipped } from '../advisories/record-diagnostics.ts';
import { type Fields, fieldsOf, itemsOf, shown, textOf, textsOf } from './json-fields.ts';
import { type OsvInterval, osvIntervals } from './osv-intervals.ts';
import { wholeJson } from './whole-document.ts';

/** A document of the Open Source Vulnerability format 1.x (https://ossf.github.io/osv-schema/). */
export type OsvRecord = {
  readonly id: string;
  /** Other identifiers of the same vulnerability. */
  readonly aliases: readonly string[];
  /**
   * The identifiers of the vulnerabilities that this document is derived from or that the document fixes. Before
   * version 1.7, documents contain these identifiers in `related`.
   */
  readonly upstream: readonly string[];
  readonly related: readonly string[];
  readonly isWithdrawn: boolean;
  /** The time of the last change, in RFC 3339; empty if malformed. */
  readonly modified: string;
  readonly summary: string;
  readonly details: string;
  /** The severity for all affected packages. */
  readonly severity?: OsvSeverity;
  readonly references: readonly OsvReference[];
  readonly affected: readonly OsvAffected[];
};

export type OsvSeverity = { readonly severity: Severity; readonly from: SeverityOrigin };

export type OsvReference = { readonly type: string; readonly url: string };

export type OsvAffected = {
  readonly ecosystem: string;
  readonly name: string;
  readonly purl: string;
  /** The content of `ecosystem_specific`, unvalidated. */
  readonly specific: Fields;
  /** The content of `database_specific`, unvalidated. */
  readonly database: Fields;
  readonly intervals: readonly OsvInterval[];
  readonly severity?: OsvSeverity;
};

export type OsvReading = {
  readonly advisories: readonly Advisory[];
  readonly diagnostics: readonly RecordDiagnostic[];
};

/** The maximum size of a document in bytes; the largest AlmaLinux document is 0.6 MB. */
const MAX_RECORD_BYTES = 32 * 1024 * 1024;

/**
 * The version scheme of all packages, or a function that returns the scheme of an ecosystem. The function returns
 * undefined for an ecosystem that is not read.
 */
export type OsvSchemes = SchemeId | ((ecosystem: string) => SchemeId | undefined);

export type OsvOptions = {
  /** Whether CVSS vectors take precedence over the severity word of the feed, which summarises the vectors. */
  readonly prefersVectors?: boolean;
};

/**
 * Returns a parser of OSV documents. The parser skips withdrawn documents, and skips malformed documents with a
 * diagnostic.
 *
 * @param read converts a document to advisories
 */
export function osvParser(scheme: SchemeId, read: (record: OsvRecord) => OsvReading): DocumentParser {
  return async function* parse(document, recordDiagnostics) {
    const record = await readOsvDocument(document, recordDiagnostics, scheme);
    if (record === undefined || record.isWithdrawn) return;
    const reading = read(record);
    for (const diagnostic of reading.diagnostics) addRecordDiagnostic(recordDiagnostics, at(record.id, diagnostic));
    yield* reading.advisories;
  };
}

/**
 * Reads a document. Adds a diagnostic to `recordDiagnostics` for each part that cannot be interpreted. Returns
 * undefined for a malformed document.
 *
 * @throws ClairError `feed/limit-exceeded`; the errors of the stream
 */
export async function readOsvDocument(
  document: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
  schemes: OsvSchemes,
  options?: OsvOptions,
): Promise<OsvRecord | undefined> {
  let value: unknown;
  try {
    value = await wholeJson(document, MAX_RECORD_BYTES);
  } catch (error) {
    if (!(error instanceof ClairError && error.code === 'feed/invalid')) throw error;
    addRecordDiagnostic(recordDiagnostics, skipped(`skipped: ${error.message}`));
    return undefined;
  }
  const { record, diagnostics } = readOsvRecord(value, schemes, options);
  for (const diagnostic of diagnostics)
    addRecordDiagnostic(recordDiagnostics, at(record?.id ?? document.where, diagnostic));
  return record;
}

/** Reads a parsed document. `record` is absent only if the identifier is invalid. Never throws. */
export function readOsvRecord(
  value: unknown,
  schemes: OsvSchemes,
  options: OsvOptions = {},
): { readonly record?: OsvRecord; readonly diagnostics: readonly RecordDiagnostic[] } {
  const fields = fieldsOf(value) ?? {};
  const id = textOf(fields['id']);
  if (!isAdvisoryId(id)) return { diagnostics: [skipped(`skipped: invalid identifier ${shown(fields['id'])}`)] };
  const diagnostics: RecordDiagnostic[] = [];
  const unreadable = DATES.filter((name) => !isAbsentDate(name, fields[name]) && !isDate(fields[name]));
  if (unreadable.length > 0) {
    const dates = unreadable.map((name) => `${name} ${shown(fields[name])}`).join(', ');
    diagnostics.push(inexact(`invalid dates ignored: ${dates}`));
  }
  const isWithdrawn = isDate(fields['withdrawn']);
  const affected = isWithdrawn ? [] : itemsOf(fields['affected']).map((item) => readAffected(item, schemes, options));
  for (const reading of affected) diagnostics.push(...reading.diagnostics);
  const severity = readSeverity(fields, diagnostics, options);
  const record: OsvRecord = {
    id,
    aliases: identifiersIn(fields['aliases'], diagnostics),
    upstream: identifiersIn(fields['upstream'], diagnostics),
    related: identifiersIn(fields['related'], diagnostics),
    isWithdrawn,
    modified: isDate(fields['modified']) ? textOf(fields['modified']) : '',
    summary: textOf(fields['summary']),
    details: textOf(fields['details']),
    ...(severity && { severity }),
    references: itemsOf(fields['references']).flatMap(readReference),
    affected: affected.flatMap((reading) => reading.affected ?? []),
  };
  return { record, diagnostics };
}

const DATES = ['modified', 'published', 'withdrawn'] as const;

/**
 * Returns whether a date is absent. Documents in Go's repository contain the zero time instead of a date of publication
 * or change.
 */
function isAbsentDate(name: (typeof DATES)[number], value: unknown): boolean {
  return (value ?? null) === null || (name !== 'withdrawn' && value === '0001-01-01T00:00:00Z');
}

/**
 * Accepts RFC 3339 dates from the year 1000 on. Go programs write an absent date as `0001-01-01T00:00:00Z`, and
 * PYSEC-2024-55 contains `1-01-01T00:00:00Z`. A document with an absent date is not withdrawn.
 */
function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^[1-9]\d{3}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value));
}

function identifiersIn(value: unknown, diagnostics: RecordDiagnostic[]): readonly string[] {
  const texts = textsOf(value);
  const identifiers = texts.filter(isAdvisoryId);
  if (identifiers.length < texts.length) diagnostics.push(inexact('invalid alias ignored'));
  return identifiers;
}

function readReference(value: unknown): OsvReference[] {
  const url = textOf(fieldsOf(value)?.['url']);
  return /^https?:\/\//.test(url) ? [{ type: textOf(fieldsOf(value)?.['type']), url }] : [];
}

function readAffected(
  value: unknown,
  schemes: OsvSchemes,
  options: OsvOptions,
): { readonly affected?: OsvAffected; readonly diagnostics: readonly RecordDiagnostic[] } {
  const fields = fieldsOf(value) ?? {};
  const { ecosystem, name, purl } = fieldsOf(fields['package']) ?? {};
  if (typeof ecosystem !== 'string' || typeof name !== 'string' || ecosystem === '' || name === '') {
    return { diagnostics: [skipped(`affected entry skipped: missing package: ${shown(value)}`)] };
  }
  const scheme = typeof schemes === 'string' ? schemes : schemes(ecosystem);
  if (scheme === undefined) return { diagnostics: [] };
  const { intervals, diagnostics } = osvIntervals(fields, scheme);
  const diagnosticsOfPackage: RecordDiagnostic[] = [];
  const severity = readSeverity(fields, diagnosticsOfPackage, options);
  return {
    affected: {
      ecosystem,
      name,
      purl: textOf(purl),
      specific: fieldsOf(fields['ecosystem_specific']) ?? {},
      database: fieldsOf(fields['database_specific']) ?? {},
      intervals,
      ...(severity && { severity }),
    },
    diagnostics: [...diagnostics.map(inexact), ...diagnosticsOfPackage].map((diagnostic) =>
      at(`in ${name} of ${ecosystem}`, diagnostic),
    ),
  };
}

/** Converts the bounds of an OSV interval to bounds of an advisory. */
export function boundsOf({
  introduced,
  end,
}: OsvInterval): Pick<AffectedPackage, 'introduced' | 'fixed' | 'lastAffected'> {
  return {
    ...(introduced !== undefined && { introduced }),
    ...(end !== undefined && (end.kind === 'last-affected' ? { lastAffected: end.version } : { fixed: end.version })),
  };
}

/** Returns the status that follows from the end of an interval. */
export function statusOf({ end, isUnsure }: OsvInterval): Status {
  if (isUnsure === true) return 'unknown';
  return end?.kind === 'fixed' ? 'fixed' : 'open';
}

/** Severity words that feeds use in addition to the Clair severities. */
const WORDS: ReadonlyMap<string, Severity> = new Map([
  ['moderate', 'Medium'],
  ['important', 'High'],
  // CVSS rates a score of 0 as "none".
  ['none', 'Negligible'],
  ['untriaged', 'Unknown'],
]);

/** Parses a severity word of OSV feeds; undefined for any other word. */
export function severityOfWord(word: string): Severity | undefined {
  return WORDS.get(word.toLowerCase()) ?? parseSeverity(word);
}

/**
 * Reads the severity. The severity word of the feed takes precedence over CVSS vectors, unless vectors are preferred.
 * In Ubuntu documents, the word is among the scores; in other documents, the word is in `ecosystem_specific` or
 * `database_specific`.
 */
function readSeverity(
  fields: Fields,
  diagnostics: RecordDiagnostic[],
  { prefersVectors = false }: OsvOptions,
): OsvSeverity | undefined {
  const scores = itemsOf(fields['severity']).map((item) => fieldsOf(item) ?? {});
  const vectors = scores.filter(isVector).map(({ score }) => textOf(score));
  const byVectors = (): OsvSeverity | undefined => {
    const severity = severityOfVectors(vectors, diagnostics);
    return severity && { severity, from: 'cvss' };
  };
  return prefersVectors
    ? (byVectors() ?? readWords(fields, scores, diagnostics))
    : (readWords(fields, scores, diagnostics) ?? byVectors());
}

function readWords(
  fields: Fields,
  scores: readonly Fields[],
  diagnostics: RecordDiagnostic[],
): OsvSeverity | undefined {
  const own = [fields['ecosystem_specific'], fields['database_specific']].map((each) => fieldsOf(each)?.['severity']);
  const words = [...scores.filter((score) => !isVector(score)).map(({ score }) => score), ...own];
  for (const word of words) {
    if (typeof word !== 'string') continue;
    const severity = severityOfWord(word);
    if (severity !== undefined) return { severity, from: 'feed' };
    diagnostics.push(inexact(`has an unknown severity: ${shown(word)}`));
  }
  return undefined;
}

function isVector({ type }: Fields): boolean {
  return textOf(type).startsWith('CVSS');
}

/** Returns the worst severity; adds a diagnostic for a malformed vector. */
function severityOfVectors(vectors: readonly string[], diagnostics: RecordDiagnostic[]): Severity | undefined {
  let worst: Severity | undefined;
  for (const vector of vectors) {
    const severity = severityOfVector(vector);
    if (severity === undefined) diagnostics.push(inexact(`has an invalid CVSS vector: ${shown(vector)}`));
    else if (worst === undefined || severityRank(severity) > severityRank(worst)) worst = severity;
  }
  return worst;
}
