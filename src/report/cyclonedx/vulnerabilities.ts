import { type CvssScore, isCveId, weaknessesOf } from '../../model/enrichment.ts';
import { isLibrary } from '../../model/package-kind.ts';
import type {
  Report,
  ReportCve,
  ReportSuppression,
  ReportUndecided,
  ReportFinding,
} from '../../model/report/report.ts';
import { severityOfScore } from '../../model/cvss/cvss.ts';
import { isCodeAbsent } from '../../model/report/finding-reachability.ts';
import type { Severity } from '../../model/severity.ts';
import { reachabilityWords, remedyOf, suppressionWords, undecidedWords } from '../writing/finding-words.ts';
import { groupedBy } from '../writing/grouped.ts';
import { printable, printableLines } from '../../model/printable.ts';
import { shortened } from '../writing/shortened.ts';
import { webAddress } from '../writing/web-address.ts';
import { property } from './properties.ts';

type Finding = ReportFinding & { readonly suppression?: ReportSuppression };

/**
 * Returns the findings. Suppressed findings, and Go findings whose vulnerable code is not in the programs, have an
 * analysis. Undetermined findings are in triage. Equal findings in several packages become a single vulnerability.
 *
 * @param refs the references of the packages of the report, in order
 */
export function vulnerabilitiesOf(report: Report, refs: readonly string[], prefix: string): readonly object[] {
  const byPackage = new Map(report.packages.map((each, index) => [keyOf(each), refs[index] ?? '']));
  const refOf = (of: Pick<Finding, 'purl' | 'source' | 'layer'>): string =>
    byPackage.get(keyOf(of)) ?? `${prefix}image`;
  const findings: readonly Finding[] = [...report.findings, ...report.suppressed];
  const groups = groupedBy(
    findings,
    ({ id, aliases, namespace, severity, severityFrom, status, risk, class: of, suppression, ...each }) =>
      JSON.stringify([
        [id, aliases, namespace, severity, severityFrom, status, risk, of, suppression],
        reachabilityWords(each),
      ]),
  );
  const undecided = groupedBy(report.undecided.listed, ({ id, namespace, status, reportedBy }) =>
    JSON.stringify([id, namespace, status, reportedBy]),
  );
  return [
    ...[...groups.values()].map((group) => vulnerability(group, refOf)),
    ...[...undecided.values()].map((group) => inTriage(group, refOf)),
  ].map((each, index) => ({ 'bom-ref': `${prefix}vulnerability-${index}`, ...each }));
}

function keyOf({ purl, source }: Pick<Finding, 'purl' | 'source'>): string {
  return JSON.stringify([purl, source.name, source.version]);
}

function vulnerability(group: readonly [Finding, ...Finding[]], refOf: (of: Finding) => string): object {
  const [{ id, namespace, severity, severityFrom, status, risk, cves, link, links, description, suppression }] = group;
  const url = webAddress(link);
  const cwes = [...new Set(cves.flatMap(weaknessesOf))].map((cwe) => Number(cwe.slice('CWE-'.length)));
  const advisories = links.flatMap((each) => webAddress(each) ?? []).map((address) => ({ url: address }));
  return {
    id,
    source: { name: namespace, ...(url !== undefined && { url }) },
    references: references(group[0]),
    ratings: [
      {
        source: { name: severityFrom === 'nvd' ? 'NVD' : namespace },
        severity: SEVERITY_NAMES[severity],
        method: 'other',
      },
      ...cves.flatMap(({ cvss = [] }) => cvss.map(rating)),
    ],
    ...(cwes.length > 0 && { cwes }),
    ...(description !== '' && { description: printableLines(description) }),
    recommendation: printable([...new Set(group.map(remedyOf))].join(' ')),
    ...(advisories.length > 0 && { advisories }),
    ...(suppression === undefined ? notPresent(group[0]) : { analysis: analysisOf(suppression) }),
    affects: affects(group, refOf),
    properties: [
      ...property('severity', severity),
      ...property('severityFrom', severityFrom),
      ...property('status', status),
      ...property('risk', risk),
      ...property('class', group[0].class),
      ...cves.flatMap(factsOf),
      ...property('reachability', group[0].reachability),
      ...property('reachabilityBasis', group[0].reachabilityBasis),
      ...property('reachabilityReason', printable(reachabilityWords(group[0]))),
      ...(suppression === undefined ? [] : property('suppression', suppression.by)),
    ],
  };
}

/** Returns the analysis of a Go finding whose vulnerable code is not in the programs. */
function notPresent(finding: Finding): object {
  if (!isCodeAbsent(finding)) return {};
  const detail = printable(reachabilityWords(finding));
  return { analysis: { state: 'not_affected', justification: 'code_not_present', detail } };
}

