import { describe, expect, it } from 'vitest';
import { readReport } from '../../client/report-shape.ts';
import type { Reachability } from '../../model/reachability.ts';
import type { ReportFinding, ReportPackage } from '../../model/report/report.ts';
import { cyclonedx } from '../cyclonedx.ts';
import { FORMATS } from '../index.ts';
import { openvex } from '../openvex.ts';
import { findingOf, layerOf, reportOf, SUPPRESSION } from '../testing/report-builder.ts';
import { table } from '../table.ts';

function goFinding(reachability: Reachability, parts: Partial<ReportFinding> = {}): ReportFinding {
  return findingOf({
    id: `CVE-${reachability}`,
    type: 'golang',
    package: 'golang.org/x/net',
    paths: ['usr/bin/app'],
    reachability,
    reachabilityBasis: reachability === 'unknown' ? null : 'symbol',
    reachabilityReason: `Reason of ${reachability}.`,
    ...parts,
  });
}

const ALL = [
  goFinding('linked'),
  goFinding('package-linked'),
  goFinding('not-linked'),
  goFinding('unknown'),
  findingOf({ id: 'CVE-deb' }),
];
const PACKAGE: ReportPackage = {
  namespace: 'golang',
  name: 'golang.org/x/net',
  version: '1',
  arch: '',
  type: 'golang',
  purl: goFinding('linked').purl,
  source: goFinding('linked').source,
  paths: ['usr/bin/app'],
  flags: [],
  candidates: [],
  owner: null,
  layer: 0,
};
const REPORT = reportOf({ findings: ALL, layers: [layerOf(0)], packages: [PACKAGE] });
const IS_WITH_REASONS = FORMATS.filter(({ id }) => id !== 'table');

describe('reports of Go findings', () => {
  it.each(IS_WITH_REASONS.map(({ id }) => id))('state in %s the reason for the reachability of each finding', (id) => {
    const text = FORMATS.find((each) => each.id === id)!.render(REPORT);
    // The Markdown report can escape the hyphen.
    const plain = text.replaceAll('\\-', '-');
    for (const reason of ALL.flatMap((each) => each.reachabilityReason ?? [])) expect(plain).toContain(reason);
    expect(text).not.toContain('null.');
  });

  it.each(FORMATS.filter(({ id }) => id !== 'json' && id !== 'sarif').map(({ id }) => id))(
    'count in %s the findings whose code is not in the binary',
    (id) => {
      const text = FORMATS.find((each) => each.id === id)!.render(REPORT);
      const other = FORMATS.find((each) => each.id === id)!.render(reportOf({ findings: [findingOf()] }));
      const isSummarised = other.includes('1 finding');
      expect(text.includes('2 whose code is not in the binary')).toBe(isSummarised);
      expect(other).not.toContain('in the binary');
    },
  );

  it('have a column in the table, which other reports lack', () => {
    const cells = (of: readonly ReportFinding[]) =>
      table
        .render(reportOf({ findings: of }), { grouping: 'none' })
        .split('\n')
        .filter((line) => /^ {2}(?:Vulnerability|CVE-)/.test(line))
        .map((line) => line.split(/ {2,}/).slice(7, 8).join());
    const basis = (reachabilityBasis: ReportFinding['reachabilityBasis']) => goFinding('linked', { reachabilityBasis });
    expect(cells([...ALL, basis('package'), basis('module')])).toEqual([
      'In binary',
      'function',
      'no (package only)',
      'no',
      'unknown',
      '0',
      'package',
      'module',
    ]);
    expect(table.render(reportOf({ findings: [findingOf()] }))).not.toContain('In binary');
  });

  it('are read again from JSON', () => {
    expect(readReport(JSON.parse(JSON.stringify(REPORT)))).toEqual({ report: REPORT });
    const wrong = { ...REPORT, findings: [{ ...ALL[0]!, reachability: 'perhaps' }] };
    expect(readReport(wrong)).toEqual({ fault: '/findings/0/reachability' });
  });
});

describe('a VEX document', () => {
  it('of OpenVEX states that absent code does not affect the image, with the file and the digest of the image', () => {
    const { statements } = JSON.parse(openvex.render(REPORT)) as { statements: Readonly<Record<string, unknown>>[] };
    expect(statements.map(({ status, justification }) => [status, justification])).toEqual([
      ['affected', undefined],
      ['not_affected', 'vulnerable_code_not_present'],
      ['not_affected', 'vulnerable_code_not_present'],
      ['affected', undefined],
      ['affected', undefined],
    ]);
    expect(statements[2]?.['impact_statement']).toBe(
      `Reason of not-linked. File: usr/bin/app. Image: ${REPORT.target.digest}.`,
    );
  });

  it('of CycloneDX has an analysis for absent code, unless a rule suppresses the finding', () => {
    const suppressed = [{ ...goFinding('not-linked', { id: 'CVE-5' }), suppression: SUPPRESSION }];
    const { vulnerabilities } = JSON.parse(cyclonedx.render({ ...REPORT, suppressed })) as {
      vulnerabilities: { id: string; analysis?: object; properties: object[] }[];
    };
    const absent = { state: 'not_affected', justification: 'code_not_present' };
    expect(vulnerabilities.map(({ analysis }) => analysis)).toMatchObject([
      undefined!,
      { ...absent, detail: 'Reason of package-linked. File: usr/bin/app.' },
      { ...absent, detail: 'Reason of not-linked. File: usr/bin/app.' },
      undefined!,
      undefined!,
      { state: 'exploitable' },
    ]);
    expect(vulnerabilities[1]?.properties).toContainEqual({ name: 'clair:reachability', value: 'package-linked' });
  });

  it('of CycloneDX keeps findings apart whose reasons differ', () => {
    const of = (reason: string) => goFinding('not-linked', { id: 'CVE-1', reachabilityReason: reason });
    const { vulnerabilities } = JSON.parse(cyclonedx.render(reportOf({ findings: [of('A.'), of('A.'), of('B.')] })));
    expect(vulnerabilities).toHaveLength(2);
  });
});
