import { describe, expect, it } from 'vitest';
import { deb } from '../../database/testing/packages.ts';
import type { FeatureOwner, LocatedFeature } from '../../model/layer.ts';
import { reportPackages } from './report-packages.ts';

const LIBRARY = { type: 'made', name: 'x', version: '1' };
const [A, A2, B] = [deb('a', '1'), deb('a', '2'), deb('b', '1')].map((feature): FeatureOwner => {
  return { feature, namespace: 'debian:12' };
});

/** Returns a library at a path, with or without an owner. */
function at(path: string, owner?: FeatureOwner): LocatedFeature {
  return { feature: LIBRARY, namespace: 'made', path, originDepth: 0, ...(owner && { owner }) };
}

function shown(...installed: readonly LocatedFeature[]): readonly unknown[] {
  return reportPackages(installed, () => 'pkg:made/x@1').map(({ paths, owner }) => [paths, owner]);
}

it('has the candidates of the feature', () => {
  const uncertain = { ...at('x.jar'), feature: { ...LIBRARY, candidates: ['a:x', 'b:x'] } };
  const packages = reportPackages([uncertain, { ...uncertain, path: 'y.jar' }, at('z.jar')], () => 'pkg:made/x@1');
  expect(packages.map(({ paths, candidates }) => [paths, candidates])).toEqual([
    [
      ['x.jar', 'y.jar'],
      ['a:x', 'b:x'],
    ],
    [['z.jar'], []],
  ]);
});

describe('the owner of a package', () => {
  it('is the package that owns all files of a library', () => {
    const owner = { type: 'deb', name: 'a', version: '1' };
    expect(shown(at('x', A))).toEqual([[['x'], owner]]);
    expect(shown(at('x', A), at('y', A))).toEqual([[['x', 'y'], owner]]);
  });

  it.each<[string, readonly LocatedFeature[]]>([
    ['no package owns the file', [at('x')]],
    ['a package owns one of two files', [at('x', A), at('y')]],
    ['a package owns only the second file', [at('x'), at('y', A)]],
    ['two packages own one file each', [at('x', A), at('y', B)]],
    ['two versions of a package own one file each', [at('x', A), at('y', A2)]],
    ['the third file has the owner of the first', [at('x', A), at('y', B), at('z', A)]],
  ])('is null if %s', (_, installed) => {
    expect(shown(...installed)).toEqual([[installed.map(({ path }) => path), null]]);
  });

  it('is null for a package of the distribution', () => {
    expect(shown({ feature: deb('a', '1'), namespace: 'debian:12', path: '', originDepth: 0 })).toEqual([[[], null]]);
  });
});
