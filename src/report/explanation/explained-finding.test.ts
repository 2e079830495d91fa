import { describe, expect, it } from 'vitest';
import { advisory } from '../../database/testing/packages.ts';
import { DEBIAN, findingOf, layerOf, libraryFindingOf, packageOf, reportOf } from '../testing/report-builder.ts';
import type { VulnerabilityRecord } from '../../database/contracts/vulnerabilities.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import type { LibraryFlag, SystemPackage } from '../../model/feature.ts';
import { explainFinding, type ExplanationQuestion } from './explained-finding.ts';
import { explanationText } from './explanation-text.ts';
import { FILES } from '../../model/advisories/file-rule.ts';

const NAMESPACE = 'rhel:9';
const DISTRIBUTION = { id: 'rhel', version: '9', namespace: NAMESPACE, prettyName: 'RHEL 9' };

function rpm(name: string, version: string): SystemPackage {
  return { type: 'rpm', name, version, arch: 'x86_64', source: { name: 'src', version } };
}

function installed(of: SystemPackage, originDepth = 0): LocatedFeature {
  return { feature: of, path: '', namespace: NAMESPACE, originDepth };
}

/** Returns the advisory of an erratum that fixes CVE-1. */
function erratum(id: string, ...affected: (Partial<AffectedPackage> & { package: string })[]): VulnerabilityRecord {
  const { id: name, ...of } = advisory(id, ...affected.map((each) => ({ namespace: NAMESPACE, ...each })));
  return { ...of, feed: 'redhat', name, aliases: ['CVE-1'] };
}

function question(parts: Partial<ExplanationQuestion>): ExplanationQuestion {
  const report = reportOf({ distribution: DISTRIBUTION, layers: [layerOf(0), layerOf(1, { origin: 'own' })] });
  return {
    id: 'CVE-1',
    report,
    records: [],
    installed: [],
    changes: [],
    products: [],
    judges: new Set(),
    cves: [],
    ...parts,
  };
}

it('a third-party package is not an all-clear', () => {
  const report = reportOf({ distribution: DISTRIBUTION, layers: [layerOf(0)], feeds: [DEBIAN] });
  const records = [erratum('RHSA-1', { package: 'a', fixed: '1-1' })];
  const of = { ...rpm('a', '2-1'), vendor: 'Remi Collet' };
  const asked = question({ report, records, installed: [{ ...installed(of), namespace: '' }] });
  expect(explainFinding(asked)).toMatchObject({
    verdict: 'no-data',
    why: 'No feed covers packages that rhel did not build: a 2-1. The image may still be affected.',
  });
  expect(explainFinding({ ...asked, installed: [] }).verdict).toBe('not-installed');
});

describe('a file rule that requires a digest', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const name = `etc/motd not ${digest}`;
  const words = `etc/motd with a digest other than ${digest}`;
  const records = [erratum('MOTD', { package: name, namespace: FILES, introduced: 'present' })];
  const file = (version: string): LocatedFeature => ({
    feature: { type: FILES, name, version },
    path: 'etc/motd',
    namespace: FILES,
    originDepth: 0,
  });

  it.each([
    [[file('present')], 'affected', `${words} is present.`],
    [
      [file('unknown')],
      'undecided',
      `Whether the image contains ${words} could not be determined. The image may still be affected.`,
    ],
    [[], 'not-affected', `The image does not contain ${words}.`],
  ])('describes the file', (files, verdict, why) => {
    expect(explainFinding(question({ records, installed: files }))).toMatchObject({ verdict, why });
  });

  it('describes the file of a suppressed finding', () => {
    const suppression = {
      by: 'ignore',
      where: 'ignore.yaml, line 1',
      justification: null,
      reason: 'x',
      author: null,
      expires: null,
    } as const;
    const finding = findingOf({ id: 'MOTD', aliases: ['CVE-1'], type: FILES, package: name, version: 'present' });
    const report = reportOf({ layers: [layerOf(0)], suppressed: [{ ...finding, suppression }] });
    expect(explainFinding(question({ records, report, installed: [file('present')] }))).toMatchObject({
      verdict: 'suppressed',
      why: `${words} is present, but an ignore rule or VEX statement suppresses the finding.`,
    });
  });
});