/** Returns the aliases of a vulnerability and the CVEs that an erratum fixes. */
function references({ id, aliases, cves, namespace }: Finding): readonly object[] {
  const names = new Set([...cves.map((cve) => cve.id), ...aliases]);
  names.delete(id);
  return [...names].map((name) => ({ id: name, source: isCveId(name) ? nvdSource(name) : { name: namespace } }));
}

function inTriage(
  group: readonly [ReportUndecided, ...ReportUndecided[]],
  refOf: (of: ReportUndecided) => string,
): object {
  const [first] = group;
  return {
    id: first.id,
    source: { name: first.namespace },
    analysis: { state: 'in_triage', detail: printable(undecidedWords(first)) },
    affects: [...groupedBy(group, refOf)].map(([ref, [{ version }]]) => ({
      ref,
      versions: [{ version: shortened(version, 1024), status: 'unknown' }],
    })),
    properties: [...property('status', first.status), ...property('reportedBy', first.reportedBy)],
  };
}

/**
 * Returns the affected packages. The range of unaffected versions refers to the source package, so a binary package has
 * the range only if it has the version of its source package. For a library, only the fixed version itself is known to
 * be unaffected, because a later release series can be affected again.
 */
function affects(group: readonly Finding[], refOf: (of: Finding) => string): readonly object[] {
  return [...groupedBy(group, refOf)].map(([ref, [finding]]) => ({
    ref,
    versions: [{ version: shortened(finding.version, 1024), status: 'affected' }, ...unaffected(finding)],
  }));
}

function unaffected(finding: Finding): readonly object[] {
  const { version, source, fixedIn, purl } = finding;
  if (fixedIn === null || source.version !== version) return [];
  if (isLibrary(finding)) return [{ version: shortened(fixedIn, 1024), status: 'unaffected' }];
  return [{ range: rangeFrom(purl, fixedIn), status: 'unaffected' }].filter(({ range }) => range.length <= 1024);
}

/** Returns the range from `version` upwards ("vers", purl-spec). */
function rangeFrom(purl: string, version: string): string {
  const [type = 'generic'] = purl.replace(/^pkg:/, '').split('/');
  return `vers:${type}/>=${encodeURIComponent(version.replace(/\p{Cs}/gu, '\u{FFFD}'))}`;
}

const SEVERITY_NAMES: Readonly<Record<Severity, string>> = {
  Unknown: 'unknown',
  Negligible: 'info',
  Low: 'low',
  Medium: 'medium',
  High: 'high',
  Critical: 'critical',
  Defcon1: 'critical',
};

function rating({ version, vector, score, source }: CvssScore): object {
  return {
    source: { name: source },
    score,
    severity: SEVERITY_NAMES[severityOfScore(score)],
    method: METHODS[version],
    vector,
  };
}

const METHODS: Readonly<Record<CvssScore['version'], string>> = {
  '2.0': 'CVSSv2',
  '3.0': 'CVSSv3',
  '3.1': 'CVSSv31',
  '4.0': 'CVSSv4',
};

function nvdSource(cve: string): object {
  return { name: 'NVD', url: `https://nvd.nist.gov/vuln/detail/${encodeURIComponent(cve)}` };
}

function factsOf({ id, epss, kev }: ReportCve): ReturnType<typeof property> {
  return [
    ...property(`${id}:epss`, epss?.score),
    ...property(`${id}:epss:percentile`, epss?.percentile),
    ...(kev === undefined ? [] : property(`${id}:kev`, kev.added ?? 'exploited')),
  ];
}

/**
 * Returns the analysis of a suppression: "not_affected" for a VEX statement or an ignore rule with a VEX justification,
 * otherwise "exploitable", because the user accepts the risk.
 */
function analysisOf(suppression: ReportSuppression): object {
  const { by, justification } = suppression;
  const detail = printable(suppressionWords(suppression));
  if (by === 'ignore' && justification === null) return { state: 'exploitable', response: ['will_not_fix'], detail };
  const known = JUSTIFICATIONS[justification ?? ''];
  return { state: 'not_affected', ...(known !== undefined && { justification: known }), detail };
}

/** The VEX justifications that have an equivalent in CycloneDX; the detail contains all other justifications. */
const JUSTIFICATIONS: Readonly<Record<string, string>> = {
  component_not_present: 'code_not_present',
  vulnerable_code_not_present: 'code_not_present',
  vulnerable_code_not_in_execute_path: 'code_not_reachable',
  inline_mitigations_already_exist: 'protected_by_mitigating_control',
};
