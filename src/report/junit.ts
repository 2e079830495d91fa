import type { Report, ReportPackage, ReportFinding } from '../model/report/report.ts';
import { isLibrary } from '../model/package-kind.ts';
import { severityText } from '../model/severity.ts';
import { createFormat, type Format, type Look } from './format.ts';
import {
  affectedWords,
  aliasWords,
  dataWords,
  isIncomplete,
  layerWords,
  diagnosticWords,
  reachabilityWords,
  remedyOf,
  summaryWords,
  suppressionWords,
  undecidedWords,
} from './writing/finding-words.ts';
import { candidateWords, noteWords, ownersOf, ownerWords, pathWords } from './writing/library-words.ts';
import { isFolded } from './writing/kernel-headers.ts';
import { type Markup, markup, piecesOf, rowsOf } from './writing/markup.ts';

/**
 * The report as JUnit XML for Jenkins and GitLab (docs/reference/formats.md). A finding becomes a failed test. A
 * diagnostic that makes the report incomplete becomes an error. A suppressed or undetermined finding, or a finding in
 * kernel headers, becomes a skipped test; all hidden findings become a single skipped test.
 */
export const junit: Format = createFormat({
  id: 'junit',
  mediaType: 'application/xml',
  write: (report, look) => document([report], look),
  writeAll: document,
});

function* document(reports: readonly Report[], look?: Look): Generator<string> {
  const suites = reports.map((report, index): Suite => {
    const cases = { [Symbol.iterator]: () => casesOf(report, look) };
    return { report, index, cases, counts: countsOf(cases) };
  });
  const total = (of: keyof CaseCounts): number => suites.reduce((sum, { counts }) => sum + counts[of], 0);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield* piecesOf(markup`<testsuites name="clair" tests="${total('tests')}" failures="${total('failures')}" errors="${total('errors')}" time="0">
${suites.map(suiteElement)}</testsuites>
`);
}

/**
 * The test suite of a report. Each iteration over `cases` creates the cases anew, because a report can have hundreds of
 * thousands of cases.
 */
type Suite = {
  readonly report: Report;
  readonly index: number;
  readonly cases: Iterable<Case>;
  readonly counts: CaseCounts;
};

type CaseCounts = {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
};

type Verdict = { readonly as: 'error' | 'failure' | 'skipped'; readonly type: string; readonly words: () => string };

type Case = { readonly group: string; readonly name: string; readonly verdict?: Verdict };

function suiteElement({ report, index, cases, counts }: Suite): Markup {
  const { target, createdAt, diagnostics, feeds, notes } = report;
  const { tests, failures, errors, skipped } = counts;
  const data = feeds.filter(({ isUsed }) => isUsed).map(dataWords);
  const lines = [summaryWords(report), ...diagnostics.map(diagnosticWords), ...notes.map(noteWords), ...data];
  return markup`<testsuite id="${index}" name="${oneLine(target.reference)}" package="${oneLine(target.platform)}" hostname="localhost" timestamp="${createdAt.slice(0, 19)}" tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="0">
<properties>
${propertiesOf(report).map(([name, value]) => markup`<property name="${oneLine(name)}" value="${oneLine(value)}"/>\n`)}</properties>
${rowsOf(cases, testCase)}<system-out>${lines.join('\n')}</system-out>
</testsuite>
`;
}

function propertiesOf(report: Report): readonly (readonly [string, string])[] {
  const { target, distribution, layers, feeds, diagnostics } = report;
  return [
    ['clair.version', report.clairVersion],
    ['image.digest', target.digest],
    ['image.platform', target.platform],
    ['distribution', distribution?.namespace ?? 'unknown'],
    ['incomplete', String(isIncomplete(report))],
    ...diagnostics.map((diagnostic) => [`diagnostic.${diagnostic.code}`, diagnosticWords(diagnostic)] as const),
    ...layers.map(({ index, digest }) => [`layer.${index}`, `${digest} ${layerWords(report, index)}`] as const),
    ...feeds.filter(({ isUsed }) => isUsed).map((feed) => [`data.${feed.name}`, dataWords(feed)] as const),
  ];
}

/**
 * Yields the cases of a report. A package without findings becomes a passing case, because tools treat an empty run as
 * broken; a package that was not checked (no feed covers it, it is vendored, or it has no version) becomes a skipped
 * case. Hidden findings become a single skipped case.
 */
