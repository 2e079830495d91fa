import { expect, it } from 'vitest';
import { type CountedFinding, reportCounts } from './finding-counts.ts';

const found = (id: string, name: string, parts: Partial<CountedFinding> = {}): CountedFinding => ({
  id,
  cves: [{ id }],
  purl: `pkg:deb/debian/${name}@1`,
  severity: 'High',
  fixedIn: '2',
  class: 'package',
  ...parts,
});

it('counts CVEs, packages and findings, in total and by severity', () => {
  const counts = reportCounts([
    found('CVE-1', 'libc6'),
    found('CVE-1', 'libc-bin'),
    found('CVE-2', 'libc6', { fixedIn: null }),
    // The first advisory has two CVEs, of which one is already counted; the second advisory has no CVEs.
    found('RHSA-1', 'bash', { severity: 'Low', cves: [{ id: 'CVE-2' }, { id: 'CVE-3' }] }),
    found('GHSA-1', 'bash', { severity: 'Low', cves: [], fixedIn: null }),
  ]);
  expect(counts).toMatchObject({ cves: 4, packages: 3, findings: 5, fixable: 3 });
  expect(counts.severities).toMatchObject({
    High: { cves: 2, packages: 2, findings: 3, fixable: 2 },
    Low: { cves: 3, packages: 1, findings: 2, fixable: 1 },
    Critical: { cves: 0, packages: 0, findings: 0, fixable: 0 },
  });
});

it('counts findings in kernel headers and unrated findings separately', () => {
  const counts = reportCounts([
    found('CVE-1', 'linux-libc-dev', { class: 'kernel-headers', severity: 'Unknown' }),
    found('CVE-1', 'linux-headers', { class: 'kernel-headers' }),
    found('CVE-2', 'libc6', { severity: 'Unknown' }),
    found('CVE-3', 'libc6'),
  ]);
  expect(counts).toMatchObject({ findings: 4, kernelHeaders: 2, unrated: 1 });
});
