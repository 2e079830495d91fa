import { expect, it } from 'vitest';
import { DEBIAN_RELEASES, debianNamespace } from './debian-releases.ts';

it.each([
  ['potato', 'debian:2.2'],
  ['woody', 'debian:3.0'],
  ['sarge', 'debian:3.1'],
  ['etch', 'debian:4'],
  ['buster', 'debian:10'],
  ['bookworm', 'debian:12'],
  ['trixie', 'debian:13'],
  ['forky', 'debian:14'],
  ['duke', 'debian:15'],
  ['sid', 'debian:unstable'],
  ['unstable', 'debian:unstable'],
  ['stable', undefined],
  ['Bookworm', undefined],
  ['constructor', undefined],
  ['', undefined],
])('%s is %s', (codename, namespace) => {
  expect(debianNamespace(codename)).toBe(namespace);
});

it.each(['codename', 'version'] as const)('each %s is unique', (field) => {
  const values = DEBIAN_RELEASES.map((release) => release[field]);
  expect(new Set(values).size).toBe(values.length);
});
