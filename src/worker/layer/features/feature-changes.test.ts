import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import type { LocatedFeature, FeatureChange } from '../../../model/layer.ts';
import { type SystemPackage, featureIdentity } from '../../../model/feature.ts';
import { type PlacedFeature, placeKey } from './feature-census.ts';
import { featureChanges, installedByKey } from './feature-changes.ts';

const [a1, a2, b1] = [deb('a', '1'), deb('a', '2'), deb('b', '1')];

function installed(of: SystemPackage, originDepth: number, namespace = 'debian:12'): LocatedFeature {
  return { feature: of, path: '', namespace, originDepth };
}

function changes(parent: readonly LocatedFeature[], packages: readonly SystemPackage[], namespace = 'debian:12') {
  return featureChanges(installedByKey(parent), {
    features: byKey(packages),
    owners: new Map(),
    namespace,
    depth: 3,
  });
}

function byKey(packages: readonly SystemPackage[]): ReadonlyMap<string, PlacedFeature> {
  return new Map(packages.map((feature) => [featureIdentity(feature), { feature, path: '' }]));
}

describe('the difference to the parent', () => {
  it.each<[string, readonly LocatedFeature[], readonly SystemPackage[], readonly FeatureChange[]]>([
    ['nothing if all packages stay', [installed(a1, 0)], [a1], []],
    ['nothing without packages', [], [], []],
    ['an added package', [], [a1], [{ ...installed(a1, 3), change: 1 }]],
    ['a removed package', [installed(a1, 0)], [], [{ ...installed(a1, 3), change: -1 }]],
    [
      'an upgrade: one removed, one added',
      [installed(a1, 0), installed(b1, 1)],
      [a2, b1],
      [
        { ...installed(a2, 3), change: 1 },
        { ...installed(a1, 3), change: -1 },
      ],
    ],
    ['one of two packages that are listed twice', [], [a1, a1], [{ ...installed(a1, 3), change: 1 }]],
  ])('is %s', (_, parent, packages, expected) => {
    expect(changes(parent, packages)).toEqual(expected);
  });

  it.each<[string, Partial<SystemPackage>]>([
    ['architecture', { arch: 'i386' }],
    ['source', { source: { name: 'src', version: '1' } }],
    ['source version', { source: { name: 'a', version: '0.9' } }],
  ])('distinguishes packages by %s', (_, fields) => {
    const other = { ...a1, ...fields };
    expect(changes([installed(a1, 0)], [other])).toEqual([
      { ...installed(other, 3), change: 1 },
      { ...installed(a1, 3), change: -1 },
    ]);
  });
});

describe('a changed namespace', () => {
  it('moves a remaining package and keeps its origin depth', () => {
    expect(changes([installed(a1, 1, 'debian:11')], [a1])).toEqual([
      { ...installed(a1, 1, 'debian:11'), change: -1 },
      { ...installed(a1, 1, 'debian:12'), change: 1 },
    ]);
  });

  it.each([
    ['found', '', 'debian:12'],
    ['lost', 'debian:12', ''],
  ])('moves the remaining packages when the namespace is %s', (_, before, after) => {
    expect(changes([installed(a1, 0, before)], [a1], after)).toEqual([
      { ...installed(a1, 0, before), change: -1 },
      { ...installed(a1, 0, after), change: 1 },
    ]);
  });

  it('removes from the old namespace and adds to the new namespace', () => {
    expect(changes([installed(a1, 1, 'debian:11')], [a2])).toEqual([
      { ...installed(a2, 3), change: 1 },
      { ...installed(a1, 3, 'debian:11'), change: -1 },
    ]);
  });
});

describe('a third-party package', () => {
  const foreign = { ...b1, vendor: 'nginx.org' };

  it('stays in no namespace, regardless of the release', () => {
    const first = changes([], [a1, foreign], 'debian:11');
    expect(first).toEqual([
      { ...installed(a1, 3, 'debian:11'), change: 1 },
      { ...installed(foreign, 3, ''), change: 1 },
    ]);
    const before = [installed(a1, 3, 'debian:11'), installed(foreign, 3, '')];
    expect(changes(before, [a1, foreign], 'debian:12')).toEqual([
      { ...installed(a1, 3, 'debian:11'), change: -1 },
      { ...installed(a1, 3, 'debian:12'), change: 1 },
    ]);
  });
});

