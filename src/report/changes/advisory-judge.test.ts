import { describe, expect, it } from 'vitest';
import { advisory, deb } from '../../database/testing/packages.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import { type SystemPackage } from '../../model/feature.ts';
import { advisoryJudge } from './advisory-judge.ts';

const NAMESPACE = 'n';

const installed = (of: SystemPackage, originDepth = 0): LocatedFeature => ({
  feature: of,
  path: '',
  namespace: NAMESPACE,
  originDepth,
});
const rpm = (name: string, version: string, source = name): SystemPackage => ({
  type: 'rpm',
  name,
  version,
  arch: 'x86_64',
  source: { name: source, version },
});

/** Returns the matched packages with their fixed versions. */
function found(
  packages: readonly LocatedFeature[],
  affected: readonly (Partial<AffectedPackage> & { package: string })[],
  products: readonly ReadonlySet<string>[] = [],
): readonly string[] {
  const said = advisory('CVE-1', ...affected.map((each) => ({ namespace: NAMESPACE, ...each })));
  return advisoryJudge(
    packages,
    products,
    new Set(),
  )('s', said).map(({ feature: { name }, fixed }) => `${name} ${fixed}`);
}

describe('an advisory judge', () => {
  it.each<[string, readonly LocatedFeature[], readonly (Partial<AffectedPackage> & { package: string })[], string[]]>([
    [
      'matches a package by its source',
      [installed(deb('libssl', '1', { name: 'ssl' }))],
      [{ package: 'ssl', fixed: '2' }],
      ['libssl 2'],
    ],
    ['ignores a package of another name', [installed(deb('a', '1'))], [{ package: 'b', fixed: '2' }], []],
    [
      'ignores a package of another release',
      [installed(deb('a', '1'))],
      [{ package: 'a', fixed: '2', namespace: 'other' }],
      [],
    ],
    ['ignores a version outside the interval', [installed(deb('a', '2'))], [{ package: 'a', fixed: '2' }], []],
    ['ignores an undetermined advisory', [installed(deb('a', '1'))], [{ package: 'a', status: 'undetermined' }], []],
    [
      'prefers the name of the package over its source',
      [installed(rpm('a', '1-1', 'src'))],
      [
        { package: 'src', role: 'source', fixed: '3-1' },
        { package: 'a', fixed: '2-1' },
      ],
      ['a 2-1'],
    ],
    [
      'prefers the widest of equal intervals',
      [installed(deb('a', '1'))],
      [
        { package: 'a', fixed: '2' },
        { package: 'a', introduced: '1', fixed: '3' },
      ],
      ['a 3'],
    ],
  ])('%s', (_, packages, affected, expected) => {
    expect(found(packages, affected)).toEqual(expected);
  });

  it('matches the product of the layer that added a package', () => {
    const packages = [installed(rpm('a', '1-1'), 0), installed(rpm('b', '1-1'), 1)];
    const ofProduct = ['a', 'b'].map((name) => ({ package: name, fixed: '3-1', cpe: 'cpe:/a:p' }));
    const products = [new Set<string>(), new Set(['cpe:/a:p'])];
    expect(found(packages, ofProduct, products)).toEqual(['b 3-1']);
    expect(found(packages, [...ofProduct, { package: 'b', fixed: '2-1' }], products)).toEqual(['b 2-1']);
  });
});
