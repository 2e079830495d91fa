import { type Command, InvalidArgumentError, Option } from 'commander';
import { ClairError } from '../errors.ts';
import type { Report, ReportVulnerability } from '../model/report.ts';
import { parseSeverity, SEVERITIES, type Severity, severityRank } from '../model/severity.ts';
import type { ImageDifference } from '../report/difference/image-difference.ts';
import { kev } from '../updater/enrichers/kev/enricher.ts';

/** What makes a scan fail: findings of a severity and worse, or such as are known to be exploited. */
export type GateBound = Severity | 'kev';

export type Gate = {
  /** Any of them is enough; none lets everything pass. */
  readonly failOn: readonly GateBound[];
  /** Whether only those count that an upgrade repairs. */
  readonly onlyFixed: boolean;
};

/** Adds the options of every command that a gate can hold up; they are a {@link Gate}. */
export function addGateOptions(command: Command): Command {
  return command
    .optionsGroup('Gate:')
    .addOption(
      new Option('--fail-on <severity>', 'end with status 4 on such findings and worse, or on exploited ones (kev)')
        .argParser(gateBound)
        .default([], 'nothing'),
    )
    .option('--only-fixed', 'let --fail-on count only what an upgrade fixes', false);
}

/** Refuses a gate that holds up nothing, but was meant to. @throws ClairError `cli/usage` */
export function checkGate({ failOn, onlyFixed }: Gate): void {
  if (onlyFixed && failOn.length === 0) {
    throw new ClairError('cli/usage', '--only-fixed needs --fail-on: it says which findings that counts');
  }
}

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

/**
 * Gives those findings of the second of two images that a gate does not let pass, and that are new: the first image has
 * them not, or has them so that the gate lets them pass there, such as with a lower severity, or without a fix. So nothing
 * is new of an image beside itself, and all that {@link gateFailures} gives is new beside one without findings.
 */
export function newGateFailures(
  { vulnerabilities: { added, changed } }: Pick<ImageDifference, 'vulnerabilities'>,
  gate: Gate,
): readonly ReportVulnerability[] {
  const passed = changed.filter(({ before }) => gateFailures({ vulnerabilities: [before] }, gate).length === 0);
  return gateFailures({ vulnerabilities: [...added, ...passed.map(({ after }) => after)] }, gate);
}

/**
 * Says why a gate may let pass what it should hold up: it looks for exploited vulnerabilities, and the list of them was never
 * read, is old, or was not understood in all. Undefined where nothing is wrong.
 *
 * @param sources those of the report, by the data of which its findings are told to be exploited
 */
export function gateDoubt({ failOn }: Gate, sources: Report['sources']): string | undefined {
  if (!failOn.includes('kev')) return undefined;
  const doubt = listDoubt(sources.find(({ name }) => name === kev.id));
  if (doubt === undefined) return undefined;
  return `--fail-on kev may let some pass: the list of exploited vulnerabilities ${doubt}; run clair update --source ${kev.id}`;
}

/**
 * Says in a line what did not pass: `2 findings at or above High, and fixed by an upgrade: CVE-1 in curl, …`.
 *
 * @param noun what they are, where that is not any finding
 */
export function gateText(
  failures: readonly ReportVulnerability[],
  { failOn, onlyFixed }: Gate,
  noun = 'finding',
): string {
  const named = failures.slice(0, MAX_NAMED).map(({ id, package: name }) => `${id} in ${name}`);
  const bounds = failOn.map((bound) => (bound === 'kev' ? 'known to be exploited' : `at or above ${bound}`));
  const count = failures.length === 1 ? `1 ${noun}` : `${failures.length} ${noun}s`;
  const more = failures.length > MAX_NAMED ? ', …' : '';
  return `${count} ${bounds.join(' or ')}${onlyFixed ? ', and fixed by an upgrade' : ''}: ${named.join(', ')}${more}`;
}

/** Reads one value of `--fail-on` and puts it to those before. @throws InvalidArgumentError */
export function gateBound(text: string, before: readonly GateBound[]): readonly GateBound[] {
  const bound = text.toLowerCase() === 'kev' ? 'kev' : parseSeverity(text);
  if (bound !== undefined) return [...before, bound];
  throw new InvalidArgumentError(`It must be one of ${SEVERITIES.join(', ')}, or kev.`);
}

function listDoubt(list: Report['sources'][number] | undefined): string | undefined {
  if (list === undefined || list.updatedAt === null) return 'was never read';
  if (list.isStale) return `is of ${list.updatedAt}`;
  return list.skippedRecords > 0 ? `has ${list.skippedRecords} records that were not understood` : undefined;
}

/** How many findings are named. */
const MAX_NAMED = 5;

function reaches({ severity, cves }: ReportVulnerability, bound: GateBound): boolean {
  if (bound === 'kev') return cves.some((cve) => cve.kev !== undefined);
  return severityRank(severity) >= severityRank(bound);
}
