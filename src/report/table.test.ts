import { describe, expect, it } from 'vitest';
import type { Report, ReportVulnerability } from '../model/report.ts';
import { table } from './table.ts';

const found: ReportVulnerability = {
  id: 'CVE-1',
  cves: [],
  namespace: 'debian:12',
  severity: 'High',
  severityFrom: 'source',
  status: 'fixed',
  risk: 60,
  package: 'curl',
  version: '1',
  purl: 'pkg:deb/debian/curl@1',
  source: { name: 'curl', version: '1' },
  fixedIn: '2',
  layer: 3,
  link: 'https://x.test',
  description: 'words',
};

const DEBIAN = {
  name: 'debian',
  updatedAt: '2026-01-02T03:04:05.000Z',
  attemptedAt: '2026-01-02T03:04:05.000Z',
  ageSeconds: 60,
  isStale: false,
  error: null,
  fingerprint: null,
  vulnerabilities: 7,
  unclearRecords: 0,
  skippedRecords: 0,
  coversRelease: true,
};

function report(parts: Partial<Report> = {}): Report {
  return {
    schemaVersion: 1,
    createdAt: '2026-01-02T03:05:05.000Z',
    clairVersion: '1.2.3',
    target: { kind: 'oci', reference: 'image:1', digest: 'sha256:0', platform: 'linux/amd64' },
    distribution: { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian 12' },
    contentSets: [],
    layers: [],
    packages: [],
    vulnerabilities: [],
    suppressed: [],
    undecided: { count: 0, listed: [] },
    sources: [DEBIAN],
    problems: [],
    ...parts,
  };
}

const incomplete = { code: 'distribution-unknown', message: 'no system', where: 'etc', incomplete: true } as const;
const notice = { code: 'release-ambiguous', message: 'perhaps', where: 'etc', incomplete: false } as const;

describe('the table', () => {
  it('says what was scanned, and with which data', () => {
    const text = table.render(report());
    expect(text).toContain('Image         image:1 (linux/amd64)');
    expect(text).toContain('Distribution  Debian 12 [debian:12]');
    expect(text).toContain('debian (7 vulnerabilities, updated 2026-01-02T03:04:05.000Z)');
    expect(text.endsWith('No known vulnerability was found.\n')).toBe(true);
  });

  it('has a line for each vulnerable package, with the fix or why there is none', () => {
    const text = table.render(
      report({ vulnerabilities: [found, { ...found, id: 'CVE-2', fixedIn: null, status: 'ignored' }] }),
    );
    expect(text).toMatch(/│ CVE-1 +│ High +│ curl +│ 1 +│ 2 +│ 3 +│/);
    expect(text).toMatch(/│ CVE-2 +│ High +│ curl +│ 1 +│ - \(ignored\) +│ 3 +│/);
    expect(text).toContain('2 vulnerable packages: 2 High.');
  });

  it('puts what it does not know above everything it found, and repeats it at the end', () => {
    const text = table.render(report({ distribution: null, vulnerabilities: [found], problems: [incomplete, notice] }));
    expect(text).toContain('PROBLEM  distribution-unknown: no system (etc)');
    expect(text).toContain('Note  release-ambiguous: perhaps (etc)');
    expect(text.indexOf('PROBLEM')).toBeLessThan(text.indexOf('CVE-1'));
    expect(text).toContain('THE ANSWER IS INCOMPLETE');
    expect(table.render(report({ problems: [notice] }))).not.toContain('INCOMPLETE');
  });

  it('says that there is no data for the release', () => {
    for (const sources of [[], [{ ...DEBIAN, coversRelease: false }]]) {
      expect(table.render(report({ sources }))).toContain('none for this release: run `clair update` first');
    }
  });

  it('of several reports has a blank line between them, each with its platform', () => {
    const targets = ['linux/amd64', 'linux/arm64'].map((platform) => ({ ...report().target, platform }));
    const [one, two] = targets.map((target) => report({ target }));
    const text = table.renderAll([one!, two!]);
    expect(text).toBe(`${table.render(one!)}\n${table.render(two!)}`);
    expect(text.match(/^Image .*$/gm)).toEqual(targets.map(({ platform }) => `Image         image:1 (${platform})`));
    expect(table.renderAll([one!])).toBe(table.render(one!));
  });

  it('lets nothing of a hostile image reach the terminal', () => {
    const hostile = 'a\u001B[2J\u0007\u202Eb\nc';
    const text = table.render(
      report({
        target: { kind: 'oci', reference: hostile, digest: 'sha256:0', platform: hostile },
        vulnerabilities: [{ ...found, package: hostile, version: hostile }],
        problems: [{ ...incomplete, message: hostile }],
      }),
    );
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('a�[2J��b�c');
  });
});
