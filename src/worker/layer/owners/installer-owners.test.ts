import { expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import type { SystemPackage } from '../../../model/feature.ts';
import { type PlacedFeature, placeKey } from '../features/feature-census.ts';
import { installerOwners } from './installer-owners.ts';
import type { FeatureOwners } from './owner-evidence.ts';

const SITE = 'usr/lib/python3/dist-packages';

const LIBRARY: PlacedFeature = {
  feature: { type: 'pypi', name: 'urllib3', version: '2' },
  path: `${SITE}/urllib3-2.dist-info/METADATA`,
};
const KEY = placeKey(LIBRARY);

const FILES = { files: [], depthOf: () => 2 };

it.each<[string, readonly SystemPackage[], readonly string[]]>([
  [
    'the package of its name',
    [deb('python3-urllib3', '1', { name: 'python-urllib3' }), deb('urllib3', '9')],
    ['python3-urllib3'],
  ],
  ['a package with exactly its name', [deb('urllib3', '1')], ['urllib3']],
  ['the only package of its source', [deb('pypy-lib', '1', { name: 'python-urllib3' })], ['pypy-lib']],
  [
    'one of the packages of its source, if there are several',
    [deb('a', '1', { name: 'urllib3' }), deb('b', '1', { name: 'urllib3' })],
    ['a', 'b'],
  ],
  ['no package if none has its name', [deb('python3-requests', '1')], []],
  [
    'no package if only another package manager has a package of its name',
    [{ ...deb('python3-urllib3', '1'), type: 'rpm' }],
    [],
  ],
])('a library that dpkg installed belongs to %s', (_, packages, expected) => {
  const placed = packages.map((feature): PlacedFeature => ({ feature, path: '' }));
  const features = new Map([LIBRARY, ...placed].map((each) => [placeKey(each), each]));
  const owner = installerOwners(features, new Map([[KEY, 'deb']]), new Map(), FILES).get(KEY);
  expect(owner?.packages.map(({ name }) => name) ?? []).toEqual(expected);
  expect(owner?.depth).toBe(expected.length === 0 ? undefined : 2);
});

it('a package that lists the file takes precedence', () => {
  const listed: FeatureOwners = new Map([[KEY, { packages: [deb('other', '1')], depth: 0 }]]);
  const features = new Map(
    [LIBRARY, { feature: deb('python3-urllib3', '1'), path: '' }].map((each) => [placeKey(each), each]),
  );
  expect(installerOwners(features, new Map([[KEY, 'deb']]), listed, FILES)).toBe(listed);
});

it.each<[string, string, readonly string[]]>([
  ['a copy outside the directory of the distribution', 'app/urllib3-2.dist-info/METADATA', []],
  ['a file that is not in the list of the package', `${SITE}/urllib3-2.dist-info/METADATA`, ['python3-urllib3']],
])('%s has no owner', (_, path, withLists) => {
  const copy: PlacedFeature = { ...LIBRARY, path };
  const packages: readonly PlacedFeature[] = [copy, { feature: deb('python3-urllib3', '1'), path: '' }];
  const features = new Map(packages.map((each) => [placeKey(each), each]));
  const ownedPaths = withLists.map((name) => ({ owner: { type: 'deb' as const, name }, paths: ['usr/bin/x'] }));
  const files = [{ ownedPaths, diagnostics: [] }];
  expect(installerOwners(features, new Map([[placeKey(copy), 'deb']]), new Map(), { ...FILES, files }).size).toBe(0);
});
