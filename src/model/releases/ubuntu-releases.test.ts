import { expect, it } from 'vitest';
import { UBUNTU_RELEASES, ubuntuNamespace } from './ubuntu-releases.ts';

it.each([
  ['warty', 'ubuntu:4.10'],
  ['dapper', 'ubuntu:6.06'],
  ['hardy', 'ubuntu:8.04'],
  ['trusty', 'ubuntu:14.04'],
  ['bionic', 'ubuntu:18.04'],
  ['jammy', 'ubuntu:22.04'],
  ['resolute', 'ubuntu:26.04'],
  ['stonking', 'ubuntu:26.10'],
  ['devel', undefined],
  ['upstream', undefined],
  ['Bionic', undefined],
  ['bionic/esm', undefined],
  ['constructor', undefined],
  ['', undefined],
])('%s is %s', (codename, namespace) => {
  expect(ubuntuNamespace(codename)).toBe(namespace);
});

it.each(['codename', 'version'] as const)('each %s is unique', (field) => {
  const values = UBUNTU_RELEASES.map((release) => release[field]);
  expect(new Set(values).size).toBe(values.length);
});

it('releases are in April and October, in 2006 in June, and alphabetical from 2006 on', () => {
  const months = ['4.10', ...Array.from({ length: 22 }, (_, at) => [`${at + 5}.04`, `${at + 5}.10`]).flat()];
  expect(UBUNTU_RELEASES.map(({ version }) => version)).toEqual(
    months.map((month) => (month === '6.04' ? '6.06' : month)),
  );
  const initials = UBUNTU_RELEASES.slice(3).map(({ codename }) => codename.charCodeAt(0) - 'a'.charCodeAt(0));
  expect(initials).toEqual(initials.map((_, at) => (at + 3) % 26));
});
