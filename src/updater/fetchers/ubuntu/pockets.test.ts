import { expect, it } from 'vitest';
import { type Pocket, readPocket } from './pockets.ts';

it.each<[string, Pocket | undefined]>([
  ['bionic', { kind: 'archive', codename: 'bionic', namespace: 'ubuntu:18.04' }],
  ['dapper', { kind: 'archive', codename: 'dapper', namespace: 'ubuntu:6.06' }],
  ['ubuntu/noble', { kind: 'archive', codename: 'noble', namespace: 'ubuntu:24.04' }],
  ['trusty/esm', { kind: 'esm', codename: 'trusty', namespace: 'ubuntu:14.04' }],
  ['esm-infra/xenial', { kind: 'esm', codename: 'xenial', namespace: 'ubuntu:16.04' }],
  ['esm-apps/jammy', { kind: 'esm', codename: 'jammy', namespace: 'ubuntu:22.04' }],
  ['esm-infra-legacy/trusty', { kind: 'esm', codename: 'trusty', namespace: 'ubuntu:14.04' }],
  ['upstream', { kind: 'other' }],
  ['devel', { kind: 'other' }],
  ['product', { kind: 'other' }],
  ['snap', { kind: 'other' }],
  ['fips/focal', { kind: 'other' }],
  ['fips-updates/jammy', { kind: 'other' }],
  ['ros-esm/kinetic/melodic', { kind: 'other' }],
  ['realtime/jammy', { kind: 'other' }],
  ['vivid/ubuntu-core', { kind: 'other' }],
  ['brand-new-product/noble', { kind: 'other' }],
  ['nowhere', undefined],
  ['esm-infra/nowhere', undefined],
  ['constructor', undefined],
  ['', undefined],
])('%s', (words, expected) => expect(readPocket(words)).toEqual(expected));
