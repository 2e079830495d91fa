import { isExploited } from '../../model/report/exploited-finding.ts';
import { type Command, Option } from 'commander';
import { ClairError } from '../../errors.ts';
import type { Report, ReportFinding } from '../../model/report/report.ts';
import { parseSeverity, type Severity, severityRank } from '../../model/severity.ts';
import type { ImageDifference } from '../../report/difference/image-difference.ts';
import { INCLUDED_CLASSES, type IncludedClass, isInKernelHeaders } from '../../model/report/finding-class.ts';
import { ENRICHMENT_FEEDS } from '../../model/enrichment.ts';
import { isShown } from '../../report/image/finding-filter.ts';
import { type FindingOptions, SEVERITY_NAMES } from './finding-options.ts';
import { listOption, type ListParser } from './list-option.ts';
import { countOf } from '../../model/counted-noun.ts';

/** A condition under which a finding fails a gate: a minimum severity or, with `kev`, an entry in the KEV catalog. */
export type GateBound = Severity | 'kev';

export type Gate = {
  /** A finding fails if the finding reaches any of these bounds; with an empty list, no finding fails. */
  readonly failOn: readonly GateBound[];
  /** Whether the gate evaluates only findings that an upgrade fixes. */
  readonly onlyFixed: boolean;
  /** Whether the gate ignores Go findings whose vulnerable code is not in the programs. */
  readonly onlyReachable?: boolean;
  /** The treatment of findings without a severity; if absent, such findings make the exit status `incomplete`. */
  readonly unrated?: 'fail' | 'ignore';
  /** The classes of findings that the gate evaluates, although gates exclude these classes by default. */
  readonly include?: readonly IncludedClass[];
};

/** The values of the options that {@link addGateOptions} adds. */
export type GateOptions = Omit<Gate, 'onlyFixed' | 'onlyReachable'> & { readonly failOnFixed: boolean };

/** Adds the options of every command that has a gate. */
export function addGateOptions(command: Command): Command {
  return command
    .optionsGroup('Gate:')
    .addOption(
      new Option('--fail-on <severities>', 'Exit 4 on findings of this severity or higher; kev: findings in KEV')
        .argParser(gateBound)
        .default([], 'none'),
    )
    .option('--fail-on-fixed', 'Apply --fail-on only to findings with a fix, but show all', false)
    .addOption(
      new Option(
        '--unrated <decision>',
        'Fail on findings without a severity, or ignore them (default: exit 3)',
      ).choices(['fail', 'ignore']),
    )
    .addOption(
      new Option('--include <class>', 'Also show and evaluate findings of this class: kernel-headers').argParser(
        includedClass,
      ),
    );
}

/**
 * Returns the gate that the options describe. `--only-fixed` and `--reachable` also restrict the gate; `--severity` and
 * `--type` filter only the report.
 *
 * @throws ClairError `cli/usage` for options that have no effect without `--fail-on`
 */
export function gateOf({
  failOnFixed,
  onlyFixed,
  reachable = false,
  ...options
}: GateOptions & Pick<FindingOptions, 'onlyFixed' | 'reachable'>): Gate {
  const { failOn, unrated, include } = options;
  if (failOnFixed && failOn.length === 0) {
    throw new ClairError(
      'cli/usage',
      '--fail-on-fixed has no effect without --fail-on: add, for example, --fail-on high',
    );
  }
  if (unrated !== undefined && !failOn.some(isSeverity)) {
    const message = `--unrated=${unrated} has no effect without a severity in --fail-on: add, for example, --fail-on high`;
    throw new ClairError('cli/usage', message);
  }
  return {
    failOn,
    onlyFixed: onlyFixed || failOnFixed,
    ...(reachable && { onlyReachable: true }),
    ...(unrated && { unrated }),
    ...(include && { include }),
  };
}

/**
 * Returns the findings that fail a gate. Suppressed findings never fail a gate. Only the status `fixed` counts as a
 * fix, because only this status means that every user can install the fixed version.
 */
export function gateFailures({ findings }: Pick<Report, 'findings'>, gate: Gate): readonly ReportFinding[] {
  return findings.filter(
    (finding) =>
      counts(finding, gate) && (fails(finding, gate) || (gate.unrated === 'fail' && isUnjudged(finding, gate))),
  );
}

