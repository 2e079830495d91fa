import { type Command, InvalidArgumentError, Option } from 'commander';
import { ClairError } from '../../errors.ts';
import type { Report, ReportFinding } from '../../model/report/report.ts';
import { parseSeverity, SEVERITIES, type Severity, severityRank } from '../../model/severity.ts';
import type { ImageDifference } from '../../report/difference/image-difference.ts';
import { INCLUDED_CLASSES, type IncludedClass, isInKernelHeaders } from '../../model/report/finding-class.ts';
import { kev } from '../../updater/enrichers/kev/enricher.ts';
import { nvd } from '../../updater/enrichers/nvd/enricher.ts';

/** What makes a scan fail: findings of a severity and worse, or such as are known to be exploited. */
export type GateBound = Severity | 'kev';

export type Gate = {
  /** Any of them is enough; none lets everything pass. */
  readonly failOn: readonly GateBound[];
  /** Whether only those count that an upgrade repairs. */
  readonly onlyFixed: boolean;
  /** How to treat findings without a severity; when absent, they make the answer incomplete. */
  readonly unrated?: 'fail' | 'ignore';
  /** The classes of findings that count in addition to those in packages. */
  readonly include?: readonly IncludedClass[];
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
    .option('--only-fixed', 'let --fail-on count only what an upgrade fixes', false)
    .addOption(
      new Option('--unrated <decision>', 'fail or ignore findings without a severity (default: exit 3)').choices([
        'fail',
        'ignore',
      ]),
    )
    .addOption(
      new Option(
        '--include <class>',
        'list kernel headers too, and let --fail-on count them (kernel-headers)',
      ).argParser(includedClass),
    );
}

/** Refuses a gate that holds up nothing, but was meant to. @throws ClairError `cli/usage` */
export function checkGate({ failOn, onlyFixed, unrated }: Gate): void {
  if (onlyFixed && failOn.length === 0) {
    throw new ClairError('cli/usage', '--only-fixed needs --fail-on: it says which findings that counts');
  }
  if (unrated !== undefined && !failOn.some(isSeverity)) {
    throw new ClairError('cli/usage', '--unrated needs --fail-on with a severity: without one no severity is judged');
  }
}

/**
 * Gives the findings that a gate does not let pass. What was suppressed is no finding any more. One is repaired by an upgrade
 * when its feed says `fixed`, and so names a version that everybody can have.
 */
export function gateFailures({ findings }: Pick<Report, 'findings'>, gate: Gate): readonly ReportFinding[] {
  return findings.filter(
    (finding) =>
      counts(finding, gate) && (fails(finding, gate) || (gate.unrated === 'fail' && isUnjudged(finding, gate))),
  );
}

/** Gives the findings that a gate cannot judge, since nobody has rated them and the gate asks for a severity. */
export function unjudgedFindings({ findings }: Pick<Report, 'findings'>, gate: Gate): readonly ReportFinding[] {
  return findings.filter((finding) => counts(finding, gate) && isUnjudged(finding, gate));
}

/**
 * Gives those findings of the second of two images that a gate does not let pass, and that are new: the first image has
 * them not, or has them so that the gate lets them pass there, such as with a lower severity, or without a fix. So nothing
 * is new of an image beside itself, and all that {@link gateFailures} gives is new beside one without findings.
 */
export function newGateFailures(
  { findings: { added, changed } }: Pick<ImageDifference, 'findings'>,
  gate: Gate,
): readonly ReportFinding[] {
  const passed = changed.filter(({ before }) => gateFailures({ findings: [before] }, gate).length === 0);
  return gateFailures({ findings: [...added, ...passed.map(({ after }) => after)] }, gate);
}

/** Gives those findings of the second of two images that a gate cannot judge, and could judge or did not see in the first one. */
export function newUnjudgedFindings(
  { findings: { added, changed } }: Pick<ImageDifference, 'findings'>,
  gate: Gate,
): readonly ReportFinding[] {
  const isKnown = (before: ReportFinding): boolean =>
    counts(before, gate) && (fails(before, gate) || isUnjudged(before, gate));
  const news = changed.filter(({ before }) => !isKnown(before)).map(({ after }) => after);
  return unjudgedFindings({ findings: [...added, ...news] }, gate);
}

/** A reason why a gate may pass an image that should fail; `isDecided` when `--unrated` settles it. */
export type GateDiagnostic = { readonly text: string; readonly isDecided: boolean };

/** The input of a gate: the feeds that rate findings, the findings, and those that no feed rates. */
export type JudgedFindings = Pick<Report, 'feeds' | 'findings'> & {
  readonly unjudged: readonly ReportFinding[];
};

/**
 * Returns the reasons why a gate may pass an image that should fail: findings without a severity, stale NVD scores that rate a
 * finding, and a list of exploited vulnerabilities that is missing, stale or incomplete. Each text says what to do.
 */
export function gateDiagnostics(gate: Gate, judged: JudgedFindings): readonly GateDiagnostic[] {
  return [...severityDiagnostics(gate, judged), ...kevDiagnostics(gate, judged)];
}

