import type { Location, Result, Suppression } from 'sarif';
import type { Report, ReportFinding, ReportSuppression, SuppressedFinding } from '../../model/report/report.ts';
import type { Look } from '../format.ts';
import { severityText } from '../../model/severity.ts';
import { affectedWords, layerWords, remedyOf, suppressionWords } from '../writing/finding-words.ts';
import { fingerprintOf } from '../writing/identity.ts';
import { candidateWords, ownersOf, pathWords } from '../writing/library-words.ts';
import { repositoryOf } from '../writing/image-name.ts';
import { messageText } from './message-text.ts';
import { type FindingsByRule, levelOf } from './rules.ts';

/**
 * Returns the results of the findings of a run. Iteration creates the results one at a time. The result of a suppressed
 * finding includes its ignore rule or VEX statement.
 */
export function sarifResults(report: Report, byRule: FindingsByRule, look?: Look): Iterable<Result> {
  return {
    *[Symbol.iterator]() {
      const write = resultWriter(report, byRule, look);
      for (const each of report.findings) yield write(each);
      for (const each of report.suppressed) yield write(each);
    },
  };
}

/** Creates the function that writes the result of a finding of the report. */
export function resultWriter(
  report: Report,
  byRule: FindingsByRule,
  look?: Look,
): (finding: ReportFinding | SuppressedFinding) => Result {
  const indexes = new Map([...byRule.keys()].map((id, index) => [id, index]));
  const context = { report, indexes, look, ownerOf: ownersOf(report) };
  // If a result has suppressions, all results must have suppressions (§3.27.23).
  const none = report.suppressed.length === 0 ? {} : { suppressions: [] };
  return (finding) =>
    'suppression' in finding
      ? { ...result(finding, context), suppressions: [suppressionOf(finding.suppression)] }
      : { ...result(finding, context), ...none };
}

type Context = {
  readonly report: Report;
  readonly indexes: ReadonlyMap<string, number>;
  readonly look: Look | undefined;
  readonly ownerOf: ReturnType<typeof ownersOf>;
};

function result(finding: ReportFinding, { report, indexes, look, ownerOf }: Context): Result {
  const { id, package: name, version, type, purl, paths, candidates, layer, cves, reachabilityReason } = finding;
  const { description: _, link: _link, links: _links, cves: _cves, ...facts } = finding;
  // The fingerprint does not contain the version, so that an alert remains the same after an upgrade to another
  // affected version.
  const fingerprint = fingerprintOf([
    repositoryOf(report.target),
    report.target.platform,
    id,
    type,
    name,
    archOf(purl),
    // The path distinguishes the copies of a library. The version is removed, because some paths contain the version.
    ...paths.slice(0, 1).map((path) => path.replaceAll(version, '')),
  ]);
  const place = paths.length === 0 ? '' : ` Found at ${pathWords(paths)}.`;
  const group = candidates.length === 0 ? '' : ` ${candidateWords(candidates)}`;
  const code = reachabilityReason === null ? '' : ` ${reachabilityReason}`;
  const words = `${affectedWords(finding)} (${severityText(finding)}). ${remedyOf(finding)}${code}${group}${place} Added by ${layerWords(report, layer)}.`;
  const logicalLocations = [{ name, fullyQualifiedName: purl, kind: 'package' }];
  const location = (uri: string): Location => ({
    physicalLocation: {
      artifactLocation: { uri },
      // Viewers require a position in a file; a package has no line, so the position is the first line.
      region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
    },
    logicalLocations,
    message: { text: messageText(layerWords(report, layer)) },
  });
  const [uri = DATABASES[type] ?? 'image', ...others] = [...new Set(paths.map(pathUri))];
  const owner = ownerOf(purl);
  return {
    ruleId: id,
    ruleIndex: indexes.get(id) ?? -1,
    level: levelOf(finding, look),
    message: { text: messageText(words) },
    locations: [location(uri)],
    ...(others.length > 0 && { relatedLocations: others.slice(0, MAX_RELATED).map(location) }),
    // GitHub identifies alerts only by `primaryLocationLineHash`; without this fingerprint, packages at the same
    // position would share an alert.
    partialFingerprints: { primaryLocationLineHash: `${fingerprint}:1`, 'clairFinding/v1': fingerprint },
    properties: { ...facts, cves, layerDigest: report.layers[layer]?.digest ?? null, ...(owner && { owner }) },
  };
}

/** The maximum number of related locations; `properties.paths` contains all paths. */
const MAX_RELATED = 20;

/** Returns a path in an image as a relative reference (RFC 3986, 4.2). */
function pathUri(path: string): string {
  return (
    path
      .replace(/\p{Cs}/gu, '\u{FFFD}')
      .split('/')
      .map(encodeURIComponent)
      .join('/') || 'image'
  );
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
