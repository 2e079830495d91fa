import { describe, expect, it } from 'vitest';
import type { Report, ReportFinding } from '../../model/report/report.ts';
import { noise } from '../../bytes/testing/noise.ts';
import type { Look } from '../format.ts';
import { findingOf, reportOf, SUPPRESSION } from '../testing/report-builder.ts';
import { type FittingReport, fittingReports, type SarifLimits } from './limits.ts';

const WIDE: SarifLimits = { runs: 20, results: 25_000, shown: 5000, bytes: 10_000_000 };

/** A run whose results are the findings themselves. */
const RUN = { head: () => ({}), parts: () => (finding: object) => [finding] };

function fitting(reports: readonly Report[], limits: Partial<SarifLimits>, look?: Look): readonly FittingReport[] {
  const steps = fittingReports(reports, RUN, look, { ...WIDE, ...limits });
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    expect(value).toBe('');
  }
}

const idsOf = (of: readonly ReportFinding[]): readonly string[] => of.map(({ id }) => id);

const LOW = findingOf({ id: 'CVE-low', severity: 'Low' });
const HIGH = findingOf({ id: 'CVE-high', severity: 'High' });
const HEADER = findingOf({ id: 'CVE-header', severity: 'Critical', class: 'kernel-headers' });
const ACCEPTED = { ...findingOf({ id: 'CVE-accepted', severity: 'Critical' }), suppression: SUPPRESSION };
const REPORT = reportOf({ findings: [LOW, HEADER, HIGH], suppressed: [ACCEPTED] });

describe('a report within the GitHub limits', () => {
  it('stays as it is, in its order', () => {
    expect(fitting([REPORT], {})).toEqual([{ report: REPORT, remarks: [] }]);
    expect(fitting([REPORT], { results: 4, shown: 4 })[0]?.report).toBe(REPORT);
  });
});

describe('a report above a limit', () => {
  it.each([
    [3, ['CVE-high', 'CVE-low', 'CVE-header'], '1 of 4 findings is left out; it is suppressed'],
    [2, ['CVE-high', 'CVE-low'], '2 of 4 findings are left out; the most severe is Critical'],
    [1, ['CVE-high'], '3 of 4 findings are left out; the most severe is Low'],
  ])('keeps the %d most severe results, kernel headers and suppressed findings last', (results, ids, words) => {
    const [{ report, remarks } = { report: reportOf(), remarks: [] }] = fitting([REPORT], { results });
    expect([...idsOf(report.findings), ...idsOf(report.suppressed)]).toEqual(ids);
    expect(remarks).toEqual([
      `GitHub accepts at most ${results} result${results === 1 ? '' : 's'}, so ${words}. Use another format to list all findings.`,
    ]);
  });

  it('counts included kernel headers like other findings', () => {
    const [fits] = fitting([REPORT], { results: 1 }, { include: ['kernel-headers'] });
    expect(idsOf(fits?.report.findings ?? [])).toEqual(['CVE-header']);
  });

  it('is sorted by severity and states how many results GitHub does not show', () => {
    const [fits] = fitting([REPORT], { shown: 2 });
    expect(idsOf(fits?.report.findings ?? [])).toEqual(['CVE-high', 'CVE-low', 'CVE-header']);
    expect(fits?.remarks).toEqual(['GitHub shows 2 of these 4 results, the most severe first.']);
  });

  it('is cut to the size after compression, not before', () => {
    // Each finding has 100 kB of text, which compresses to three quarters of its size.
    const all = noise(40 * 75_000);
    const random = (at: number): string => all.subarray(at * 75_000, (at + 1) * 75_000).toString('base64');
    const big = (description: (at: number) => string): Report =>
      reportOf({
        findings: Array.from({ length: 40 }, (_, at) =>
          findingOf({ id: `CVE-${at}`, severity: at < 20 ? 'Low' : 'High', description: description(at) }),
        ),
      });
    const bytes = 1_000_000;
    expect(fitting([big(() => 'x'.repeat(100_000))], { bytes })[0]?.report.findings).toHaveLength(40);
    const [fits] = fitting([big(random)], { bytes });
    const kept = fits?.report.findings ?? [];
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(20);
    expect(new Set(kept.map(({ severity }) => severity))).toEqual(new Set(['High']));
    expect(fits?.remarks[0]).toMatch(
      /^GitHub accepts at most 1 MB after compression, so \d+ of 40 findings are left out; the most severe is High\./,
    );
  });
});

describe('the reports of several platforms', () => {
  const reportFor = (platform: string, ...findings: readonly ReportFinding[]): Report =>
    reportOf({ target: { ...reportOf().target, platform }, findings });

  it('are cut to the runs with the most severe findings', () => {
    const fits = fitting([reportFor('a', LOW), reportFor('b'), reportFor('c', HIGH)], { runs: 2 });
    expect(fits.map(({ report }) => report.target.platform)).toEqual(['a', 'c']);
    expect(fits.map(({ remarks }) => remarks)).toEqual([
      ['GitHub accepts at most 2 runs, so the reports of b are left out. Scan these platforms separately.'],
      [],
    ]);
  });

  it('share the size', () => {
    const text = noise(60_000).toString('base64');
    const reports = ['a', 'b'].map((platform) => reportFor(platform, findingOf({ description: text }), LOW));
    const counts = (bytes: number): readonly number[] =>
      fitting(reports, { bytes }).map(({ report }) => report.findings.length);
    expect(counts(10_000_000)).toEqual([2, 2]);
    expect(counts(20_000)).toEqual([0, 0]);
  });
});
