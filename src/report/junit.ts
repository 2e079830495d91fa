import type { Report, ReportPackage, ReportVulnerability } from '../model/report/report.ts';
import { severityText } from '../model/severity.ts';
import { createFormat, type Format, type Look } from './format.ts';
import {
  dataWords,
  isIncomplete,
  layerWords,
  problemWords,
  remedyOf,
  summaryWords,
  suppressionWords,
  undecidedWords,
} from './writing/finding-words.ts';
import { isFolded } from './writing/kernel-headers.ts';
import { type Markup, markup, piecesOf, rowsOf } from './writing/markup.ts';

/**
 * The report as the XML of JUnit, as Jenkins and GitLab read it: docs/formats.md. A finding is a test that failed, what may be
 * missing an error, what is suppressed, undecided or in kernel headers a test that was skipped.
 */
export const junit: Format = createFormat({
  id: 'junit',
  mediaType: 'application/xml',
  write: (report, look) => document([report], look),
  writeAll: document,
});

function document(reports: readonly Report[], look?: Look): Iterable<string> {
  const suites = reports.map((report, index) => ({ report, index, cases: casesOf(report, look) }));
  const totals = countsOf(suites.flatMap(({ cases }) => cases));
  const suiteElements = suites.map(({ report, index, cases }) => suite(report, index, cases));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    ...piecesOf(markup`<testsuites name="clair" tests="${totals.tests}" failures="${totals.failures}" errors="${totals.errors}" time="0">
${suiteElements}</testsuites>
`),
  ];
}

type Verdict = { readonly as: 'error' | 'failure' | 'skipped'; readonly type: string; readonly words: string };

type Case = { readonly group: string; readonly name: string; readonly verdict?: Verdict };

function suite(report: Report, index: number, cases: readonly Case[]): Markup {
  const { target, createdAt, problems, sources } = report;
  const { tests, failures, errors, skipped } = countsOf(cases);
  const data = sources.filter(({ coversRelease }) => coversRelease).map(dataWords);
  const lines = [summaryWords(report), ...problems.map(problemWords), ...data];
  return markup`<testsuite id="${index}" name="${oneLine(target.reference)}" package="${oneLine(target.platform)}" hostname="localhost" timestamp="${createdAt.slice(0, 19)}" tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="0">
<properties>
${propertiesOf(report).map(([name, value]) => markup`<property name="${oneLine(name)}" value="${oneLine(value)}"/>\n`)}</properties>
${rowsOf(cases, testCase)}<system-out>${lines.join('\n')}</system-out>
</testsuite>
`;
}

function propertiesOf(report: Report): readonly (readonly [string, string])[] {
  const { target, distribution, layers, sources, problems } = report;
  return [
    ['clair.version', report.clairVersion],
    ['image.digest', target.digest],
    ['image.platform', target.platform],
    ['distribution', distribution?.namespace ?? 'unknown'],
    ['incomplete', String(isIncomplete(report))],
    ...problems.map((problem) => [`problem.${problem.code}`, problemWords(problem)] as const),
    ...layers.map(({ index, digest }) => [`layer.${index}`, `${digest} ${layerWords(report, index)}`] as const),
    ...sources
      .filter(({ coversRelease }) => coversRelease)
      .map((source) => [`data.${source.name}`, dataWords(source)] as const),
  ];
}

/**
 * A passing case for each package without a finding, so that a clean image is no empty run, which tools take for broken. A
 * package that no feed judges is skipped.
 */
function casesOf(report: Report, look?: Look): readonly Case[] {
  const { problems, vulnerabilities, suppressed, undecided, packages } = report;
  const named = new Set([...vulnerabilities, ...suppressed, ...undecided.listed].map(keyOf));
  const unmatched = problems.find(({ code }) => code === 'distribution-unknown' || code === 'namespace-without-data');
  const verdict: Verdict | undefined = unmatched && {
    as: 'skipped',
    type: unmatched.code,
    words: problemWords(unmatched),
  };
  return [
    ...problems
      .filter(({ incomplete }) => incomplete)
      .map((problem): Case => {
        const words = problemWords(problem);
        return { group: 'problems', name: words, verdict: { as: 'error', type: problem.code, words } };
      }),
    ...vulnerabilities.map((each): Case => {
      const words = findingWords(report, each);
      if (isFolded(each, look)) {
        return { ...caseOf(each), verdict: { as: 'skipped', type: each.class, words: `In kernel headers. ${words}` } };
      }
      return { ...caseOf(each), verdict: { as: 'failure', type: each.severity, words } };
    }),
    ...suppressed.map((each): Case => {
      const words = `${suppressionWords(each.suppression)}. ${findingWords(report, each)}`;
      return { ...caseOf(each), verdict: { as: 'skipped', type: each.suppression.by, words } };
    }),
    ...undecided.listed.map((each): Case => {
      return { ...caseOf(each), verdict: { as: 'skipped', type: each.status, words: undecidedWords(each) } };
    }),
    ...packages
      .filter((each) => !named.has(keyOf(each)))
      .map((each): Case => {
        const { name, version } = each;
        const why = verdict ?? (each.namespace === null ? UNJUDGED : undefined);
        return { group: name, name: `${name} ${version}`, ...(why && { verdict: why }) };
      }),
  ];
}

const UNJUDGED: Verdict = {
  as: 'skipped',
  type: 'unjudged',
  words: 'No feed judges this package: it was not checked.',
};

function caseOf({ id, package: name, version }: Pick<ReportVulnerability, 'id' | 'package' | 'version'>): Case {
  return { group: name, name: `${id} in ${name} ${version}` };
}

function findingWords(report: Report, finding: ReportVulnerability): string {
  const { id, risk, package: name, version, purl, layer, link } = finding;
  return [
    `${name} ${version} is affected by ${id} (${severityText(finding)}, risk ${risk}). ${remedyOf(finding)}`,
    layerWords(report, layer),
    purl,
    ...(link === '' ? [] : [link]),
  ].join('\n');
}

function keyOf({ purl, source, layer }: Pick<ReportPackage, 'purl' | 'source' | 'layer'>): string {
  return JSON.stringify([purl, source.name, source.version, layer]);
}

function countsOf(cases: readonly Case[]) {
  const count = (as: Verdict['as']): number => cases.filter(({ verdict }) => verdict?.as === as).length;
  return { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

function testCase({ group, name, verdict }: Case): Markup {
  return markup`<testcase classname="${oneLine(group)}" name="${oneLine(name)}" time="0">${verdict === undefined ? '' : verdictElement(verdict)}</testcase>
`;
}

/** What was skipped says why as text: the schema of Jenkins gives it no attribute. */
function verdictElement({ as, type, words }: Verdict): Markup {
  if (as === 'skipped') return markup`<skipped>${words}</skipped>`;
  const [message = ''] = words.split('\n');
  if (as === 'error') return markup`<error type="${oneLine(type)}" message="${oneLine(message)}">${words}</error>`;
  return markup`<failure type="${oneLine(type)}" message="${oneLine(message)}">${words}</failure>`;
}

/** Attributes are of one line; an empty name is none. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim() || '-';
}
