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
      'is told for the first time',
      [{ package: 'a', severity: 'Unknown' }],
      [{ package: 'a', severity: 'Negligible' }],
      ['Unknown', 'Negligible', ['debian:12/a']],
    ],
    [
      'is that of a package that was not affected',
      [{ package: 'a', severity: 'Low' }],
      [
        { package: 'a', severity: 'Low' },
        { package: 'b', severity: 'High' },
      ],
      undefined,
    ],
    [
      'was that of what was not decided',
      [{ package: 'a', severity: 'Low', status: 'undetermined' }],
      [{ package: 'a', severity: 'High' }],
      undefined,
    ],
    [
      'rises in another release than where it is worst',
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
      'is the worst of several intervals',
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
