import type { ReportingDescriptor, Result, Run } from 'sarif';
import type { Report } from '../model/report/report.ts';
import { createFormat, type Format, type Look } from './format.ts';
import { type FittingReport, fittingReports, type RunParts } from './sarif/limits.ts';
import { remarkNotifications, sarifNotifications } from './sarif/notifications.ts';
import { resultWriter, sarifResults } from './sarif/results.ts';
import { findingsByRule, ruleOf, sarifRules } from './sarif/rules.ts';
import { isIncomplete } from './writing/finding-words.ts';
import { repositoryOf } from './writing/image-name.ts';
import { jsonDocument } from './writing/json-document.ts';
import { printable } from '../model/printable.ts';

/**
 * The report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0; docs/reference/formats.md). The document
 * has a run for each image and is cut to GitHub's limits.
 */
export const sarif: Format = createFormat({
  id: 'sarif',
  mediaType: 'application/sarif+json',
  write: (report, look) => log([report], look),
  writeAll: log,
});

function* log(reports: readonly Report[], look?: Look): Generator<string> {
  const fitting = yield* fittingReports(reports, runParts(look), look);
  for (const { report, remarks } of fitting) {
    for (const remark of remarks)
      look?.remark?.(`SARIF of ${report.target.platform || report.target.reference}: ${remark}`);
  }
  yield* jsonDocument({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: fitting.map((each) => run(each, look)),
  });
}

/** A run whose rules and results are created one at a time. */
type LazyRun = Omit<Run, 'tool' | 'results'> & {
  readonly tool: {
    readonly driver: { readonly name: string; readonly version: string; readonly rules: Iterable<ReportingDescriptor> };
  };
  readonly results: Iterable<Result>;
};

function run({ report, remarks }: FittingReport, look?: Look): LazyRun {
  const { clairVersion, createdAt, target, distribution, layers, layersVerified, counts, feeds, undecided } = report;
  const { contentSets } = report;
  const incomplete = isIncomplete(report);
  const byRule = findingsByRule(report);
  return {
    tool: { driver: { name: 'clair', version: clairVersion, rules: sarifRules(byRule, look) } },
    // GitHub uses the part before the last slash as the category. The category must be the same for all builds, because
    // otherwise GitHub never closes alerts.
    automationDetails: { id: printable(`clair/${repositoryOf(target)}/${target.platform}/`) },
    invocations: [
      {
        executionSuccessful: !incomplete,
        ...(incomplete && { exitCodeDescription: 'The report is incomplete: findings may be missing.' }),
        endTimeUtc: createdAt,
        toolExecutionNotifications: [...remarkNotifications(remarks), ...sarifNotifications(report)],
      },
    ],
    columnKind: 'utf16CodeUnits',
    results: sarifResults(report, byRule, look),
    properties: {
      incomplete,
      target,
      distribution,
      contentSets,
      layers,
      layersVerified,
      counts,
      feeds,
      undecided: undecided.count,
    },
  };
}

/** Returns the parts of a run that `fittingReports` measures. */
function runParts(look?: Look): RunParts {
  return {
    head: (report) => run({ report: { ...report, findings: [], suppressed: [] }, remarks: [] }, look),
    parts(report) {
      const byRule = findingsByRule(report);
      const written = new Set<string>();
      const resultOf = resultWriter(report, byRule, look);
      return (finding) => {
        const same = byRule.get(finding.id);
        if (same === undefined || written.has(finding.id)) return [resultOf(finding)];
        written.add(finding.id);
        return [ruleOf(same, look), resultOf(finding)];
      };
    },
  };
}
