import { expect, it } from 'vitest';
import type { SystemPackage } from '../../../model/feature.ts';
import { dependsOnEpoch, type RangeEnd } from './unknown-epochs.ts';

const PACKAGE: SystemPackage = {
  type: 'rpm',
  name: 'dbus',
  version: '1.12-3',
  arch: 'x86_64',
  source: { name: 'dbus', version: '1.12-3' },
  epoch: 'unknown',
};
const end = (parts: Partial<RangeEnd>): RangeEnd => ({ fixed: null, lastAffected: null, isOfSource: false, ...parts });

it.each<[string, RangeEnd, Partial<SystemPackage>, boolean]>([
  ['a fix below the installed version in a later epoch', end({ fixed: '1:1.12-1' }), {}, true],
  ['a fix in the installed version in a later epoch', end({ fixed: '1:1.12-3' }), {}, true],
  ['a fix above the installed version', end({ fixed: '1:1.12-4' }), {}, false],
  ['a fix without an epoch', end({ fixed: '1.12-1' }), {}, false],
  ['a last affected version below the installed version', end({ lastAffected: '1:1.12-1' }), {}, true],
  ['the installed version as the last affected version', end({ lastAffected: '1:1.12-3' }), {}, false],
  ['no fix', end({}), {}, false],
  ['the source package', end({ fixed: '1:1.12-1', isOfSource: true }), {}, false],
  ['a version that cannot be ordered', end({ fixed: '1:1.12-1' }), { version: '' }, false],
])('%s: %o %o depends on the epoch: %s', (_what, range, parts, expected) => {
  expect(dependsOnEpoch({ ...PACKAGE, ...parts }, range)).toBe(expected);
});

it('a known epoch is never in doubt', () => {
  const { epoch: _, ...known } = PACKAGE;
  expect(dependsOnEpoch(known, end({ fixed: '1:1.12-1' }))).toBe(false);
});