describe('packages that are not matched', () => {
  const records = [erratum('GHSA-1', { package: 'x', namespace: 'pypi', fixed: '3' })];
  const library = (version: string, flags: readonly LibraryFlag[] = []): LocatedFeature => ({
    feature: { type: 'pypi', name: 'x', version, flags },
    path: 'x.dist-info/METADATA',
    namespace: 'pypi',
    originDepth: 0,
  });

  it.each<[string, LocatedFeature, string, RegExp]>([
    ['a version that cannot be compared', library('2004d'), 'undecided', /cannot be compared .* may still be affected/],
    ['an owned package', { ...library('2'), judgedBy: 'debian:12' }, 'not-affected', /^Not matched: .* debian:12 owns/],
    ['a vendored copy', library('2', ['vendored']), 'not-affected', /^Not matched: vendored copies/],
    ['a package above the range', library('4'), 'not-affected', /outside all affected/],
  ])('%s', (_, located, verdict, why) => {
    const explained = explainFinding(question({ records, installed: [located], judges: new Set(['debian:12']) }));
    expect([explained.verdict, explained.packages[0]?.verdict]).toEqual([verdict, verdict]);
    expect(explained.why).toMatch(why);
  });
});

describe('explains a CVE by all errata that fix it', () => {
  it('by the erratum that affects a package, if another erratum does not', () => {
    const records = [
      erratum('RHSA-1', { package: 'a', fixed: '1-1' }),
      erratum('RHSA-2', { package: 'a', fixed: '3-1' }),
    ];
    const { verdict, packages, why } = explainFinding(
      question({ records, installed: [installed(rpm('a', '2-1'), 1)] }),
    );
    expect(verdict).toBe('affected');
    expect(why).toBe('1 installed package is in an affected version range.');
    expect(packages).toMatchObject([
      {
        package: 'a',
        layer: { index: 1, origin: 'own', createdBy: 'RUN step-1' },
        rules: [
          { vulnerability: 'RHSA-2', outcome: 'affected', to: '3-1' },
          { vulnerability: 'RHSA-1', outcome: 'fixed', to: '1-1' },
        ],
      },
    ]);
  });

  it('under the name of the merged finding', () => {
    const records = [erratum('GHSA-1', { package: 'a', fixed: '3-1' })];
    const finding = findingOf({ id: 'CVE-1', aliases: ['GHSA-1'], type: 'rpm', package: 'a', version: '2-1' });
    const report = reportOf({ distribution: DISTRIBUTION, layers: [layerOf(0)], findings: [finding] });
    const asked = question({ id: 'GHSA-1', report, records, installed: [installed(rpm('a', '2-1'))] });
    const explanation = explainFinding(asked);
    expect(explanation.packages).toMatchObject([{ findings: ['CVE-1'], risk: 50 }]);
    expect(explanationText(explanation)).toContain('\n  finding CVE-1\n');
    expect(explanationText({ ...explanation, id: 'CVE-1' })).not.toContain('  finding ');
  });

  it('on the version line of a source package', () => {
    const records = [erratum('RHSA-1', { package: 'src', role: 'source', fixed: '3-1' })];
    const { packages } = explainFinding(question({ records, installed: [installed(rpm('a', '2-1'))] }));
    expect(packages[0]?.rules).toMatchObject([{ name: 'src', isOfSource: true, outcome: 'affected' }]);
    const own = [erratum('RHSA-1', { package: 'src', fixed: '3-1' })];
    expect(explainFinding(question({ records: own, installed: [installed(rpm('a', '2-1'))] })).packages).toEqual([]);
  });

  it('for the product of the layer that added the package', () => {
    const records = [erratum('RHSA-1', { package: 'a', fixed: '3-1', cpe: 'cpe:/a:p' })];
    const packages = [installed(rpm('a', '2-1'), 0), installed(rpm('a', '2-2'), 1)];
    const products = [new Set<string>(), new Set(['cpe:/a:p'])];
    const explanation = explainFinding(question({ records, installed: packages, products }));
    expect(explanation.packages.map(({ version, verdict }) => [version, verdict])).toEqual([
      ['2-2', 'affected'],
      ['2-1', 'not-affected'],
    ]);
  });
});

