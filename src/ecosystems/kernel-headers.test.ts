import { describe, expect, it } from 'vitest';
import { findingClassOf } from './index.ts';
import type { SystemPackage, SystemPackageType } from '../model/feature.ts';

describe('kernel headers', () => {
  it.each<[SystemPackageType, string, string, boolean]>([
    // Debian and Ubuntu
    ['deb', 'linux-libc-dev', 'linux', true],
    ['deb', 'linux-libc-dev-arm64-cross', 'linux', true],
    ['deb', 'linux-headers-6.1.0-18-amd64', 'linux', true],
    ['deb', 'linux-headers-amd64', 'linux-signed-amd64', true],
    ['deb', 'linux-headers-5.15.0-91-generic', 'linux', true],
    ['deb', 'linux-aws-5.15-headers-5.15.0-1051', 'linux-aws-5.15', true],
    ['deb', 'linux-kbuild-6.1', 'linux', true],
    ['deb', 'linux-image-6.1.0-18-amd64', 'linux-signed-amd64', false],
    ['deb', 'linux-perf', 'linux', false],
    ['deb', 'linux-headers-of-another', 'another', false],
    ['deb', 'libc6-dev', 'glibc', false],
    // The Red Hat family, SUSE, Amazon, Photon, Azure Linux
    ['rpm', 'kernel-headers', 'kernel', true],
    ['rpm', 'kernel-headers', 'kernel-headers', true],
    ['rpm', 'kernel-devel', 'kernel', true],
    ['rpm', 'kernel-rt-debug-devel', 'kernel-rt', true],
    ['rpm', 'kernel-64k-devel-matched', 'kernel', true],
    ['rpm', 'kernel-uek-devel', 'kernel-uek', true],
    ['rpm', 'kernel6.12-headers', 'kernel6.12', true],
    ['rpm', 'kernel-default-devel', 'kernel-default', true],
    ['rpm', 'linux-glibc-devel', 'linux-glibc-devel', true],
    ['rpm', 'linux-api-headers', 'linux-api-headers', true],
    ['rpm', 'linux-esx-devel', 'linux-esx', true],
    ['rpm', 'kernel-core', 'kernel', false],
    ['rpm', 'kernel-tools-libs-devel', 'kernel', false],
    ['rpm', 'kernel-tools', 'kernel', false],
    ['rpm', 'glibc-devel', 'glibc', false],
    ['rpm', 'kernelshark-devel', 'kernelshark', false],
    // Alpine, Wolfi, Chainguard
    ['apk', 'linux-headers', 'linux-headers', true],
    ['apk', 'linux-lts-dev', 'linux-lts', true],
    ['apk', 'linux-pam-dev', 'linux-pam', false],
    ['apk', 'linux-lts', 'linux-lts', false],
    ['apk', 'musl-dev', 'musl', false],
  ])('%s %s of %s: %s', (type, name, source, expected) => {
    expect(findingClassOf(packageOf(type, name, source))).toBe(expected ? 'kernel-headers' : 'package');
  });

  it('are recognised in bounded time for hostile names', () => {
    const name = `linux-${'a-'.repeat(50_000)}`;
    expect(findingClassOf(packageOf('deb', name, 'linux'))).toBe('package');
    expect(findingClassOf(packageOf('rpm', `kernel-${name}`, 'kernel'))).toBe('package');
  });
});

function packageOf(type: SystemPackageType, name: string, source: string): SystemPackage {
  return { type, name, version: '1', arch: 'x86_64', source: { name: source, version: '1' } };
}
