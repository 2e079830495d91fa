import type { Report, ReportSuppression, ReportUndecided, ReportFinding } from '../model/report/report.ts';
import { isCodeAbsent } from '../model/report/finding-reachability.ts';
import { isInKernelHeaders } from '../model/report/finding-class.ts';
import { severityText } from '../model/severity.ts';
import { createFormat, type Format } from './format.ts';
import {
  clauseOf,
  dataWords,
  layerWords,
  diagnosticWords,
  reachabilityWords,
  remedyOf,
  summaryWords,
  suppressionWords,
  undecidedWords,
} from './writing/finding-words.ts';
import { noteWords } from './writing/library-words.ts';
import { groupedBy } from './writing/grouped.ts';
import { uuidOf } from './writing/identity.ts';
import { imagePurl, hashOf } from './writing/image-name.ts';
import { jsonDocument } from './writing/json-document.ts';
import { printable, printableLines } from '../model/printable.ts';
import { jsonPieces } from './writing/json-pieces.ts';

/**
 * The report as OpenVEX 0.2.0 (https://github.com/openvex/spec; docs/reference/formats.md). The statements cover each
 * finding, suppressed or not, and each listed undetermined finding; packages with otherwise equal statements share a
 * statement. A report contains no fixed vulnerabilities, so no statement has the status "fixed". An image without
 * statements has no document, because the schema requires at least one statement.
 */
export const openvex: Format = createFormat({
  id: 'openvex',
  mediaType: 'application/openvex+json',
  write: (report) => document([report]),
  writeAll: document,
  whyNone: (reports) =>
    reports.every(
      ({ findings, suppressed, undecided }) => findings.length + suppressed.length + undecided.listed.length === 0,
    )
      ? 'cannot write an OpenVEX document: OpenVEX requires at least one statement, and the report contains no findings'
      : undefined,
});

function document(reports: readonly Report[]): Iterable<string> {
  const [first] = reports;
  return jsonDocument({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `urn:uuid:${uuidOf(jsonPieces(reports))}`,
    author: 'Clair',
    role: 'scanner',
    timestamp: first?.createdAt ?? new Date(0).toISOString(),
    version: 1,
    // The standard has no field for diagnostics, and `tooling` is the only free text of a document.
    tooling: printable(reports.map(toolingOf).join(' ')),
    statements: [...groupedBy(reports.flatMap(statements), (each) => JSON.stringify(each)).values()].map(
      ([each]) => each,
    ),
  });
}

function toolingOf(report: Report): string {
  const covering = report.feeds.filter(({ isUsed }) => isUsed);
  return [
    `clair ${report.clairVersion}, ${report.target.reference} ${report.target.platform}: ${summaryWords(report)}`,
    ...report.diagnostics.map(
      (diagnostic) => `${diagnostic.incomplete ? 'WARNING' : 'Note'} ${diagnosticWords(diagnostic)}.`,
    ),
    ...report.notes.map((note) => `Note ${clauseOf(noteWords(note))}.`),
    ...covering.map((feed) => `Feed ${dataWords(feed)}.`),
  ].join(' ');
}

type Statement = {
  readonly vulnerability: {
    readonly name: string;
    readonly description?: string;
    readonly aliases?: readonly string[];
  };
  readonly status: 'not_affected' | 'affected' | 'under_investigation';
  readonly justification?: string;
  readonly impact_statement?: string;
  readonly action_statement?: string;
  readonly status_notes: string;
};

/**
 * Returns the statements of a report. Packages with otherwise equal statements become subcomponents of the same
 * product.
 */
function statements(report: Report): readonly object[] {
  const { target, createdAt, findings, suppressed, undecided } = report;
  const said = [
    ...findings.map((each) => ({
      purl: each.purl,
      statement: isCodeAbsent(each) ? notPresent(report, each) : affected(report, each),
    })),
    ...suppressed.map((each) => ({ purl: each.purl, statement: ruledOut(report, each, each.suppression) })),
    ...undecided.listed.map((each) => ({ purl: each.purl, statement: underInvestigation(report, each) })),
  ];
  const product = productOf(target);
  return [...groupedBy(said, ({ statement }) => JSON.stringify(statement)).values()].map((group) => ({
    ...group[0].statement,
    timestamp: createdAt,
    products: [
      { ...product, subcomponents: [...new Set(group.map(({ purl }) => purl))].map((purl) => ({ '@id': purl })) },
    ],
  }));
}

/**
 * Returns the image as a product. The identifier is the package URL if the image has a manifest or no digest, and
 * otherwise the digest.
 */
function productOf(target: Report['target']): object {
  const purl = imagePurl(target);
  const hash = hashOf(target.digest);
  if (hash === undefined) return { '@id': purl };
  return { '@id': purl.startsWith('pkg:oci/') ? purl : target.digest, hashes: { [`sha-${hash.bits}`]: hash.hex } };
}

function affected(report: Report, finding: ReportFinding): Statement {
  const words = [remedyOf(finding), reachabilityWords(finding)].join(' ').trim();
  return { ...about(report, finding), status: 'affected', action_statement: printable(words) };
}

/** Returns the statement of a Go finding whose vulnerable code is not in any program. */
function notPresent(report: Report, finding: ReportFinding): Statement {
  const justification = 'vulnerable_code_not_present';
  const words = printable(`${reachabilityWords(finding)} Image: ${report.target.digest}.`);
  return { ...about(report, finding), status: 'not_affected', justification, impact_statement: words };
}

/**
 * Returns the statement of a suppressed finding. The status is "not_affected" for a VEX statement or an ignore rule
 * with a VEX justification. Any other rule accepts the risk, so the status is then "affected".
 */
function ruledOut(report: Report, finding: ReportFinding, suppression: ReportSuppression): Statement {
  const words = printable(suppressionWords(suppression));
  const { by, justification } = suppression;
  if (by === 'ignore' && justification === null) {
    return { ...about(report, finding), status: 'affected', action_statement: words };
  }
  const known = justification !== null && JUSTIFICATIONS.has(justification) ? { justification } : {};
  return { ...about(report, finding), status: 'not_affected', ...known, impact_statement: words };
}

/** The justifications of the standard. Any other justification is written into the impact statement. */
const JUSTIFICATIONS: ReadonlySet<string> = new Set([
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
]);

function underInvestigation(report: Report, each: ReportUndecided): Statement {
  const notes = printable(`${undecidedWords(each)} ${layerWords(report, each.layer)}`);
  return { vulnerability: { name: each.id }, status: 'under_investigation', status_notes: notes };
}

function about(report: Report, finding: ReportFinding): Pick<Statement, 'vulnerability' | 'status_notes'> {
  const { id, aliases: otherNames, cves, description, status, risk, namespace, paths, layer } = finding;
  const place = paths.length === 0 ? '' : `, at ${paths.join(', ')}`;
  const aliases = [...new Set([...otherNames, ...cves.map((cve) => cve.id)])].filter((name) => name !== id);
  return {
    vulnerability: {
      name: id,
      ...(description !== '' && { description: printableLines(description) }),
      ...(aliases.length > 0 && { aliases }),
    },
    status_notes: printable(
      `${severityText(finding)} (${status}, risk ${risk}${isInKernelHeaders(finding) ? ', kernel headers' : ''}) in ${namespace}${place}; ${layerWords(report, layer)}`,
    ),
  };
}
