import { expect, it } from 'vitest';
import type { SuppressedFinding } from '../model/report/report.ts';
import { findingOf } from '../report/testing/report-builder.ts';
import { namesOfReport } from './report-names.ts';

const SUPPRESSION = {
  by: 'ignore',
  where: 'w',
  justification: null,
  reason: 'r',
  author: null,
  expires: null,
} as const;

function suppressed(finding: ReturnType<typeof findingOf>): SuppressedFinding {
  return { ...finding, suppression: SUPPRESSION };
}

it('the names of a report are IDs, aliases, CVEs and packages, with the worst unsuppressed finding of each', () => {
  const kev = { name: 'n', added: '2024-01-01', due: '2024-01-01', action: 'a', ransomware: false };
  const findings = [
    findingOf({ id: 'GHSA-a', aliases: ['CVE-1'], cves: [{ id: 'CVE-1', kev }], severity: 'Low', package: 'a' }),
    findingOf({ id: 'cve-1', cves: [], severity: 'High', package: 'b', source: { name: 's', version: '1' } }),
  ];
  const names = namesOfReport({ findings, suppressed: [suppressed(findingOf({ id: 'CVE-2', package: 'c' }))] });
  const openOf = { isOpen: true, isId: true, isExploited: true, severity: 'Low' };
  expect(names).toEqual([
    { kind: 'vulnerability', name: 'GHSA-a', ...openOf },
    // Two findings have this name in different case.
    { kind: 'vulnerability', name: 'cve-1', ...openOf, severity: 'High' },
    { kind: 'package', name: 'a', ...openOf, isId: false },
    { kind: 'package', name: 'b', ...openOf, isId: false, isExploited: false, severity: 'High' },
    { kind: 'package', name: 's', ...openOf, isId: false, isExploited: false, severity: 'High' },
    { kind: 'vulnerability', name: 'CVE-2', isOpen: false, isId: false, isExploited: false, severity: 'Unknown' },
    { kind: 'package', name: 'c', isOpen: false, isId: false, isExploited: false, severity: 'Unknown' },
  ]);
});
