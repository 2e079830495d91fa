import { describe, expect, it } from 'vitest';
import { REACHABILITIES, type Reachability } from '../../model/reachability.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { findingOf, reportOf } from '../testing/report-builder.ts';
import { FORMATS } from '../index.ts';
import { filteredReport } from './finding-filter.ts';

const high = findingOf({ id: 'CVE-1', severity: 'High' });
const low = findingOf({ id: 'CVE-2', severity: 'Low', package: 'wget' });
const unfixed = findingOf({ id: 'CVE-3', severity: 'High', status: 'open', fixedIn: null });
const library = findingOf({ id: 'CVE-4', severity: 'Medium', type: 'npm', package: 'lodash' });
const inBinary = (id: string, reachability: Reachability): ReportFinding => findingOf({ id, reachability });
const report = reportOf({ findings: [high, low, unfixed] });

describe('a filtered report', () => {
  it.each([
    [{ severities: ['High', 'Critical'] }, ['CVE-1', 'CVE-3'], 'hides 1 finding: 1 low', '--severity high,critical'],
    [{ onlyFixed: true }, ['CVE-1', 'CVE-2'], 'hides 1 finding: 1 high', '--only-fixed'],
    [
      { severities: ['High'], onlyFixed: true },
      ['CVE-1'],
      'hides 2 findings: 1 high, 1 low',
      '--severity high --only-fixed',
    ],
    [{ severities: ['Medium'] }, [], 'hides 3 findings: 2 high, 1 low', '--severity medium'],
  ] as const)('with %j shows %j and states what it hides', (filter, ids, message, where) => {
    const { findings, diagnostics } = filteredReport(report, filter);
    expect(findings.map(({ id }) => id)).toEqual(ids);
    expect(diagnostics).toEqual([
      { code: 'findings-hidden', message: `The filter ${message}`, where, incomplete: false },
    ]);
  });

  it.each([
    [['os'], ['CVE-1'], 'hides 1 finding: 1 medium', '--type os'],
    [['library'], ['CVE-4'], 'hides 1 finding: 1 high', '--type library'],
  ] as const)('shows only the findings in packages of the kinds %j', (kinds, ids, message, where) => {
    const { findings, diagnostics } = filteredReport(reportOf({ findings: [high, library] }), { kinds });
    expect(findings.map(({ id }) => id)).toEqual(ids);
    expect(diagnostics).toMatchObject([{ message: `The filter ${message}`, where }]);
  });

  it('with onlyReachable hides Go findings whose code is not in the binary, and no other', () => {
    const findings = [high, ...REACHABILITIES.map((each) => inBinary(each, each))];
    const filtered = filteredReport(reportOf({ findings }), { onlyReachable: true });
    expect(filtered.findings.map(({ id }) => id)).toEqual(['CVE-1', 'linked', 'unknown']);
    expect(filtered.diagnostics).toMatchObject([
      { message: 'The filter hides 2 findings: 2 high', where: '--reachable' },
    ]);
  });

  it('counts every finding of the image', () => {
    expect(filteredReport(report, { severities: ['Medium'] }).counts).toEqual(report.counts);
  });

  it('is the report itself when the filter hides nothing', () => {
    expect(filteredReport(report, {})).toBe(report);
    expect(filteredReport(report, { severities: ['High', 'Low'] })).toBe(report);
  });

  it.each(FORMATS.map(({ id }) => id))('states in %s how many findings it hides', (id) => {
    const format = FORMATS.find((each) => each.id === id)!;
    const text = format.render(filteredReport(report, { severities: ['High'] }));
    expect(text).toContain('hides 1 finding: 1 low');
    expect(text).not.toContain('CVE-2');
  });

  it('has a skipped test in JUnit, so that a run with hidden findings does not only pass', () => {
    const junit = FORMATS.find(({ id }) => id === 'junit')!;
    const text = junit.render(filteredReport(report, { severities: ['Critical'] }));
    expect(text).toMatch(/<testcase classname="diagnostics" name="findings-hidden: [^"]*" time="0"><skipped>/);
    expect(text).toContain('failures="0" errors="0" skipped="1"');
  });
});
