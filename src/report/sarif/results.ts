import type { ReportingDescriptor, Result, Suppression } from 'sarif';
import type { Report, ReportSuppression, ReportFinding } from '../../model/report/report.ts';
import type { Look } from '../format.ts';
import { severityText } from '../../model/severity.ts';
import { layerWords, remedyOf, suppressionWords } from '../writing/finding-words.ts';
import { fingerprintOf } from '../writing/identity.ts';
import { repositoryOf } from '../writing/image-name.ts';
import { messageText } from './message-text.ts';
import { levelOf } from './rules.ts';

/** Returns the results of a run: one for each finding, with its rule if it is suppressed. */
export function sarifResults(report: Report, rules: readonly ReportingDescriptor[], look?: Look): Result[] {
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  // §3.27.23: if one result has suppressions, all results must have them.
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
  // Without the version, so that an alert survives an upgrade to another affected version.
  const fingerprint = fingerprintOf([
    repositoryOf(report.target),
    report.target.platform,
    id,
    type,
    name,
    archOf(purl),
  ]);
  const words = `${name} ${version} is affected by ${id} (${severityText(finding)}). ${remedyOf(finding)} Added by ${layerWords(report, layer)}.`;
  return {
    ruleId: id,
    ruleIndex: indexes.get(id) ?? -1,
    level: levelOf(finding, look),
    message: { text: messageText(words) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: DATABASES[type] ?? 'image' },
          // Viewers require a position in a file; a package database has no better one than its first line.
          region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
        },
        logicalLocations: [{ name, fullyQualifiedName: purl, kind: 'package' }],
        message: { text: messageText(layerWords(report, layer)) },
      },
    ],
    // GitHub identifies alerts by the first fingerprint only, and would merge packages at the same position.
    partialFingerprints: { primaryLocationLineHash: `${fingerprint}:1`, 'clairFinding/v1': fingerprint },
    properties: { ...facts, cves, layerDigest: report.layers[layer]?.digest ?? null },
  };
}

/** The paths of package databases, or of their directories. */
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
