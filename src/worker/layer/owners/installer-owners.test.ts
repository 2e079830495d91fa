import { expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import type { SystemPackage } from '../../../model/feature.ts';
import { type PlacedFeature, placeKey } from '../features/feature-census.ts';
import { installerOwners } from './installer-owners.ts';

const LIBRARY: PlacedFeature = { feature: { type: 'pypi', name: 'urllib3', version: '2' }, path: 'x/METADATA' };
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
  const owner = installerOwners(features, new Map([[KEY, 'deb']]), new Map()).get(KEY);
  expect(owner && ('name' in owner ? owner.name : null)).toBe(expected);
});

it('a package that lists the file wins', () => {
  const listed = new Map([[KEY, deb('other', '1')]]);
  const features = new Map(
    [LIBRARY, { feature: deb('python3-urllib3', '1'), path: '' }].map((each) => [placeKey(each), each]),
  );
  expect(installerOwners(features, new Map([[KEY, 'deb']]), listed)).toBe(listed);
});
