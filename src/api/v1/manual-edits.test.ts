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

describe('the severity that an edit copies', () => {
  it.each<[string, string, readonly AffectedPackage[], string]>([
    ['the worst severity', 'CVE-2026-1001', [affected({ severity: 'Low' }), affected({ severity: 'High' })], 'High'],
    ['a CVSS score of the feed', 'CVE-2026-1001', [affected({ severity: 'High', severityFrom: 'cvss' })], 'High'],
    ['not a severity of the NVD alone for a CVE', 'CVE-2026-1001', [OF_NVD, affected({ severity: 'Low' })], 'Unknown'],
    [
      'a severity of the NVD that the feed has too',
      'CVE-2026-1001',
      [OF_NVD, affected({ severity: 'Critical' })],
      'Critical',
    ],
    ['a severity of the NVD for an ID that is not a CVE', 'RHSA-2026:1', [OF_NVD], 'Critical'],
    ['Unknown without advisories', 'CVE-2026-1001', [], 'Unknown'],
  ])('is %s', (_, id, all, severity) => {
    expect(copiedSeverity(id, all)).toBe(severity);
  });

  it('does not copy the NVD severity to a new manual vulnerability', () => {
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
