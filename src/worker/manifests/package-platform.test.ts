import { describe, expect, it } from 'vitest';
import type { Feature } from '../../model/feature.ts';
import { platformOfPackages } from './package-platform.ts';

const packageOf = (type: 'apk' | 'deb' | 'rpm', arch: string): Feature => ({
  type,
  name: 'a',
  version: '1',
  arch,
  source: { name: 'a', version: '1' },
});

describe('the platform of packages', () => {
  it.each([
    ['deb', 'amd64', 'linux/amd64'],
    ['deb', 'armhf', 'linux/arm/v7'],
    ['deb', 'ppc64el', 'linux/ppc64le'],
    ['rpm', 'x86_64', 'linux/amd64'],
    ['rpm', 'aarch64', 'linux/arm64'],
    ['apk', 'x86', 'linux/386'],
    ['apk', 'armhf', 'linux/arm/v6'],
    ['deb', 'all', 'linux/unknown'],
    ['rpm', 'noarch', 'linux/unknown'],
    ['rpm', '', 'linux/unknown'],
  ] as const)('of %s for %s is %s', (type, arch, platform) => {
    expect(platformOfPackages([packageOf(type, arch)])).toBe(platform);
  });

  it('is the platform of most packages', () => {
    const packages = ['all', 'all', 'all', 'i386', 'amd64', 'amd64'].map((arch) => packageOf('deb', arch));
    expect(platformOfPackages(packages)).toBe('linux/amd64');
  });

  it('is unknown without packages of a distribution', () => {
    expect(platformOfPackages([])).toBe('linux/unknown');
    expect(platformOfPackages([{ type: 'npm', name: 'a', version: '1' }])).toBe('linux/unknown');
  });
});
