import { deflateRawSync } from 'node:zlib';
import { sortedFindings } from '../../model/report/finding-order.ts';
import type { Report, ReportFinding, SuppressedFinding } from '../../model/report/report.ts';
import { severityRank } from '../../model/severity.ts';
import type { Look } from '../format.ts';
import { countOf, numberWords } from '../../model/counted-noun.ts';
import { isFolded } from '../writing/kernel-headers.ts';

/**
 * GitHub's limits for an upload ("SARIF support for code scanning"). GitHub rejects an upload with more runs or
 * results, or with more bytes after compression. GitHub stores results beyond `shown`, but does not show these results.
 */
export const GITHUB_LIMITS = { runs: 20, results: 25_000, shown: 5000, bytes: 10_000_000 } as const;

export type SarifLimits = Readonly<Record<keyof typeof GITHUB_LIMITS, number>>;

/** The part of a report that fits into the limits. */
export type FittingReport = {
  readonly report: Report;
  /** Sentences about results that the document omits or that GitHub does not show. */
  readonly remarks: readonly string[];
};

/**
 * Functions that write the parts of a run, so that their size can be measured. `head` returns the run without results.
 * `parts` returns a function that returns the result of a finding and, for the first finding of a rule, also the rule.
 */
export type RunParts = {
  readonly head: (report: Report) => object;
  readonly parts: (report: Report) => (finding: ReportFinding | SuppressedFinding) => readonly object[];
};

/**
 * Cuts reports to GitHub's limits. The reports with the most severe findings remain. Within a report, the most severe
 * findings remain; suppressed findings are omitted first, and then findings in kernel headers. The generator yields
 * empty texts while it measures, so that the caller can interrupt the generator.
 */
export function* fittingReports(
  reports: readonly Report[],
  run: RunParts,
  look: Look | undefined,
  limits: SarifLimits = GITHUB_LIMITS,
): Generator<string, readonly FittingReport[]> {
  const kept = worstReports(reports, limits.runs);
  const fitting: FittingReport[] = [];
  let left = limits.bytes * SAFETY;
  for (const [index, report] of kept.entries()) {
    const { fits, bytes } = yield* fittingReport(report, run, look, limits, left / (kept.length - index));
    left -= bytes;
    fitting.push(fits);
  }
  const [first, ...others] = fitting;
  if (first === undefined || kept.length === reports.length) return fitting;
  const lost = reports.filter((each) => !kept.includes(each)).map(({ target }) => target.platform);
  const remark = `GitHub accepts at most ${limits.runs} runs, so the reports of ${lost.join(', ')} are left out. Scan these platforms separately.`;
  return [{ ...first, remarks: [remark, ...first.remarks] }, ...others];
}

/**
 * The share of the maximum size that a document may use. The measured size is not exact, because chunks are compressed
 * separately and without the indentation of the document.
 */
const SAFETY = 0.9;

/** Returns the `count` reports with the most severe findings, in the order of `reports`. */
function worstReports(reports: readonly Report[], count: number): readonly Report[] {
  if (reports.length <= count) return reports;
  const worst = new Map(reports.map((report) => [report, rankOf(report)]));
  const kept = new Set(reports.toSorted((a, b) => (worst.get(b) ?? 0) - (worst.get(a) ?? 0)).slice(0, count));
  return reports.filter((report) => kept.has(report));
}

// The function uses `reduce`, because a report can have more findings than a function call can have arguments.
function rankOf({ findings }: Report): number {
  return findings.reduce((rank, { severity }) => Math.max(rank, severityRank(severity)), -1);
}

function* fittingReport(
  report: Report,
  run: RunParts,
  look: Look | undefined,
  limits: SarifLimits,
  budget: number,
): Generator<string, { readonly fits: FittingReport; readonly bytes: number }> {
  const { findings, suppressed } = report;
  const all = findings.length + suppressed.length;
  const sorted = bySeverity(findings, look);
  const inOrder = [...sorted, ...sortedFindings(suppressed, 'severity')].slice(0, limits.results);
  const { count, bytes } = yield* measured(report, inOrder, run, budget);
  if (count === all && all <= limits.shown) return { fits: { report, remarks: [] }, bytes };
  const keptFindings = sorted.slice(0, count);
  const keptSuppressed = sortedFindings(suppressed, 'severity').slice(0, Math.max(0, count - findings.length));
  const [lost] = sorted.slice(count);
  const size = `${numberWords(limits.bytes / 1_000_000)} MB`;
  const why =
    count < inOrder.length ? `at most ${size} after compression` : `at most ${countOf(limits.results, 'result')}`;
  const isOne = all - count === 1;
  const worst =
    lost !== undefined ? `the most severe is ${lost.severity}` : isOne ? 'it is suppressed' : 'all are suppressed';
  const remarks = [
    ...(count < all
      ? [
          `GitHub accepts ${why}, so ${numberWords(all - count)} of ${countOf(all, 'finding')} ${isOne ? 'is' : 'are'} left out; ${worst}. Use another format to list all findings.`,
        ]
      : []),
    ...(count > limits.shown
      ? [`GitHub shows ${numberWords(limits.shown)} of these ${numberWords(count)} results, the most severe first.`]
      : []),
  ];
  return { fits: { report: { ...report, findings: keptFindings, suppressed: keptSuppressed }, remarks }, bytes };
}

/** Sorts findings: the most severe first, and findings in kernel headers last. */
function bySeverity(findings: readonly ReportFinding[], look: Look | undefined): readonly ReportFinding[] {
  const sorted = sortedFindings(findings, 'severity');
  return [...sorted.filter((each) => !isFolded(each, look)), ...sorted.filter((each) => isFolded(each, look))];
}

/** The approximate length of the texts that are compressed at once, in characters. */
const CHUNK = 256 * 1024;

/**
 * Returns the number of findings that fit into the budget, and their approximate size in bytes. The function does not
 * compress texts that are shorter than the budget, because such texts fit in any case.
 */
function* measured(
  report: Report,
  findings: readonly (ReportFinding | SuppressedFinding)[],
  run: RunParts,
  budget: number,
): Generator<string, { readonly count: number; readonly bytes: number }> {
  const partsOf = run.parts(report);
  const chunks: string[] = [];
  let raw = 0;
  let bytes = 0;
  let chunk = JSON.stringify(run.head(report), null, 1);
  let fitting = 0;
  for (const [index, finding] of findings.entries()) {
    chunk += partsOf(finding)
      .map((part) => JSON.stringify(part, null, 1))
      .join();
    if (chunk.length < CHUNK && index < findings.length - 1) continue;
    raw += Buffer.byteLength(chunk);
    chunks.push(chunk);
    chunk = '';
    yield '';
    if (raw > budget) {
      for (const each of chunks.splice(0)) {
        bytes += deflateRawSync(each).length;
        yield '';
      }
      if (bytes > budget) return { count: fitting, bytes: budget };
    }
    fitting = index + 1;
  }
  return { count: findings.length, bytes: bytes === 0 ? raw : bytes };
}
