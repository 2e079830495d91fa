import { describe, expect, it } from 'vitest';
import { matchedNames, type Package, packageIdentity } from './package.ts';

const PACKAGE: Package = {
  kind: 'rpm',
  name: 'nginx',
  version: '1.24.0-4',
  arch: 'x86_64',
  source: { name: 'nginx', version: '1.24.0-4' },
};

describe('two packages are one', () => {
  it('when all their fields are equal', () => {
    expect(packageIdentity({ ...PACKAGE, module: '' })).toBe(packageIdentity({ ...PACKAGE, module: '' }));
  });

  it.each<[string, Partial<Package>]>([
    ['name', { name: 'nginx-core' }],
    ['version', { version: '1.24.0-5' }],
    ['architecture', { arch: 'aarch64' }],
    ['source', { source: { name: 'nginx', version: '1.24.0-5' } }],
    ['vendor', { vendor: 'A vendor' }],
    ['module', { module: 'nginx:1.24:1:c' }],
    ['module, where one has none and the other an empty one', { module: '' }],
  ])('but not with another %s', (_, parts) => {
    expect(packageIdentity({ ...PACKAGE, ...parts })).not.toBe(packageIdentity(PACKAGE));
  });
});

describe('feeds speak of', () => {
  const binary = { name: 'nginx-core', version: '2:1.24.0-4' };
  const source = { name: 'nginx', version: '1.24.0-4' };
  it.each<[Package['kind'], readonly object[]]>([
    ['deb', [source]],
    ['apk', [source]],
    ['rpm', [binary, { ...source, by: 'source' }]],
  ])('%s packages as %j', (kind, expected) => {
    expect(matchedNames({ ...PACKAGE, ...binary, kind, source })).toEqual(expected);
  });
});