describe('a library in a file of a package', () => {
  const library: PlacedFeature = { feature: { type: 'deb', name: 'x', version: '1', flags: [] }, path: 'usr/x' };
  const owner = { feature: a1, path: '' };
  const key = placeKey(library);
  const at = (
    parent: readonly LocatedFeature[],
    depth: number,
    features: readonly PlacedFeature[],
    by?: SystemPackage | readonly [SystemPackage, ...SystemPackage[]],
    fileDepth = 0,
    namespace = 'debian:12',
  ) =>
    featureChanges(installedByKey(parent), {
      features: new Map(features.map((each) => [placeKey(each), each])),
      owners: new Map(by === undefined ? [] : [[key, { packages: 'name' in by ? [by] : by, depth: fileDepth }]]),
      namespace,
      depth,
    });
  const row = { ...library, namespace: 'debian:12' };

  it('is judged by the namespace of the package', () => {
    expect(at([], 0, [library, owner], a1)).toContainEqual({
      ...row,
      judgedBy: 'debian:12',
      originDepth: 0,
      change: 1,
    });
  });

  it.each<[string, SystemPackage]>([
    ['a third-party package, which no feed covers', { ...a1, vendor: 'Docker' }],
    ['a package that is not installed', b1],
  ])('is judged by its own advisories if the owner is %s', (_, by) => {
    const installedOwner = by.name === 'a' ? [{ feature: by, path: '' }] : [];
    expect(at([], 0, [library, ...installedOwner], by)).toContainEqual({ ...row, originDepth: 0, change: 1 });
  });

  const other = { ...a1, name: 'other' };
  const foreign = { ...a1, name: 'foreign', vendor: 'Docker' };

  it.each<[string, SystemPackage, string | undefined]>([
    ['is judged by the release if one of several packages of the release owns the file', other, 'debian:12'],
    ['is judged by its own advisories if the owner may be a third-party package', foreign, undefined],
  ])('%s', (_, second, judgedBy) => {
    const all = [library, owner, { feature: second, path: '' }];
    const [change] = at([], 0, all, [a1, second]);
    expect(change).toEqual({ ...row, ...(judgedBy && { judgedBy }), originDepth: 0, change: 1 });
  });

  it('is judged by its own advisories once a layer above all packages that may own the file replaced the file', () => {
    const parent = [installed(a1, 0), installed(other, 0)];
    const [change] = at(parent, 1, [library, owner, { feature: other, path: '' }], [a1, other], 1);
    expect(change).toEqual({ ...row, originDepth: 1, change: 1 });
  });

  it('is judged by its own advisories once a layer above the package replaced the file', () => {
    expect(at([installed(a1, 0)], 1, [library, owner], a1, 1)).toEqual([{ ...row, originDepth: 1, change: 1 }]);
  });

  it('is judged by its own advisories once a file with the same library replaced the file', () => {
    const before: LocatedFeature = { ...row, judgedBy: 'debian:12', originDepth: 0 };
    expect(at([installed(a1, 0), before], 1, [library, owner], a1, 1)).toEqual([
      { ...before, change: -1 },
      { ...row, originDepth: 0, change: 1 },
    ]);
  });

  it('has the release of the package even after the end of support, because queries check the end of support', () => {
    const moved = at([], 0, [library, owner], a1, 0, 'debian:9');
    expect(moved).toContainEqual({
      ...library,
      namespace: 'debian:9',
      judgedBy: 'debian:9',
      originDepth: 0,
      change: 1,
    });
  });

  it('keeps its layer when the owner is removed', () => {
    const before: LocatedFeature = { ...row, judgedBy: 'debian:12', originDepth: 0 };
    expect(at([before], 2, [library])).toEqual([
      { ...before, change: -1 },
      { ...row, originDepth: 0, change: 1 },
    ]);
  });

  it('keeps its layer when its flags change', () => {
    const before: LocatedFeature = { ...row, originDepth: 0 };
    const flagged: PlacedFeature = { feature: { type: 'deb', name: 'x', version: '1', flags: ['dev'] }, path: 'usr/x' };
    expect(at([before], 2, [flagged])).toEqual([
      { ...before, change: -1 },
      { ...row, ...flagged, originDepth: 0, change: 1 },
    ]);
  });
});

describe('properties', () => {
  const anyPackage = fc
    .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'), fc.constantFrom('amd64', 'all'))
    .map(([name, version, arch]): SystemPackage => ({ ...deb(name, version), arch }));
  const packages = fc.uniqueArray(anyPackage, { selector: featureIdentity });
  const namespace = fc.constantFrom('', 'debian:11', 'debian:12');
  const layers = fc.array(fc.record({ packages, namespace }), { maxLength: 6 });

  it("applying the changes to the parent's features results in the layer's features", () => {
    fc.assert(
      fc.property(layers, (chain) => {
        let present: readonly LocatedFeature[] = [];
        for (const [depth, layer] of chain.entries()) {
          present = applied(
            present,
            featureChanges(installedByKey(present), {
              ...layer,
              features: byKey(layer.packages),
              owners: new Map(),
              depth,
            }),
          );
          expect(present.map((each) => featureIdentity(each.feature)).toSorted()).toEqual(
            layer.packages.map(featureIdentity).toSorted(),
          );
          expect(present.filter((each) => each.namespace !== layer.namespace)).toEqual([]);
        }
      }),
    );
  });

  it('a remaining package keeps its origin depth across namespaces', () => {
    fc.assert(
      fc.property(layers, (chain) => {
        let present: readonly LocatedFeature[] = [];
        const origins = new Map<string, number>();
        for (const [depth, layer] of chain.entries()) {
          const shown = new Set(layer.packages.map(featureIdentity));
          for (const gone of [...origins.keys()].filter((identity) => !shown.has(identity))) origins.delete(gone);
          for (const identity of shown) origins.set(identity, origins.get(identity) ?? depth);
          present = applied(
            present,
            featureChanges(installedByKey(present), {
              ...layer,
              features: byKey(layer.packages),
              owners: new Map(),
              depth,
            }),
          );
          expect(new Map(present.map((each) => [featureIdentity(each.feature), each.originDepth]))).toEqual(origins);
        }
      }),
    );
  });

  it('equal packages in the same namespace are no change', () => {
    fc.assert(
      fc.property(packages, namespace, (all, where) => {
        const parent = all.map((each) => installed(each, 0, where));
        expect(changes(parent, all, where)).toEqual([]);
      }),
    );
  });
});

/** Returns the features after the changes; throws on removing an absent or adding a present feature. */
function applied(parent: readonly LocatedFeature[], changed: readonly FeatureChange[]): readonly LocatedFeature[] {
  const present = new Map(parent.map((each) => [placeOf(each), each]));
  for (const { change, ...each } of changed.toSorted((a, b) => a.change - b.change)) {
    if (present.has(placeOf(each)) !== (change === -1)) throw new Error(`${change} of ${placeOf(each)}`);
    if (change === 1) present.set(placeOf(each), each);
    else present.delete(placeOf(each));
  }
  return [...present.values()];
}

function placeOf(each: LocatedFeature): string {
  return `${each.namespace}\n${featureIdentity(each.feature)}`;
}
