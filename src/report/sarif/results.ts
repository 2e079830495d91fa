import type { ReportingDescriptor, Result, Suppression } from 'sarif';
import type { Report, ReportSuppression, ReportFinding } from '../../model/report/report.ts';
import type { Look } from '../format.ts';
import { severityText } from '../../model/severity.ts';
import { layerWords, remedyOf, suppressionWords } from '../writing/finding-words.ts';
import { fingerprintOf } from '../writing/identity.ts';
import { repositoryOf } from '../writing/image-name.ts';
import { messageText } from './message-text.ts';
import { levelOf } from './rules.ts';

/** The results of a run: a finding each, those that were suppressed with the rule that did it. */
export function sarifResults(report: Report, rules: readonly ReportingDescriptor[], look?: Look): Result[] {
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  // §3.27.23: where one result says whether it is suppressed, all do.
  const none = report.suppressed.length === 0 ? {} : { suppressions: [] };
  return [
    ...report.findings.map((each) => ({ ...result(report, each, indexes, look), ...none })),
    ...report.suppressed.map((each) => ({
      ...result(report, each, indexes, look),
      suppressions: [suppressionOf(each.suppression)],
    })),
  ];
}

function result(
  report: Report,
  finding: ReportFinding,
  indexes: ReadonlyMap<string, number>,
  look: Look | undefined,
): Result {
  const { id, package: name, version, purl, layer, cves } = finding;
  const { description: _, link: _link, links: _links, cves: _cves, ...facts } = finding;
  const [type = ''] = purl.replace(/^pkg:/, '').split('/');
  // Not the version: an alert stays the same while the package is upgraded to another one that is affected.
  const fingerprint = fingerprintOf([
    repositoryOf(report.target),
    report.target.platform,
    id,
    type,
    name,
    archOf(purl),
  ]);
  const words = `${name} ${version} is affected by ${id} (${severityText(finding)}). ${remedyOf(finding)} It is of ${layerWords(report, layer)}.`;
  return {
    ruleId: id,
    ruleIndex: indexes.get(id) ?? -1,
    level: levelOf(finding, look),
    message: { text: messageText(words) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: DATABASES[type] ?? 'image' },
          // A place in a file is what viewers want; the first line is as good as any other of a database.
          region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
        },
        logicalLocations: [{ name, fullyQualifiedName: purl, kind: 'package' }],
        message: { text: messageText(layerWords(report, layer)) },
      },
    ],
    // GitHub knows alerts by the first name only, and would make one of several packages in one place.
    partialFingerprints: { primaryLocationLineHash: `${fingerprint}:1`, 'clairFinding/v1': fingerprint },
    properties: { ...facts, cves, layerDigest: report.layers[layer]?.digest ?? null },
  };
}

/** Where package managers keep what is installed; of some it is one file of several below it. */
const DATABASES: Readonly<Record<string, string>> = {
  apk: 'lib/apk/db/installed',
  deb: 'var/lib/dpkg',
  rpm: 'var/lib/rpm',
};

function archOf(purl: string): string {
  return /[?&]arch=([^&#]*)/.exec(purl)?.[1] ?? '';
}

function suppressionOf(suppression: ReportSuppression): Suppression {
  return {
    kind: 'external',
    status: 'accepted',
    justification: messageText(suppressionWords(suppression)),
    properties: { ...suppression },
  };
}