/**
 * Returns the findings that a gate cannot evaluate: findings without a severity, if a bound of the gate is a severity.
 * A finding that fails another bound, such as `kev`, is left out.
 */
export function unjudgedFindings({ findings }: Pick<Report, 'findings'>, gate: Gate): readonly ReportFinding[] {
  return findings.filter((finding) => counts(finding, gate) && isUnjudged(finding, gate));
}

/**
 * Returns the findings of the second image that fail a gate and are new. A finding is new if it is not in the first
 * image, or if it passes the gate in the first image, for example with a lower severity or without a fix. An image
 * compared with itself has no new findings. Compared with an image without findings, all findings of {@link
 * gateFailures} are new.
 */
export function newGateFailures(
  { findings: { added, changed } }: Pick<ImageDifference, 'findings'>,
  gate: Gate,
): readonly ReportFinding[] {
  const passed = changed.filter(({ before }) => gateFailures({ findings: [before] }, gate).length === 0);
  return gateFailures({ findings: [...added, ...passed.map(({ after }) => after)] }, gate);
}

/**
 * Returns the findings of the second image that a gate cannot evaluate and that are new. Such a finding is not in the
 * first image, or the finding passes the gate or is ignored by the gate in the first image.
 */
export function newUnjudgedFindings(
  { findings: { added, changed } }: Pick<ImageDifference, 'findings'>,
  gate: Gate,
): readonly ReportFinding[] {
  const isKnown = (before: ReportFinding): boolean =>
    counts(before, gate) && (fails(before, gate) || isUnjudged(before, gate));
  const news = changed.filter(({ before }) => !isKnown(before)).map(({ after }) => after);
  return unjudgedFindings({ findings: [...added, ...news] }, gate);
}

/**
 * A reason why a gate might pass an image that should fail. `isDecided` is set if `--unrated` determines the treatment
 * of the findings in question.
 */
export type GateDiagnostic = { readonly text: string; readonly isDecided: boolean };

/** The input of a gate: all findings, the feeds, and the findings that the gate cannot evaluate. */
export type JudgedFindings = Pick<Report, 'feeds' | 'findings'> & {
  readonly unjudged: readonly ReportFinding[];
};

/**
 * Returns the reasons why a gate might pass an image that should fail: findings without a severity, stale NVD scores of
 * findings, and a KEV catalog that is missing, stale or incomplete. Each text states what the user can do, or what
 * `--unrated` does.
 */
export function gateDiagnostics(gate: Gate, judged: JudgedFindings): readonly GateDiagnostic[] {
  return [...severityDiagnostics(gate, judged), ...kevDiagnostics(gate, judged)];
}

function severityDiagnostics(gate: Gate, { feeds, findings, unjudged }: JudgedFindings): readonly GateDiagnostic[] {
  const isDecided = gate.unrated !== undefined;
  const scores = feeds.find(({ name }) => name === ENRICHMENT_FEEDS.cvss);
  const isMissing = scores === undefined || scores.updatedAt === null;
  if (unjudged.length > 0) {
    const count = unjudged.length === 1 ? '1 finding has' : `${unjudged.length} findings have`;
    const why = isMissing ? ', and no NVD scores are stored' : scores.isStale ? `, and ${oldScores(scores)}` : '';
    const text = `${count} no severity${why}: ${namedFindings(unjudged)}; ${decisionText(gate, unjudged.length, isMissing || scores.isStale)}`;
    return [{ text, isDecided }];
  }
  if (isMissing || !scores.isStale || !gate.failOn.some(isSeverity)) return [];
  const isRated = findings.some((each) => each.severityFrom === 'nvd' && counts(each, gate));
  const text = `the severities of some findings come from NVD scores, and ${oldScores(scores)}; run clair update --feed ${ENRICHMENT_FEEDS.cvss}`;
  return isRated ? [{ text, isDecided: gate.unrated === 'ignore' }] : [];
}

function oldScores({ updatedAt }: Report['feeds'][number]): string {
  return `the NVD scores are stale (updated ${updatedAt})`;
}

