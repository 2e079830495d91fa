import type { RecordDiagnostic } from '../../../model/feed.ts';
import type { Severity, SeverityOrigin } from '../../../model/severity.ts';
import { inexact } from '../../advisories/record-diagnostics.ts';
import type { TrackerFile } from './tracker-file.ts';

export type Priorities = (
  name: string,
  codename: string,
) => { readonly severity: Severity; readonly severityFrom?: SeverityOrigin };

/**
 * Reads the priorities in a file of the tracker (README of the tracker, "TRIAGING" 3). The fields are `Priority: WORD`,
 * and the exceptions `Priority_PACKAGE` and `Priority_PACKAGE_CODENAME`; a reason may follow the word. For an unrated
 * entry (`untriaged`), the next wider priority applies and, without a priority, the severity of the CVSS score.
 *
 * @param diagnostics receives a diagnostic for each unknown priority
 */
export function readPriorities({ fields }: TrackerFile, diagnostics: RecordDiagnostic[]): Priorities {
  const severities = new Map<string, Severity>();
  for (const [name, [text = '']] of fields) {
    if (name !== 'Priority' && !name.startsWith('Priority_')) continue;
    const word = /^\S*/.exec(text)?.[0] ?? '';
    const severity = SEVERITY_OF_PRIORITY.get(word);
    if (severity === undefined) diagnostics.push(inexact(`has an unknown priority: ${JSON.stringify(word)}`));
    else if (severity !== 'Unknown') severities.set(name, severity);
  }
  const scored = severityOfScore(fields.get('CVSS') ?? []);
  return (name, codename) => {
    const names = [`Priority_${name}_${codename}`, `Priority_${name}`, 'Priority'];
    const severity = names.map((each) => severities.get(each)).find((each) => each !== undefined);
    if (severity !== undefined) return { severity };
    return scored === undefined ? { severity: 'Unknown' } : { severity: scored, severityFrom: 'cvss' };
  };
}

const SEVERITY_OF_PRIORITY: ReadonlyMap<string, Severity> = new Map([
  ['negligible', 'Negligible'],
  ['low', 'Low'],
  ['medium', 'Medium'],
  ['high', 'High'],
  ['critical', 'Critical'],
  ['untriaged', 'Unknown'],
  ['not-for-us', 'Unknown'],
  ['', 'Unknown'],
]);

const SEVERITY_OF_RATING: ReadonlyMap<string, Severity> = new Map([
  ['NONE', 'Negligible'],
  ['LOW', 'Low'],
  ['MEDIUM', 'Medium'],
  ['HIGH', 'High'],
  ['CRITICAL', 'Critical'],
]);

/**
 * Returns the first severity in the CVSS lines, such as `nvd: CVSS:3.1/AV:N/… [7.5 HIGH]`; older files have no
 * severity.
 */
function severityOfScore(lines: readonly string[]): Severity | undefined {
  const ratings = lines.map((line) => /\[[\d.]+ ([A-Z]+)\]$/.exec(line)?.[1] ?? '');
  return ratings.map((rating) => SEVERITY_OF_RATING.get(rating)).find((severity) => severity !== undefined);
}
