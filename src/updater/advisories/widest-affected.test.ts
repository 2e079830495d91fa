import { describe, expect, it } from 'vitest';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { widestOnly } from './widest-affected.ts';

function affected(fields: Partial<AffectedPackage>): AffectedPackage {
  return { namespace: 'almalinux:8', package: 'gears', severity: 'High', status: 'fixed', ...fields };
}

describe('several intervals of one package', () => {
  it.each<[string, readonly Partial<AffectedPackage>[], readonly Partial<AffectedPackage>[]]>([
    ['the highest fixed version', [{ fixed: '1.9-1' }, { fixed: '1.10-1' }], [{ fixed: '1.10-1' }]],
    ['the highest fixed version when it comes first', [{ fixed: '1.10-1' }, { fixed: '1.9-1' }], [{ fixed: '1.10-1' }]],
    ['no fix over any fix', [{ fixed: '2-1' }, {}], [{}]],
    [
      'the last affected version like a fixed version',
      [{ fixed: '2-1' }, { lastAffected: '3-1' }],
      [{ lastAffected: '3-1' }],
    ],
    ['one of two equal entries', [{ fixed: '2-1' }, { fixed: '2-1' }], [{ fixed: '2-1' }]],
  ])('keeps %s', (_, given, expected) => {
    expect(widestOnly(given.map(affected), 'rpm')).toEqual(expected.map(affected));
  });

  it.each<[string, Partial<AffectedPackage>]>([
    ['namespace', { namespace: 'almalinux:9' }],
    ['package', { package: 'cogs' }],
    ['module', { module: 'gears:1' }],
    ['architectures', { archs: ['x86_64'] }],
    ['start', { introduced: '1-1' }],
    ['status', { status: 'open' }],
  ])('keeps both intervals when the %s differs', (_, other) => {
    const both = [affected({ fixed: '2-1' }), affected({ fixed: '3-1', ...other })];
    expect(widestOnly(both, 'rpm')).toEqual(both);
  });
});
