import { describe, expect, it } from 'vitest';
import { finding, INCOMPLETE, reportWith, suppressed, UNDECIDED } from './testing/reports.ts';
import type { Report } from '../model/report/report.ts';
import { libraryFindingOf, packageOf } from './testing/report-builder.ts';
import { junit } from './junit.ts';

/** Returns the test cases, each with the first words of its verdict. */
function casesOf(parts: Partial<Report>): readonly string[] {
  const text = junit.render(reportWith(parts));
  return [...text.matchAll(/<testcase classname="([^"]*)" name="([^"]*)" time="0">(?:<(\w+)([^>]*)>)?/g)].map(
    ([, group, name, verdict = 'passed', attributes]) => `${group} / ${name}: ${verdict}${attributes ?? ''}`,
  );
}

describe('JUnit', () => {
  it('fails for each finding, and passes for a package without findings', () => {
    expect(casesOf({ findings: [finding()] })).toEqual([
      'curl / CVE-2026-1 in curl 7.88.1-10: failure type="High" message="curl 7.88.1-10 is affected by CVE-2026-1 (High, risk 50). Upgrade curl to 7.88.1-11 or later."',
      'bash / bash 5.2-1: passed',
    ]);
  });

  it('has an error for an incomplete report, and passes no unmatched package', () => {
    const diagnostic = { ...INCOMPLETE, code: 'namespace-without-data' } as const;
    const coverage = [{ namespace: 'debian:12', packages: 2, feeds: [] }];
    const cases = casesOf({ diagnostics: [diagnostic], coverage });
    expect(cases[0]).toMatch(/^diagnostics \/ namespace-without-data: .*: error type="namespace-without-data"/);
    expect(cases.slice(1)).toEqual(['bash / bash 5.2-1: skipped', 'curl / curl 7.88.1-10: skipped']);
    expect(casesOf({ diagnostics: [INCOMPLETE] }).slice(1)).toEqual([
      'bash / bash 5.2-1: passed',
      'curl / curl 7.88.1-10: passed',
    ]);
  });

  it('skips a package that no feed covers', () => {
    const packages = reportWith({}).packages.map((each) => ({
      ...each,
      namespace: each.name === 'bash' ? null : 'debian:12',
    }));
    expect(casesOf({ packages })).toEqual(['bash / bash 5.2-1: skipped', 'curl / curl 7.88.1-10: passed']);
    expect(junit.render(reportWith({ packages }))).toContain(
      '<skipped>No feed covers this package, so it was not checked.',
    );
  });

  it('shows the type, the paths and the owner of a library', () => {
    const library = libraryFindingOf({ paths: ['a/package.json', 'b/package.json'] });
    const packages = [packageOf(library, { owner: { type: 'deb', name: 'node-lodash', version: '4' } })];
    expect(casesOf({ findings: [library], packages })[0]).toMatch(
      /^npm\.lodash \/ CVE-1 in lodash 4\.17\.20 \(a\/package\.json and 1 more\): failure/,
    );
    expect(junit.render(reportWith({ findings: [library], packages }))).toContain(
      '\na/package.json\nb/package.json\nOwned by deb node-lodash 4.\n',
    );
  });

  it('passes only libraries that were matched', () => {
    const library = packageOf(libraryFindingOf({ paths: ['a'] }));
    const coverage = [{ namespace: 'npm', packages: 4, feeds: ['osv'] }];
    const packages = [
      library,
      { ...library, name: 'copied', purl: 'pkg:npm/copied', flags: ['vendored'] as const },
      { ...library, name: 'local', purl: 'pkg:npm/local', version: '' },
      { ...library, name: 'other', purl: 'pkg:pypi/other', type: 'pypi', namespace: 'pypi' },
    ];
    expect(casesOf({ packages, coverage })).toEqual([
      'npm.lodash / lodash 4.17.20 (a): passed',
      'npm.copied / copied 4.17.20 (a): skipped',
      'npm.local / local (a): skipped',
      'pypi.other / other 4.17.20 (a): skipped',
    ]);
  });

  it('skips suppressed and undetermined findings with the reason', () => {
    const parts = { suppressed: [suppressed()], undecided: { count: 1, listed: [UNDECIDED] } };
    expect(casesOf(parts).slice(0, 2)).toEqual([
      'curl / CVE-2026-2 in curl 7.88.1-10: skipped',
      'curl / CVE-2026-3 in curl 7.88.1-10: skipped',
    ]);
    const text = junit.render(reportWith(parts));
    expect(text).toContain('<skipped>Suppressed by the OpenVEX statement vex.json, statement 2');
    expect(text).toContain('tests="3" failures="0" errors="0" skipped="2"');
  });

  it('has layers, the age of the data and diagnostics as properties', () => {
    const text = junit.render(reportWith({ diagnostics: [{ ...INCOMPLETE, incomplete: false }] }));
    expect(text).toContain('<property name="data.debian" value="debian: updated 2026-01-02T00:00:00.000Z"/>');
    expect(text).toMatch(
      /<property name="layer.1" value="sha256:1+ layer 1 \(own instruction\): RUN apt-get install curl"\/>/,
    );
    expect(text).toContain('<property name="diagnostic.feed-stale"');
  });
});
