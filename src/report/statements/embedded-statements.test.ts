import { describe, expect, it } from 'vitest';
import type { SbomStatement } from '../../model/report/sbom-statement.ts';
import { judgeFindings } from '../../suppression/suppressed-findings.ts';
import type { SuppressionRule } from '../../suppression/suppression-rule.ts';
import { findingOf, reportOf } from '../testing/report-builder.ts';
import { embeddedRules } from './embedded-statements.ts';

const DEBIAN = { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian 12' };

const STATEMENT: SbomStatement = {
  place: 'vulnerability 1',
  ids: ['CVE-1'],
  effect: 'suppress',
  justification: 'vulnerable_code_not_present',
  reason: 'unused',
  timestamp: 5,
  packages: ['pkg:deb/debian/curl@7.88-1?arch=amd64&distro=debian-12.5&upstream=curl'],
};

const FOUND = findingOf({
  package: 'curl',
  version: '7.88-1',
  purl: 'pkg:deb/debian/curl@7.88-1?arch=amd64&distro=debian-12',
  namespace: 'debian:12',
});

/** A rule of a VEX document that the user chose. */
const CHOSEN: SuppressionRule = {
  by: 'openvex',
  file: 'vex.json',
  place: 'statement 1',
  where: 'vex.json, statement 1',
  ids: ['CVE-1'],
  scopes: [{ images: [], packages: [] }],
  effect: 'keep',
  timestamp: 1,
  justification: null,
  reason: '',
  author: null,
  expires: null,
};

function judged(statement: Partial<SbomStatement>, finding = FOUND, chosen: readonly SuppressionRule[] = []) {
  const set = embeddedRules([{ ...STATEMENT, ...statement }], [finding], DEBIAN);
  const sets = [{ rules: chosen, isShared: false }, set];
  return judgeFindings(reportOf({ findings: [finding] }), sets, '2026-06-15');
}

describe('a statement in an SBOM', () => {
  it('suppresses the finding of its package, with its origin', () => {
    const { findings, suppressed, diagnostics } = judged({});
    expect([findings, diagnostics]).toEqual([[], []]);
    expect(suppressed[0]?.suppression).toEqual({
      by: 'sbom',
      where: 'embedded VEX in the SBOM, vulnerability 1',
      justification: 'vulnerable_code_not_present',
      reason: 'unused',
      author: null,
      expires: null,
    });
  });

  it.each<[string, Partial<SbomStatement>, boolean]>([
    ['another vulnerability', { ids: ['CVE-2'] }, false],
    ['the vulnerability in lower case', { ids: ['cve-1'] }, true],
    ['another package', { packages: ['pkg:deb/debian/zlib1g@7.88-1'] }, false],
    ['another version', { packages: ['pkg:deb/debian/curl@7.89-1'] }, false],
    ['another architecture', { packages: ['pkg:deb/debian/curl@7.88-1?arch=arm64'] }, false],
    ['another type', { packages: ['pkg:npm/curl@7.88-1'] }, false],
    ['an invalid package URL', { packages: ['pkg:deb'] }, false],
    ['the whole document', { packages: [] }, true],
    ['an exploitable vulnerability', { effect: 'keep' }, false],
  ])('about %s', (_what, statement, isSuppressed) => {
    expect(judged(statement).suppressed.length === 1).toBe(isSuppressed);
  });

  it('has lower precedence than a document that the user chose, even an older document', () => {
    expect(judged({}, FOUND, [CHOSEN]).suppressed).toEqual([]);
    const { suppressed } = judged({ effect: 'keep' }, FOUND, [{ ...CHOSEN, effect: 'suppress' }]);
    expect(suppressed[0]?.suppression.by).toBe('openvex');
  });
});