function severityDiagnostics(gate: Gate, { feeds, findings, unjudged }: JudgedFindings): readonly GateDiagnostic[] {
  const isDecided = gate.unrated !== undefined;
  const scores = feeds.find(({ name }) => name === nvd.id);
  const isMissing = scores === undefined || scores.updatedAt === null;
  if (unjudged.length > 0) {
    const count = unjudged.length === 1 ? '1 finding has' : `${unjudged.length} findings have`;
    const why = isMissing
      ? ', and the scores of the NVD were never fetched'
      : scores.isStale
        ? `, and ${oldScores(scores)}`
        : '';
    const text = `${count} no severity${why}: ${namedFindings(unjudged)}; ${decisionText(gate, unjudged.length, isMissing || scores.isStale)}`;
    return [{ text, isDecided }];
  }
  if (isMissing || !scores.isStale || !gate.failOn.some(isSeverity)) return [];
  const isRated = findings.some((each) => each.severityFrom === 'nvd' && counts(each, gate));
  const text = `${oldScores(scores)}, by which findings are rated; run clair update --feed ${nvd.id}`;
  return isRated ? [{ text, isDecided: gate.unrated === 'ignore' }] : [];
}

function oldScores({ updatedAt }: Report['feeds'][number]): string {
  return `the scores of the NVD are of ${updatedAt}`;
}

function decisionText({ unrated }: Gate, count: number, isOld: boolean): string {
  const them = count === 1 ? 'it' : 'them';
  if (unrated === 'fail') return `--unrated=fail counts ${them}`;
  if (unrated === 'ignore') return `--unrated=ignore lets ${them} pass`;
  const update = isOld ? `run clair update --feed ${nvd.id}, or ` : '';
  return `--fail-on cannot judge ${them}: ${update}decide by --unrated=fail or --unrated=ignore`;
}

function kevDiagnostics({ failOn }: Gate, { feeds }: JudgedFindings): readonly GateDiagnostic[] {
  if (!failOn.includes('kev')) return [];
  const diagnostic = listDiagnostic(feeds.find(({ name }) => name === kev.id));
  if (diagnostic === undefined) return [];
  const text = `--fail-on kev may let some pass: the list of exploited vulnerabilities ${diagnostic}; run clair update --feed ${kev.id}`;
  return [{ text, isDecided: false }];
}

/**
 * Says in a line what did not pass: `2 findings at or above High, and fixed by an upgrade: CVE-1 in curl, …`.
 *
 * @param noun what they are, where that is not any finding
 */
export function gateText(
  failures: readonly ReportFinding[],
  { failOn, onlyFixed, unrated }: Gate,
  noun = 'finding',
): string {
  const bounds = failOn.map((bound) => (bound === 'kev' ? 'known to be exploited' : `at or above ${bound}`));
  const count = failures.length === 1 ? `1 ${noun}` : `${failures.length} ${noun}s`;
  const all = [...bounds, ...(unrated === 'fail' ? ['without a severity'] : [])].join(' or ');
  return `${count} ${all}${onlyFixed ? ', and fixed by an upgrade' : ''}: ${namedFindings(failures)}`;
}

/** `CVE-1 in curl, CVE-2 in wget, …` */
function namedFindings(findings: readonly ReportFinding[]): string {
  const named = findings.slice(0, MAX_NAMED).map(({ id, package: name }) => `${id} in ${name}`);
  return `${named.join(', ')}${findings.length > MAX_NAMED ? ', …' : ''}`;
}

/** Reads one value of `--include` and puts it to those before. @throws InvalidArgumentError */
function includedClass(text: string, before: readonly IncludedClass[] = []): readonly IncludedClass[] {
  const included = INCLUDED_CLASSES.find((each) => each === text);
  if (included !== undefined) return [...before, included];
  throw new InvalidArgumentError(`It must be one of ${INCLUDED_CLASSES.join(', ')}.`);
}

/** Reads one value of `--fail-on` and puts it to those before. @throws InvalidArgumentError */
export function gateBound(text: string, before: readonly GateBound[]): readonly GateBound[] {
  const bound = text.toLowerCase() === 'kev' ? 'kev' : parseSeverity(text);
  if (bound !== undefined) return [...before, bound];
  throw new InvalidArgumentError(`It must be one of ${SEVERITIES.join(', ')}, or kev.`);
}

function listDiagnostic(list: Report['feeds'][number] | undefined): string | undefined {
  if (list === undefined || list.updatedAt === null) return 'was never read';
  if (list.isStale) return `is of ${list.updatedAt}`;
  return list.skippedRecords > 0 ? `has ${list.skippedRecords} records that were not understood` : undefined;
}

/** How many findings are named. */
const MAX_NAMED = 5;

/** Whether a gate looks at a finding at all. */
function counts(finding: ReportFinding, { onlyFixed, include = [] }: Gate): boolean {
  const isIncluded = !isInKernelHeaders(finding) || include.includes('kernel-headers');
  return isIncluded && (!onlyFixed || finding.status === 'fixed');
}

function fails({ severity, cves }: ReportFinding, { failOn }: Gate): boolean {
  return failOn.some((bound) =>
    bound === 'kev' ? cves.some((cve) => cve.kev !== undefined) : severityRank(severity) >= severityRank(bound),
  );
}

function isUnjudged(finding: ReportFinding, gate: Gate): boolean {
  return finding.severity === 'Unknown' && gate.failOn.some(isSeverity) && !fails(finding, gate);
}

function isSeverity(bound: GateBound): bound is Severity {
  return bound !== 'kev';
}
