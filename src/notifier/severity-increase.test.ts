import { describe, expect, it } from 'vitest';
import { advisory } from '../database/testing/packages.ts';
import type { AffectedPackage } from '../model/advisories/advisory.ts';
import { severityIncrease } from './severity-increase.ts';

type Said = Partial<AffectedPackage> & { readonly package: string };

describe('the severity of a vulnerability', () => {
  const increase = (before: readonly Said[], after: readonly Said[]): unknown => {
    const found = severityIncrease(advisory('CVE-1', ...before), advisory('CVE-1', ...after));
    return found && [found.from, found.to, found.affected.map(({ namespace, package: of }) => `${namespace}/${of}`)];
  };

  it.each<[string, Said[], Said[], unknown]>([
    [
      'rises',
      [{ package: 'a', severity: 'Low' }],
      [{ package: 'a', severity: 'High' }],
      ['Low', 'High', ['debian:12/a']],
    ],
    ['falls', [{ package: 'a', severity: 'High' }], [{ package: 'a', severity: 'Low' }], undefined],
    [
      'is rated for the first time',
      [{ package: 'a', severity: 'Unknown' }],
      [{ package: 'a', severity: 'Negligible' }],
      ['Unknown', 'Negligible', ['debian:12/a']],
    ],
    [
      'belongs to a package that was not affected before',
      [{ package: 'a', severity: 'Low' }],
      [
        { package: 'a', severity: 'Low' },
        { package: 'b', severity: 'High' },
      ],
      undefined,
    ],
    [
      'belongs to a package that was undecided before',
      [{ package: 'a', severity: 'Low', status: 'undetermined' }],
      [{ package: 'a', severity: 'High' }],
      undefined,
    ],
    [
      'rises in a release other than the most severe one',
      [
        { package: 'a', severity: 'Critical' },
        { package: 'a', namespace: 'debian:13', severity: 'Low' },
      ],
      [
        { package: 'a', severity: 'Critical' },
        { package: 'a', namespace: 'debian:13', severity: 'Medium' },
      ],
      ['Low', 'Medium', ['debian:13/a']],
    ],
    [
      'is the highest of several intervals',
      [
        { package: 'a', severity: 'High', fixed: '1' },
        { package: 'a', severity: 'Low', introduced: '2' },
      ],
      [
        { package: 'a', severity: 'High', fixed: '1' },
        { package: 'a', severity: 'Medium', introduced: '2' },
      ],
      undefined,
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(increase(before, after)).toEqual(expected);
  });
});
