import type { Log, Run } from 'sarif';
import type { Report } from '../model/report/report.ts';
import { createFormat, type Format, type Look } from './format.ts';
import { sarifNotifications } from './sarif/notifications.ts';
import { sarifResults } from './sarif/results.ts';
import { sarifRules } from './sarif/rules.ts';
import { isIncomplete } from './writing/finding-words.ts';
import { repositoryOf } from './writing/image-name.ts';
import { jsonDocument } from './writing/json-document.ts';
import { printable } from '../model/printable.ts';

/** The report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0; docs/reference/formats.md), with a run for each image. */
export const sarif: Format = createFormat({
  id: 'sarif',
  mediaType: 'application/sarif+json',
  write: (report, look) => log([report], look),
  writeAll: log,
});

function log(reports: readonly Report[], look?: Look): Iterable<string> {
  const document: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: reports.map((report) => run(report, look)),
  };
  return jsonDocument(document);
}

function run(report: Report, look?: Look): Run {
  const { clairVersion, createdAt, target, distribution, layers, counts, feeds, undecided, contentSets } = report;
  const rules = sarifRules(report, look);
  const incomplete = isIncomplete(report);
  return {
    tool: { driver: { name: 'clair', version: clairVersion, rules: [...rules] } },
    // GitHub's category is the part before the last slash. The category must be stable across builds; otherwise alerts
    // never close.
    automationDetails: { id: printable(`clair/${repositoryOf(target)}/${target.platform}/`) },
    invocations: [
      {
        executionSuccessful: !incomplete,
        ...(incomplete && { exitCodeDescription: 'The report is incomplete: findings may be missing.' }),
        endTimeUtc: createdAt,
        toolExecutionNotifications: sarifNotifications(report),
      },
    ],
    columnKind: 'utf16CodeUnits',
    results: sarifResults(report, rules, look),
    properties: { incomplete, target, distribution, contentSets, layers, counts, feeds, undecided: undecided.count },
  };
}
