import { describe, expect, it } from 'vitest';
import type { Advisory, AffectedPackage } from '../../model/advisories/advisory.ts';
import { withoutLongNames } from './long-names.ts';
import { noRecordDiagnostics } from './record-diagnostics.ts';

const SHORT: AffectedPackage = { namespace: 'npm', package: 'a', severity: 'High', status: 'open' };

const of = (...affected: readonly AffectedPackage[]): Advisory => ({ id: 'A-1', link: '', description: '', affected });

describe('the affected packages of an advisory', () => {
  it.each<[string, Partial<AffectedPackage>]>([
    ['the longest name', { package: 'é'.repeat(512) }],
    ['properties', { archs: ['x86_64', 'aarch64'], module: 'm:1', cpe: 'cpe:/a:b:c' }],
    ['the longest property', { cpe: 'c'.repeat(382) }],
  ])('stay with %s', (_, fields) => {
    const advisory = of({ ...SHORT, ...fields });
    const recordDiagnostics = noRecordDiagnostics();
    expect(withoutLongNames(advisory, recordDiagnostics)).toBe(advisory);
    expect(recordDiagnostics.count).toBe(0);
  });

  it.each<[string, Partial<AffectedPackage>]>([
    ['name', { package: 'é'.repeat(513) }],
    ['namespace', { namespace: 'n'.repeat(1025) }],
    ['architectures', { archs: Array.from({ length: 50 }, () => 'aarch64') }],
    ['module', { module: 'm'.repeat(383) }],
    ['product', { cpe: 'c'.repeat(383) }],
  ])('are skipped and reported with a longer %s', (_, fields) => {
    const recordDiagnostics = noRecordDiagnostics();
    expect(withoutLongNames(of(SHORT, { ...SHORT, ...fields }), recordDiagnostics)).toEqual(of(SHORT));
    expect(recordDiagnostics).toEqual({
      count: 1,
      skipped: 1,
      examples: [
        {
          kind: 'skipped',
          message:
            'A-1 1 affected package skipped: a name exceeds 1024 bytes, or the architectures, module and product exceed 384 bytes',
        },
      ],
    });
  });
});
