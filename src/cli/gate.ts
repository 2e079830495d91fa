import { InvalidArgumentError } from 'commander';
import type { Report, ReportVulnerability } from '../model/report.ts';
import { parseSeverity, SEVERITIES, type Severity, severityRank } from '../model/severity.ts';

/** What makes a scan fail: findings of a severity and worse, or such as are known to be exploited. */
export type GateBound = Severity | 'kev';

export type Gate = {
  /** Any of them is enough; none lets everything pass. */
  readonly failOn: readonly GateBound[];
  /** Whether only those count that an upgrade repairs. */
  readonly onlyFixed: boolean;
};

/**
 * Gives the findings that a gate does not let pass. What was suppressed is no finding any more. One is repaired by an upgrade
 * when its source says `fixed`, and so names a version that everybody can have.
 */
export function gateFailures(
  { vulnerabilities }: Pick<Report, 'vulnerabilities'>,
  { failOn, onlyFixed }: Gate,
): readonly ReportVulnerability[] {
  return vulnerabilities.filter(
    (finding) => failOn.some((bound) => reaches(finding, bound)) && (!onlyFixed || finding.status === 'fixed'),
  );
}

/** Says in a line what did not pass: `2 findings at or above High that an upgrade fixes: CVE-1 in curl, …`. */
export function gateText(failures: readonly ReportVulnerability[], { failOn, onlyFixed }: Gate): string {
  const named = failures.slice(0, MAX_NAMED).map(({ id, package: name }) => `${id} in ${name}`);
  const bounds = failOn.map((bound) => (bound === 'kev' ? 'known to be exploited' : `at or above ${bound}`));
  const count = failures.length === 1 ? '1 finding' : `${failures.length} findings`;
  const more = failures.length > MAX_NAMED ? ', …' : '';
  return `${count} ${bounds.join(' or ')}${onlyFixed ? ', and fixed by an upgrade' : ''}: ${named.join(', ')}${more}`;
}

/** Reads one value of `--fail-on` and puts it to those before. @throws InvalidArgumentError */
export function gateBound(text: string, before: readonly GateBound[]): readonly GateBound[] {
  const bound = text.toLowerCase() === 'kev' ? 'kev' : parseSeverity(text);
  if (bound !== undefined) return [...before, bound];
  throw new InvalidArgumentError(`It must be one of ${SEVERITIES.join(', ')}, or kev.`);
}

/** How many findings are named. */
const MAX_NAMED = 5;

function reaches({ severity, cves }: ReportVulnerability, bound: GateBound): boolean {
  if (bound === 'kev') return cves.some(({ kev }) => kev !== undefined);
  return severityRank(severity) >= severityRank(bound);
}
