import { describe, expect, it } from 'vitest';
import { deb } from '../database/testing/packages.ts';
import type { SystemPackage } from '../model/feature.ts';
import { DISTRIBUTIONS } from '../worker/detectors/os/distributions.ts';
import { ecosystemOf } from './index.ts';

function rpm(vendor?: string): SystemPackage {
  const version = '1-1';
  return {
    type: 'rpm',
    name: 'a',
    version,
    arch: 'x86_64',
    source: { name: 'a', version },
    ...(vendor !== undefined && { vendor }),
  };
}

function namespaceOf(of: SystemPackage, release: string): string {
  return ecosystemOf(of).namespaceOf(of, release);
}

function apk(name: string): SystemPackage {
  return { type: 'apk', name, version: '1-r0', arch: 'x86_64', source: { name, version: '1-r0' } };
}

describe('an rpm package is matched if its vendor is the distribution', () => {
  it.each([
    ['rhel:9', 'Red Hat, Inc.'],
    ['rhel:5', 'Red Hat, Inc. <http://bugzilla.redhat.com/bugzilla>'],
    ['centos:7', 'CentOS'],
    ['centos-stream:9', 'CentOS'],
    ['almalinux:9', 'AlmaLinux'],
    ['almalinux:9', 'CentOS'],
    ['rocky:8', 'Rocky'],
    ['rocky:9', 'Rocky Enterprise Software Foundation'],
    ['oracle:8', 'Oracle America'],
    ['fedora:40', 'Fedora Project'],
    ['amzn:2', 'Amazon Linux'],
    ['amzn:2018.03', 'Amazon.com'],
    ['sles:15.5', 'SUSE LLC <https://www.suse.com/>'],
    ['sles:12.5', 'SUSE LINUX Products GmbH, Nuernberg, Germany'],
    ['opensuse-leap:15.6', 'openSUSE'],
    ['opensuse-leap:15.6', 'SUSE LLC <https://www.suse.com/>'],
    ['opensuse-tumbleweed', 'obs://build.opensuse.org/openSUSE:Factory'],
    ['photon:5.0', 'VMware, Inc.'],
    ['azurelinux:3.0', 'Microsoft Corporation'],
    ['mariner:2.0', 'Microsoft Corporation'],
    ['arch', 'Anybody'],
    ['altlinux:10', 'Anybody'],
  ])('%s: %s', (namespace, vendor) => {
    expect(namespaceOf(rpm(vendor), namespace)).toBe(namespace);
  });

  it.each([
    ['rhel:9', 'Fedora Project'],
    ['almalinux:9', "Remi's RPM repository <https://rpms.remirepo.net/>"],
    ['almalinux:8', 'Remi Collet'],
    ['rocky:9', 'NGINX Packaging <nginx-packaging@f5.com>'],
    ['centos:7', 'PostgreSQL Global Development Group'],
    ['oracle:8', 'Oracle and/or its affiliates'],
    ['amzn:2', 'Fedora Project'],
    ['fedora:40', 'RPM Fusion'],
    ['opensuse-leap:15.6', 'obs://build.opensuse.org/home:somebody'],
    ['opensuse-leap:15.6', 'obs://build.opensuse.org/server:http'],
    ['opensuse-leap:15.6', 'http://packman.links2linux.de'],
    ['mariner:2.0', 'Docker'],
  ])('%s rejects %s', (namespace, vendor) => {
    expect(namespaceOf(rpm(vendor), namespace)).toBe('');
  });

  it.each(DISTRIBUTIONS.map(({ namespace }) => namespace))('a package without a vendor is matched: %s', (namespace) => {
    expect(namespaceOf(rpm(), `${namespace}:1`)).toBe(`${namespace}:1`);
  });
});

describe('other packages', () => {
  it('of dpkg are matched unless they are from a known third party', () => {
    expect(namespaceOf(deb('a', '1'), 'debian:12')).toBe('debian:12');
    expect(namespaceOf({ ...deb('a', '1'), vendor: 'nginx.org' }, 'debian:12')).toBe('');
  });

  it('of apk are matched unless they are virtual', () => {
    expect(namespaceOf(apk('a'), 'alpine:v3.18')).toBe('alpine:v3.18');
    expect(namespaceOf(apk('.build-deps'), 'alpine:v3.18')).toBe('');
  });

  it('of any type are not matched without an operating system', () => {
    expect(namespaceOf(rpm('Red Hat, Inc.'), '')).toBe('');
  });
});
