import { describe, expect, it } from 'vitest';
import { findingOf, reportOf, SUPPRESSION } from '../testing/report-builder.ts';
import { FORMATS } from '../index.ts';

const PACKAGE = {
  namespace: 'debian:12',
  name: 'curl',
  version: '1',
  arch: 'amd64',
  type: 'deb',
  paths: [],
  flags: [],
  candidates: [],
  owner: null,
};

describe('a severity that comes from the NVD', () => {
  const finding = findingOf({ severity: 'Critical', severityFrom: 'nvd' });
  const { purl, source, layer } = finding;
  const report = reportOf({
    packages: [{ ...PACKAGE, purl, source, layer }],
    findings: [finding, findingOf({ id: 'CVE-2', severity: 'Low' })],
    suppressed: [{ ...finding, id: 'CVE-3', suppression: SUPPRESSION }],
  });

  it.each(FORMATS.map((format) => [format.id, format] as const))(
    'is marked in %s, and other severities are not',
    (_, format) => {
      const text = format.render(report);
      expect(text).toMatch(/Critical(\\?[ *|]|&#32;)+by NVD|"severityFrom": ?"nvd"|severityFrom",\s+"value": "nvd"/);
      expect(text).not.toMatch(/Low by/);
    },
  );
});
