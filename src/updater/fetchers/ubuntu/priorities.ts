import type { Severity, SeverityOrigin } from '../../../model/severity.ts';
import type { TrackerFile } from './tracker-file.ts';

/** How severe a CVE is in a package of a release. */
export type Priorities = (
  name: string,
  codename: string,
) => { readonly severity: Severity; readonly severityFrom?: SeverityOrigin };

/**
 * Reads the priorities of a file of the tracker (its README, "TRIAGING" 3): `Priority: WORD`, and `Priority_PACKAGE` and
 * `Priority_PACKAGE_CODENAME` for what differs; the word may be followed by a reason. What nobody has judged yet
 * (`untriaged`) has the next wider priority, and in the end the severity of the CVSS score that the file repeats.
 *
 * @param diagnostics what was not understood is added to it, in words
 */
export function readPriorities({ fields }: TrackerFile, diagnostics: string[]): Priorities {
  const severities = new Map<string, Severity>();
  for (const [name, [text = '']] of fields) {
    if (name !== 'Priority' && !name.startsWith('Priority_')) continue;
    const word = /^\S*/.exec(text)?.[0] ?? '';
    const severity = SEVERITY_OF_PRIORITY.get(word);
    if (severity === undefined) diagnostics.push(`has an unknown priority: ${JSON.stringify(word)}`);
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

/** The rating in lines such as `nvd: CVSS:3.1/AV:N/… [7.5 HIGH]`; in older files the score is not told. */
function severityOfScore(lines: readonly string[]): Severity | undefined {
  const ratings = lines.map((line) => /\[[\d.]+ ([A-Z]+)\]$/.exec(line)?.[1] ?? '');
  return ratings.map((rating) => SEVERITY_OF_RATING.get(rating)).find((severity) => severity !== undefined);
}
