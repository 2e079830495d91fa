import { expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import type { SystemPackage } from '../../../model/feature.ts';
import { type PlacedFeature, placeKey } from '../features/feature-census.ts';
import { installerOwners } from './installer-owners.ts';

const SITE = 'usr/lib/python3/dist-packages';

const LIBRARY: PlacedFeature = {
  feature: { type: 'pypi', name: 'urllib3', version: '2' },
  path: `${SITE}/urllib3-2.dist-info/METADATA`,
};
const KEY = placeKey(LIBRARY);

it.each<[string, readonly SystemPackage[], unknown]>([
  [
    'the package of its name',
    [deb('python3-urllib3', '1', { name: 'python-urllib3' }), deb('urllib3', '9')],
    'python3-urllib3',
  ],
  ['a package with exactly its name', [deb('urllib3', '1')], 'urllib3'],
  ['the only package of its source', [deb('pypy-lib', '1', { name: 'python-urllib3' })], 'pypy-lib'],
  [
    'a package without a name, if its source has several',
    [deb('a', '1', { name: 'urllib3' }), deb('b', '1', { name: 'urllib3' })],
    null,
  ],
  ['nobody without such a package', [deb('python3-requests', '1')], undefined],
  ['nobody if only another package manager has it', [{ ...deb('python3-urllib3', '1'), type: 'rpm' }], undefined],
])('a library that dpkg installed belongs to %s', (_, packages, expected) => {
  const placed = packages.map((feature): PlacedFeature => ({ feature, path: '' }));
  const features = new Map([LIBRARY, ...placed].map((each) => [placeKey(each), each]));
  const owner = installerOwners(features, new Map([[KEY, 'deb']]), new Map(), []).get(KEY);
  expect(owner && ('name' in owner ? owner.name : null)).toBe(expected);
});

it('a package that lists the file wins', () => {
  const listed = new Map([[KEY, deb('other', '1')]]);
  const features = new Map(
    [LIBRARY, { feature: deb('python3-urllib3', '1'), path: '' }].map((each) => [placeKey(each), each]),
  );
  expect(installerOwners(features, new Map([[KEY, 'deb']]), listed, [])).toBe(listed);
});

it.each<[string, string, readonly string[]]>([
  ['a copy outside the directory of the distribution', 'app/urllib3-2.dist-info/METADATA', []],
  ['a file that the list of the package does not name', `${SITE}/urllib3-2.dist-info/METADATA`, ['python3-urllib3']],
])('%s belongs to nobody', (_, path, withLists) => {
  const copy: PlacedFeature = { ...LIBRARY, path };
  const packages: readonly PlacedFeature[] = [copy, { feature: deb('python3-urllib3', '1'), path: '' }];
  const features = new Map(packages.map((each) => [placeKey(each), each]));
  const ownedPaths = withLists.map((name) => ({ owner: { type: 'deb' as const, name }, paths: ['usr/bin/x'] }));
  const files = [{ ownedPaths, diagnostics: [] }];
  expect(installerOwners(features, new Map([[placeKey(copy), 'deb']]), new Map(), files).size).toBe(0);
});
