import { describe, expect, it } from 'vitest';
import type { VulnerabilityRecord } from '../../database/contracts/vulnerabilities.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { namespaceEntry } from '../../model/advisories/manual-vulnerability.ts';
import { copiedSeverity, startedFrom } from './manual-edits.ts';

const affected = (fields: Partial<AffectedPackage>): AffectedPackage => ({
  namespace: 'debian:12',
  package: 'curl',
  severity: 'Unknown',
  status: 'open',
  ...fields,
});

const OF_NVD = affected({ severity: 'Critical', severityFrom: 'nvd' });

describe('the severity that an edit takes over', () => {
  it.each<[string, string, readonly AffectedPackage[], string]>([
    ['the worst', 'CVE-2026-1001', [affected({ severity: 'Low' }), affected({ severity: 'High' })], 'High'],
    ['a CVSS score of the feed', 'CVE-2026-1001', [affected({ severity: 'High', severityFrom: 'cvss' })], 'High'],
    [
      'none of the NVD, which rates the CVE anyway',
      'CVE-2026-1001',
      [OF_NVD, affected({ severity: 'Low' })],
      'Unknown',
    ],
    ['one that the feed says as well', 'CVE-2026-1001', [OF_NVD, affected({ severity: 'Critical' })], 'Critical'],
    ['one of the NVD for a name that it does not know', 'RHSA-2026:1', [OF_NVD], 'Critical'],
    ['none of nothing', 'CVE-2026-1001', [], 'Unknown'],
  ])('is %s', (_, id, all, severity) => {
    expect(copiedSeverity(id, all)).toBe(severity);
  });

  it('stays the rating of the NVD in what is started from records', () => {
    const record: VulnerabilityRecord = {
      feed: 'debian',
      name: 'CVE-2026-1001',
      link: '',
      description: '',
      aliases: [],
      affected: [OF_NVD, affected({ namespace: 'debian:11', severity: 'Low' })],
    };
    expect(startedFrom('CVE-2026-1001', [record]).affected).toEqual([
      namespaceEntry('debian:12', 'Unknown'),
      namespaceEntry('debian:11', 'Low'),
    ]);
  });
});