function decisionText({ unrated }: Gate, count: number, isOld: boolean): string {
  const them = count === 1 ? 'it' : 'them';
  if (unrated === 'fail') return '--unrated=fail makes the command exit 4';
  if (unrated === 'ignore') return `--unrated=ignore ignores ${them}`;
  const update = isOld ? `run clair update --feed ${ENRICHMENT_FEEDS.cvss}, or ` : '';
  return `--fail-on cannot evaluate ${them}: ${update}add --unrated=fail or --unrated=ignore`;
}

function kevDiagnostics({ failOn }: Gate, { feeds }: JudgedFindings): readonly GateDiagnostic[] {
  if (!failOn.includes('kev')) return [];
  const diagnostic = listDiagnostic(feeds.find(({ name }) => name === ENRICHMENT_FEEDS.kev));
  if (diagnostic === undefined) return [];
  const text = `--fail-on kev may miss findings: the KEV catalog ${diagnostic}; run clair update --feed ${ENRICHMENT_FEEDS.kev}`;
  return [{ text, isDecided: false }];
}

/**
 * Returns a line about the findings that failed, such as `2 findings with a fix of severity high or higher: CVE-1 in
 * curl, …`.
 *
 * @param noun the noun for a single finding
 */
export function gateText(
  failures: readonly ReportFinding[],
  { failOn, onlyFixed, unrated }: Gate,
  noun = 'finding',
): string {
  const bounds = failOn.map((bound) =>
    bound === 'kev' ? 'in the KEV catalog' : `of severity ${bound.toLowerCase()} or higher`,
  );
  const count = failures.length === 1 ? `1 ${noun}` : `${failures.length} ${noun}s`;
  const all = [...bounds, ...(unrated === 'fail' ? ['without a severity'] : [])].join(', or ');
  return `${count}${onlyFixed ? ' with a fix' : ''} ${all}: ${namedFindings(failures)}`;
}

/** Returns the name of an image in messages of the gate: the platform, or the reference if the platform is unknown. */
export function gatedImage({ platform, reference }: Report['target']): string {
  return platform === '' || platform.endsWith('/unknown') ? reference : platform;
}

/** Returns a list such as `CVE-1 in curl, CVE-2 in wget, …`. */
function namedFindings(findings: readonly ReportFinding[]): string {
  const named = findings.slice(0, MAX_NAMED).map(({ id, package: name }) => `${id} in ${name}`);
  return `${named.join(', ')}${findings.length > MAX_NAMED ? ', …' : ''}`;
}

const includedClass: ListParser<IncludedClass> = listOption(
  (text) => INCLUDED_CLASSES.find((each) => each === text),
  `one of ${INCLUDED_CLASSES.join(', ')}`,
);

/** Parses the list of `--fail-on`, in any case. @throws InvalidArgumentError */
export const gateBound: ListParser<GateBound> = listOption<GateBound>(
  (text) => (text.toLowerCase() === 'kev' ? 'kev' : parseSeverity(text)),
  `one of ${SEVERITY_NAMES}, or kev`,
);

function listDiagnostic(list: Report['feeds'][number] | undefined): string | undefined {
  if (list === undefined || list.updatedAt === null) return 'is not stored';
  if (list.isStale) return `is stale (updated ${list.updatedAt})`;
  return list.skippedRecords > 0
    ? `has ${countOf(list.skippedRecords, 'skipped entry', 'skipped entries')}`
    : undefined;
}

/** The maximum number of findings that a line names. */
const MAX_NAMED = 5;

/** Returns whether a gate evaluates a finding at all. */
function counts(finding: ReportFinding, { onlyFixed, onlyReachable = false, include = [] }: Gate): boolean {
  const isIncluded = !isInKernelHeaders(finding) || include.includes('kernel-headers');
  return isIncluded && isShown(finding, { onlyFixed, onlyReachable });
}

function fails(finding: ReportFinding, { failOn }: Gate): boolean {
  return failOn.some((bound) =>
    bound === 'kev' ? isExploited(finding) : severityRank(finding.severity) >= severityRank(bound),
  );
}

function isUnjudged(finding: ReportFinding, gate: Gate): boolean {
  return finding.severity === 'Unknown' && gate.failOn.some(isSeverity) && !fails(finding, gate);
}

function isSeverity(bound: GateBound): bound is Severity {
  return bound !== 'kev';
}