describe('without an installed package the verdict is', () => {
  const elsewhere = [erratum('RHSA-1', { package: 'a', namespace: 'rhel:8' })];

  it.each<[string, Partial<ExplanationQuestion>, RegExp]>([
    ['unknown', {}, /No stored feed lists this identifier; checked feeds: debian \(updated 2026/],
    [
      'unknown',
      { cves: [{ id: 'CVE-1', description: 'A hole.', published: null }] },
      /^No stored feed has an advisory about this CVE; checked feeds: debian \(updated [^,]*\)\. The enrichment feeds list the CVE, /,
    ],
    [
      'not-listed',
      { records: elsewhere },
      /No feed for rhel:9 \(debian\) lists an affected package\. Feeds list affected packages only for rhel:8\./,
    ],
    [
      'not-installed',
      { records: [erratum('RHSA-1', { package: 'a' })] },
      /^Feeds list a for rhel:9, but none of these packages is installed\.$/,
    ],
    [
      'no-data',
      { records: elsewhere, report: reportOf({ distribution: DISTRIBUTION, feeds: [] }) },
      /^No data for rhel:9 yet: run `clair update --feed redhat`, or scan with --update\. The image may still be affected\.$/,
    ],
    [
      'no-data',
      {
        records: elsewhere,
        report: reportOf({ distribution: DISTRIBUTION, feeds: [{ ...DEBIAN, name: 'redhat', isUsed: false }] }),
      },
      /^No feed covers rhel:9; .*may still be affected/,
    ],
    [
      'no-data',
      { records: elsewhere, report: reportOf({ distribution: null }) },
      /operating system .* unknown.*may still be affected/,
    ],
  ])('%s: %o', (expected, parts, words) => {
    const { verdict, why } = explainFinding(question(parts));
    expect(verdict).toBe(expected);
    expect(why).toMatch(words);
  });
});

describe('a suppressed finding', () => {
  const suppression = {
    by: 'ignore',
    where: 'f, line 1',
    justification: null,
    reason: 'r',
    author: null,
    expires: null,
  } as const;
  const records = [erratum('RHSA-1', { package: 'a', fixed: '3-1' })];
  const ruledOut = findingOf({ id: 'RHSA-1', type: 'rpm', package: 'a', version: '2-1' });

  it('names its rule', () => {
    const report = reportOf({ distribution: DISTRIBUTION, suppressed: [{ ...ruledOut, suppression }] });
    const explanation = explainFinding(question({ report, records, installed: [installed(rpm('a', '2-1'))] }));
    expect(explanation).toMatchObject({ verdict: 'suppressed', packages: [{ suppression }] });
  });

  it('is still affected by another erratum that no rule suppresses', () => {
    const other = findingOf({ id: 'RHSA-2', type: 'rpm', package: 'a', version: '2-1' });
    const report = reportOf({
      distribution: DISTRIBUTION,
      suppressed: [{ ...ruledOut, suppression }],
      findings: [other],
    });
    const both = [...records, erratum('RHSA-2', { package: 'a', fixed: '4-1' })];
    expect(explainFinding(question({ report, records: both, installed: [installed(rpm('a', '2-1'))] })).verdict).toBe(
      'affected',
    );
  });
});

it('shows every score with its source, EPSS with its date, KEV, and the age of their feeds', () => {
  const score = { vector: 'CVSS:3.1/AV:N', accessVector: 'network', complexity: 'low' } as const;
  const cves = [
    {
      id: 'CVE-1',
      cvss: [
        { ...score, version: '3.1', score: 5.3, source: 'cna@x.test', type: 'secondary', cwes: ['CWE-20', 'CWE-79'] },
        { ...score, version: '3.1', score: 9.8, source: 'nvd', type: 'primary' },
        { ...score, version: '2.0', score: 7.5, source: 'nvd', type: 'primary' },
      ],
      epss: { score: 0.938, percentile: 0.99, date: '2026-01-01' },
      kev: { name: 'X', added: '2025-01-02', due: '2025-02-03', action: 'Upgrade.', ransomware: true },
      description: 'Only the NVD\n describes this.',
      published: '2024-12-31',
    },
    { id: 'CVE-2', description: null, published: null },
  ] as const;
  const described = [erratum('RHSA-1', { package: 'a', severity: 'Critical', severityFrom: 'nvd' })];
  const records = described.map((record) => ({ ...record, description: '' }));
  const finding = findingOf({
    id: 'RHSA-1',
    type: 'rpm',
    package: 'a',
    version: '1-1',
    severity: 'Critical',
    severityFrom: 'nvd',
    risk: 98.7,
  });
  const feeds = [
    { ...DEBIAN, name: 'nvd' },
    { ...DEBIAN, name: 'epss', isStale: true },
  ];
  const report = reportOf({ distribution: DISTRIBUTION, findings: [finding], feeds });
  const asked = question({ report, records, installed: [installed(rpm('a', '1-1'))], cves });
  const explanation = explainFinding(asked);
  expect(explanation).toMatchObject({
    cves,
    packages: [{ severity: 'Critical', severityFrom: 'nvd', risk: 98.7, rules: [{ severityFrom: 'nvd' }] }],
  });
  const text = explanationText(explanation);
  for (const line of [
    / {2}risk {3}98\.7 of 100: severity Critical by NVD, CVSS 9\.8, EPSS 93\.8 %, known exploitation \(KEV\)\n/,
    /, Critical by NVD\n/,
    /Enrichments of CVE-1\n {2}CVSS {2}5\.3 Medium by cna@x\.test \(secondary\), version 3\.1: CVSS:3\.1\/AV:N\n/,
    / {2}CVSS {2}9\.8 Critical by nvd \(primary\), version 3\.1: CVSS:3\.1\/AV:N, used if the feed has no severity\n/,
    / {2}CVSS {2}7\.5 High by nvd \(primary\), version 2\.0: CVSS:3\.1\/AV:N\n/,
    / {2}CWE {3}CWE-20, CWE-79\n/,
    / {2}EPSS {2}93\.8 % probability of exploitation within 30 days, higher than 99\.0 % of all CVEs, dated 2026-01-01\n/,
    / {2}KEV {3}known exploited, used for ransomware, added 2025-01-02, due 2025-02-03: X \(Upgrade\.\)\n {2}NVD {3}published 2024-12-31\n {8}Only the NVD\n {9}describes this\.\n/,
    /Enrichments of CVE-2\n {2}CVSS {2}no score\n {2}EPSS {2}no score\n {2}KEV {3}not in the stored catalog/,
    / {2}nvd {2}updated 2026-01-02T03:04:05\.000Z\n/,
    / {2}epss {2}updated 2026-01-02T03:04:05\.000Z, stale: run clair update --feed epss\n/,
    / {2}kev {2}never updated: run clair update --feed kev\n/,
  ]) {
    expect(text).toMatch(line);
  }
  const other = explanationText(explainFinding({ ...asked, records: described }));
  expect(other).toContain('  What RHSA-1 is about.\n');
  expect(other).not.toContain('Only the NVD');
});

it('escapes hostile text', () => {
  const hostile = '\u001B[2Jx\r\n\u202Ey';
  const records = [{ ...erratum('RHSA-1', { package: 'a' }), description: hostile, link: hostile }];
  const report = reportOf({ distribution: DISTRIBUTION, layers: [layerOf(0, { createdBy: hostile })] });
  const text = explanationText(explainFinding(question({ report, records, installed: [installed(rpm('a', '1-1'))] })));
  for (const character of ['\u001B', '\r', '\u202E']) expect(text).not.toContain(character);
});

describe('an explanation of a library', () => {
  const library = libraryFindingOf({ namespace: 'npm' });
  const coverage = [{ namespace: 'npm', packages: 1, feeds: ['osv'] }];
  const report = reportOf({
    distribution: null,
    packages: [packageOf(library)],
    coverage,
    feeds: [{ ...DEBIAN, name: 'osv' }],
    layers: [layerOf(0)],
  });
  const located: LocatedFeature = {
    feature: { type: 'npm', name: 'lodash', version: '4.17.20' },
    path: 'app/node_modules/lodash/package.json',
    namespace: 'npm',
    originDepth: 0,
    owner: { feature: rpm('nodejs-lodash', '4-1'), namespace: NAMESPACE },
  };
  const records = [erratum('GHSA-1', { package: 'lodash', namespace: 'npm', fixed: '4.17.21' })];

  it('names its path and its owner', () => {
    const explanation = explainFinding(question({ report, records, installed: [located] }));
    expect(explanation.packages).toMatchObject([
      {
        type: 'npm',
        path: 'app/node_modules/lodash/package.json',
        owner: { type: 'rpm', name: 'nodejs-lodash', version: '4-1' },
      },
    ]);
    const text = explanationText(explanation);
    expect(text).toContain('\n  path   app/node_modules/lodash/package.json\n  owner  rpm nodejs-lodash 4-1\n');
  });

  it('names the candidates of a package whose group is uncertain, and the candidate that a rule is about', () => {
    const candidates = ['a:core', 'b:core'];
    const uncertain = { type: 'maven', name: 'core', version: '1.0', candidates };
    const facts = { id: 'GHSA-1', type: 'maven', namespace: 'maven', package: 'core', version: '1.0' };
    const findings = [
      libraryFindingOf({ ...facts, candidates: ['c:core'], risk: 10 }),
      libraryFindingOf({ ...facts, candidates: ['b:core'], risk: 20 }),
    ];
    const explanation = explainFinding(
      question({
        report: { ...report, findings },
        records: [erratum('GHSA-1', { package: 'b:core', namespace: 'maven', fixed: '2.0' })],
        installed: [
          { feature: uncertain, path: 'a.jar', namespace: 'maven', originDepth: 0 },
          { feature: { ...uncertain, candidates: ['c:core'] }, path: 'c.jar', namespace: 'maven', originDepth: 0 },
        ],
      }),
    );
    expect(explanation.packages).toMatchObject([
      { package: 'core', path: 'a.jar', candidates, risk: 20, rules: [{ name: 'b:core', outcome: 'affected' }] },
    ]);
    expect(explanation.packages).toHaveLength(1);
    expect(explanationText(explanation)).toContain('\n  group  uncertain: perhaps a:core or b:core\n');
  });

  it('needs no operating system, as the packages were checked', () => {
    expect(explainFinding(question({ report, records }))).toMatchObject({
      verdict: 'not-installed',
      why: 'Feeds list lodash for npm, but none of these packages is installed.',
    });
    expect(explainFinding(question({ report })).verdict).toBe('unknown');
  });

  it.each([
    ['the release of system packages is unknown', { packages: [packageOf(library), packageOf(findingOf())] }],
    [
      'no feed covers the release',
      { distribution: DISTRIBUTION, coverage: [...coverage, { ...coverage[0]!, namespace: NAMESPACE, feeds: [] }] },
    ],
    ['no package was found', { packages: [] }],
  ])('is no all-clear if %s', (_, parts) => {
    expect(explainFinding(question({ report: { ...report, ...parts } })).verdict).toBe('no-data');
  });
});
