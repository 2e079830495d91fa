import { describe, expect, it } from 'vitest';
import { DIAGNOSTICS, type DiagnosticCode } from '../../model/report/diagnostic.ts';
import { findingOf } from '../../report/testing/report-builder.ts';
import { refuseUnchecked } from './unchecked-packages.ts';

const reportWith = (codes: readonly DiagnosticCode[], findings = 0): Parameters<typeof refuseUnchecked>[0] => ({
  diagnostics: codes.map((code) => ({
    code,
    message: `message of ${code}`,
    where: '',
    incomplete: DIAGNOSTICS[code].incomplete,
  })),
  findings: Array.from({ length: findings }, () => findingOf()),
});

const refused = expect.objectContaining({ code: 'harbor/report-incomplete' });

describe('a report for Harbor', () => {
  it.each<DiagnosticCode>([
    'distribution-unknown',
    'namespace-without-data',
    'package-database-missing',
    'package-database-removed',
    'package-database-unreadable',
    'package-limit-reached',
    'layer-absent',
  ])('is refused with %s, even if it has findings', (code) => {
    expect(() => refuseUnchecked(reportWith([code], 1))).toThrow(refused);
  });

  it.each<DiagnosticCode>([
    'release-end-of-life',
    'release-mixed',
    'package-third-party',
    'package-not-covered',
    'package-entry-unreadable',
    'package-version-invalid',
    'project-unreadable',
    'archive-unreadable',
    'binary-unidentified',
    'library-version-unknown',
    'link-unresolved',
    'content-set-unknown',
    'layer-parts-unproven',
    'layer-views-differ',
  ])('is refused with %s if it has no findings, because it would look clean', (code) => {
    expect(() => refuseUnchecked(reportWith([code]))).toThrow(refused);
    expect(() => refuseUnchecked(reportWith([code], 1))).not.toThrow();
  });

  it.each<DiagnosticCode>(['feed-stale', 'feed-update-failed', 'feed-update-refused', 'feed-record-skipped'])(
    'is returned with %s: the metadata state the age of the data',
    (code) => {
      expect(() => refuseUnchecked(reportWith([code]))).not.toThrow();
    },
  );

  it('is returned with each diagnostic that leaves it complete', () => {
    const codes = Object.keys(DIAGNOSTICS) as DiagnosticCode[];
    const complete = codes.filter((code) => !DIAGNOSTICS[code].incomplete);
    expect(complete.length).toBeGreaterThan(5);
    expect(() => refuseUnchecked(reportWith(complete))).not.toThrow();
  });

  it('names at most ten reasons', () => {
    const many = Array.from({ length: 12 }, () => 'layer-absent' as const);
    expect(() => refuseUnchecked(reportWith(many))).toThrow(/(?:message of layer-absent.*){10}; and 2 more$/);
  });
});
