import { ClairError } from '../../../errors.ts';
import { type Enrichment, isCveId, type Kev } from '../../../model/enrichment.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { csvRecords } from '../../formats/csv-records.ts';
import { jsonMembers } from '../../../bytes/documents/json-members.ts';
import { addRecordDiagnostic, inexact, skipped } from '../../advisories/record-diagnostics.ts';
import { countOf } from '../../../model/counted-noun.ts';
import { objectOf } from '../../../model/json-values.ts';

/** The maximum size of an entry in bytes; real entries are about 1 KB. */
const MAX_ENTRY_BYTES = 1024 * 1024;

/**
 * Reads the catalog as JSON
 * (https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json).
 *
 * @throws ClairError `feed/truncated` when the catalog has fewer entries than its `count`; the errors of `jsonMembers`.
 */
export async function* parseKevJson(
  { stream, where }: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
): AsyncGenerator<Enrichment<'kev'>> {
  let count = 0;
  let promised: unknown;
  const options = { where, itemsOf: ['vulnerabilities'], maxMemberBytes: MAX_ENTRY_BYTES };
  for await (const { key, value } of jsonMembers(stream, options)) {
    if (key === 'count') promised = value;
    if (key !== 'vulnerabilities') continue;
    count += 1;
    const enrichment = readEntry(value, recordDiagnostics);
    if (enrichment !== undefined) yield enrichment;
  }
  if (typeof promised === 'number' && count < promised) {
    throw new ClairError(
      'feed/truncated',
      `${where} announces ${countOf(promised, 'entry', 'entries')} but has ${count}`,
    );
  }
}

/**
 * Reads the catalog as CSV, whose column names are the field names of the JSON form.
 *
 * @throws ClairError `feed/invalid` without a column `cveID`; the errors of `csvRecords`.
 */
export async function* parseKevCsv(
  { stream, where }: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
): AsyncGenerator<Enrichment<'kev'>> {
  let names: readonly string[] | undefined;
  for await (const record of csvRecords(stream, where, MAX_ENTRY_BYTES)) {
    if (names === undefined) {
      names = record;
      if (!names.includes('cveID')) throw new ClairError('feed/invalid', `${where} has no column "cveID"`);
      continue;
    }
    const enrichment = readEntry(
      Object.fromEntries(names.map((name, index) => [name, record[index]])),
      recordDiagnostics,
    );
    if (enrichment !== undefined) yield enrichment;
  }
}

/**
 * Reads an entry of the catalog. Accepts an entry with a CVE even if all other fields are malformed, because the most
 * important information is that the CVE is exploited.
 */
function readEntry(entry: unknown, recordDiagnostics: RecordDiagnostics): Enrichment<'kev'> | undefined {
  const fields = objectOf(entry);
  const { cveID: cve } = fields;
  if (typeof cve !== 'string' || !isCveId(cve)) {
    addRecordDiagnostic(recordDiagnostics, skipped(`${JSON.stringify(entry)} skipped: missing or invalid CVE ID`));
    return undefined;
  }

  const textOf = (name: string, isRight: (text: string) => boolean): string | undefined => {
    const text = fields[name];
    if (typeof text === 'string' && isRight(text)) return text;
    addRecordDiagnostic(
      recordDiagnostics,
      inexact(`${cve}: invalid ${name} ignored: ${JSON.stringify(text) ?? '(none)'}`),
    );
    return undefined;
  };

  const name = textOf('vulnerabilityName', isFilled);
  const added = textOf('dateAdded', hasDayForm);
  const due = textOf('dueDate', hasDayForm);
  const action = textOf('requiredAction', isFilled);
  const ransomware = ransomwareOf(cve, fields['knownRansomwareCampaignUse'], recordDiagnostics);
  const value: Kev = {
    ...(name !== undefined && { name }),
    ...(added !== undefined && { added }),
    ...(due !== undefined && { due }),
    ...(action !== undefined && { action }),
    ...(ransomware !== undefined && { ransomware }),
  };
  return { cve, value };
}

/**
 * Returns whether ransomware uses the CVE (`Unknown` means no); undefined without a valid field, which catalogs before
 * October 2023 do not have.
 */
function ransomwareOf(cve: string, word: unknown, recordDiagnostics: RecordDiagnostics): boolean | undefined {
  if (word === 'Known') return true;
  if (word === 'Unknown') return false;
  if (word !== undefined) {
    addRecordDiagnostic(
      recordDiagnostics,
      inexact(`${cve}: invalid knownRansomwareCampaignUse ignored: ${JSON.stringify(word)}`),
    );
  }
  return undefined;
}

function isFilled(text: string): boolean {
  return text.trim() !== '';
}

/** Returns whether a text has the form of a day. Does not check whether the day exists. */
function hasDayForm(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text);
}