function* casesOf(report: Report, look?: Look): Generator<Case> {
  const { diagnostics, findings, suppressed, undecided, packages, coverage } = report;
  const unmatched = diagnostics.find(
    ({ code }) => code === 'distribution-unknown' || code === 'namespace-without-data',
  );
  const unjudged = unmatched && skippedCase(unmatched.code, () => diagnosticWords(unmatched));
  const covered = new Set(coverage.flatMap(({ namespace, feeds }) => (feeds.length === 0 ? [] : [namespace])));
  const ownerOf = ownersOf(report);
  for (const diagnostic of diagnostics) {
    const words = diagnosticWords(diagnostic);
    if (diagnostic.incomplete) {
      yield { group: 'diagnostics', name: words, verdict: { as: 'error', type: diagnostic.code, words: () => words } };
    } else if (diagnostic.code === 'findings-hidden') {
      yield { group: 'diagnostics', name: words, verdict: skippedCase(diagnostic.code, () => words) };
    }
  }
  const named = new Set<string>();
  for (const each of findings) {
    named.add(keyOf(each));
    const words = (): string => findingWords(report, each, ownerOf);
    const verdict: Verdict = isFolded(each, look)
      ? skippedCase(each.class, () => `In kernel headers. ${words()}`)
      : { as: 'failure', type: each.severity, words };
    yield { ...caseOf(each), verdict };
  }
  for (const each of suppressed) {
    named.add(keyOf(each));
    const words = (): string => `${suppressionWords(each.suppression)}. ${findingWords(report, each, ownerOf)}`;
    yield { ...caseOf(each), verdict: skippedCase(each.suppression.by, words) };
  }
  for (const each of undecided.listed) {
    named.add(keyOf(each));
    const { id, package: name, version } = each;
    const verdict = skippedCase(each.status, () => undecidedWords(each));
    yield { group: name, name: `${id} in ${name} ${version}`, verdict };
  }
  for (const each of packages.filter((one) => !named.has(keyOf(one)))) {
    const why = notMatched(each) ?? (covered.has(each.namespace) ? undefined : (unjudged ?? UNJUDGED));
    yield { group: groupOf(each), name: `${each.name} ${each.version}${placeOf(each)}`, ...(why && { verdict: why }) };
  }
}

/** Returns the reason why a package is never matched, regardless of the feeds. */
function notMatched({ version, flags }: ReportPackage): Verdict | undefined {
  if (flags.includes('vendored')) return VENDORED;
  return version === '' ? WITHOUT_VERSION : undefined;
}

function skippedCase(type: string, words: () => string): Verdict {
  return { as: 'skipped', type, words };
}

const UNJUDGED = skippedCase('unjudged', () => 'No feed covers this package, so it was not checked.');

const VENDORED = skippedCase('unjudged', () => 'Vendored packages are not matched, so this package was not checked.');
const WITHOUT_VERSION = skippedCase('unjudged', () => 'The package has no version, so it was not checked.');

type CasePackage = { readonly name: string; readonly type: string; readonly paths: readonly string[] };

/** Returns the class of a case: the name of the package or, for a library, the type and the name. */
function groupOf(of: Pick<CasePackage, 'name' | 'type'>): string {
  return isLibrary(of) ? `${of.type}.${of.name}` : of.name;
}

function placeOf({ paths }: Pick<CasePackage, 'paths'>): string {
  return paths.length === 0 ? '' : ` (${pathWords(paths)})`;
}

function caseOf({ id, package: name, version, type, paths }: ReportFinding): Case {
  return { group: groupOf({ name, type }), name: `${id} in ${name} ${version}${placeOf({ paths })}` };
}

function findingWords(report: Report, finding: ReportFinding, ownerOf: ReturnType<typeof ownersOf>): string {
  const { aliases, risk, purl, paths, candidates, layer, links, reachability } = finding;
  const owner = ownerOf(purl);
  return [
    `${affectedWords(finding)} (${severityText(finding)}, risk ${risk}). ${remedyOf(finding)}`,
    ...(aliases.length === 0 ? [] : [aliasWords(finding)]),
    ...(reachability === null ? [] : [reachabilityWords(finding)]),
    layerWords(report, layer),
    purl,
    ...(candidates.length === 0 ? [] : [candidateWords(candidates)]),
    ...paths,
    ...(owner === null ? [] : [`Owned by ${ownerWords(owner)}.`]),
    ...links,
  ].join('\n');
}

function keyOf({ purl, source }: Pick<ReportPackage, 'purl' | 'source'>): string {
  return JSON.stringify([purl, source.name, source.version]);
}

function countsOf(cases: Iterable<Case>): CaseCounts {
  const counts = { tests: 0, failure: 0, error: 0, skipped: 0 };
  for (const { verdict } of cases) {
    counts.tests += 1;
    if (verdict !== undefined) counts[verdict.as] += 1;
  }
  return { tests: counts.tests, failures: counts.failure, errors: counts.error, skipped: counts.skipped };
}

function testCase({ group, name, verdict }: Case): Markup {
  return markup`<testcase classname="${oneLine(group)}" name="${oneLine(name)}" time="0">${verdict === undefined ? '' : verdictElement(verdict)}</testcase>
`;
}

/**
 * Returns the element of a verdict. The text of the element contains the reason of a skipped case, because the Jenkins
 * schema defines no attribute for a reason.
 */
function verdictElement({ as, type, words: wordsOf }: Verdict): Markup {
  const words = wordsOf();
  if (as === 'skipped') return markup`<skipped>${words}</skipped>`;
  const [message = ''] = words.split('\n');
  if (as === 'error') return markup`<error type="${oneLine(type)}" message="${oneLine(message)}">${words}</error>`;
  return markup`<failure type="${oneLine(type)}" message="${oneLine(message)}">${words}</failure>`;
}

/** Returns a non-empty text on a single line, for use as an attribute. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim() || '-';
}
