import { describe, expect, it } from 'vitest';
import { deb } from '../database/testing/packages.ts';
import type { SystemPackage } from '../model/feature.ts';
import type { PurlDistribution } from './ecosystem.ts';
import { featureOfPurl } from './index.ts';
import { parsePackageUrl } from './package-url.ts';
import { systemPurl } from './system-purl.ts';

it.each([
  [deb('curl', '1.0-1'), 'pkg:deb/debian/curl@1.0-1?arch=amd64&distro=debian-12'],
  [deb('g++', '4:12.2.0-3'), 'pkg:deb/debian/g%2B%2B@4:12.2.0-3?arch=amd64&distro=debian-12'],
  [deb('libssl3', '3', { name: 'openssl' }), 'pkg:deb/debian/libssl3@3?arch=amd64&distro=debian-12&upstream=openssl'],
  [deb('bash', '5+b1', { version: '5' }), 'pkg:deb/debian/bash@5+b1?arch=amd64&distro=debian-12&upstream=bash%405'],
])('%j is %s', (of, expected) => {
  expect(systemPurl(of, { id: 'debian', namespace: 'debian:12', version: '12' })).toBe(expected);
});

it.each<[SystemPackage, string]>([
  [apk('musl', 'musl'), 'pkg:apk/alpine/musl@1.2.5-r1?arch=x86_64&distro=alpine-3.18.4'],
  [apk('musl-utils', 'musl'), 'pkg:apk/alpine/musl-utils@1.2.5-r1?arch=x86_64&distro=alpine-3.18.4&upstream=musl'],
  [apk('.build-deps', '.build-deps'), 'pkg:apk/alpine/.build-deps@1.2.5-r1?arch=x86_64&distro=alpine-3.18.4'],
])('%j is %s', (of, expected) => {
  expect(systemPurl(of, { id: 'alpine', namespace: 'alpine:v3.18', version: '3.18.4' })).toBe(expected);
});

it.each<[SystemPackage, string]>([
  [rpm('curl', '7.76.1-19.el9'), 'pkg:rpm/almalinux/curl@7.76.1-19.el9?arch=x86_64&distro=almalinux-9.3'],
  [
    rpm('openssl-libs', '1:3.0.1-47.el9', { name: 'openssl', version: '3.0.1-47.el9' }),
    'pkg:rpm/almalinux/openssl-libs@3.0.1-47.el9?arch=x86_64&distro=almalinux-9.3&epoch=1&upstream=openssl-3.0.1-47.el9.src.rpm',
  ],
  [
    rpm('openssl', '1:3.0.1-47.el9', { name: 'openssl', version: '3.0.1-47.el9' }),
    'pkg:rpm/almalinux/openssl@3.0.1-47.el9?arch=x86_64&distro=almalinux-9.3&epoch=1',
  ],
  [
    rpm('perl-IO', '1.43-480.el9', { name: 'perl', version: '5.32.1-480.el9' }),
    'pkg:rpm/almalinux/perl-IO@1.43-480.el9?arch=x86_64&distro=almalinux-9.3&upstream=perl-5.32.1-480.el9.src.rpm',
  ],
])('%j is %s', (of, expected) => {
  expect(systemPurl(of, { id: 'almalinux', namespace: 'almalinux:9', version: '9.3' })).toBe(expected);
});

const RHEL = { id: 'rhel', namespace: 'rhel:9', version: '9.4' };
const EDGE = { id: 'alpine', namespace: 'alpine:edge', version: '3.21.0_alpha20240923' };

it.each<[string, SystemPackage, PurlDistribution, string]>([
  [
    'a module, under the name of the vendor',
    { ...rpm('nodejs', '1:20.1-1.module+el9'), module: 'nodejs:20:9040020240101:abc' },
    RHEL,
    'pkg:rpm/redhat/nodejs@20.1-1.module+el9?arch=x86_64&distro=rhel-9.4&epoch=1&rpmmod=nodejs%3A20%3A9040020240101%3Aabc&upstream=nodejs-1%3A20.1-1.module%2Bel9.src.rpm',
  ],
  [
    'a third-party package',
    { ...rpm('nginx', '1.26'), vendor: 'NGINX Packaging' },
    RHEL,
    'pkg:rpm/redhat/nginx@1.26?arch=x86_64&distro=rhel-9.4&vendor=NGINX%20Packaging',
  ],
  [
    'a package of the vendor',
    { ...rpm('bash', '5'), vendor: 'Red Hat, Inc.' },
    RHEL,
    'pkg:rpm/redhat/bash@5?arch=x86_64&distro=rhel-9.4',
  ],
  [
    'a package of openSUSE',
    rpm('bash', '5'),
    { id: 'opensuse-leap', namespace: 'opensuse-leap:15.6', version: '15.6' },
    'pkg:rpm/opensuse/bash@5?arch=x86_64&distro=opensuse-leap-15.6',
  ],
  [
    'a release that VERSION_ID does not state',
    apk('a', 'a'),
    EDGE,
    'pkg:apk/alpine/a@1.2.5-r1?arch=x86_64&distro=alpine-edge',
  ],
  [
    'a rolling release',
    apk('a', 'a'),
    { id: 'wolfi', namespace: 'wolfi', version: '20230201' },
    'pkg:apk/wolfi/a@1.2.5-r1?arch=x86_64&distro=wolfi-20230201',
  ],
])('writes %s', (_what, of, distribution, expected) => {
  expect(systemPurl(of, distribution)).toBe(expected);
});

describe('a package URL of another tool', () => {
  it.each<[string, string, Partial<SystemPackage>]>([
    [
      'the source as a file',
      'pkg:rpm/redhat/a-libs@1-2?upstream=a-b-1-2.el9.src.rpm',
      { source: { name: 'a-b', version: '1-2.el9' } },
    ],
    ['nosrc', 'pkg:rpm/redhat/a@1-2?upstream=b-1-2.nosrc.rpm', { source: { name: 'b', version: '1-2' } }],
    ['an epoch', 'pkg:rpm/redhat/a@1-2?epoch=3', { version: '3:1-2', source: { name: 'a', version: '1-2' } }],
    ['the same epoch twice', 'pkg:rpm/redhat/a@3:1-2?epoch=3', { version: '3:1-2' }],
    ['an epoch of 0', 'pkg:rpm/redhat/a@1-2?epoch=0', { version: '1-2' }],
    ['no epoch as rpm writes it', 'pkg:rpm/redhat/a@(none):1-2', { version: '1-2' }],
    ['two different epochs, which stay invalid', 'pkg:rpm/redhat/a@1:1-2?epoch=3', { version: '3:1:1-2' }],
    ['the label of Trivy', 'pkg:rpm/redhat/a@1-2?modularitylabel=a:1', { module: 'a:1' }],
    ['a package of a default stream', 'pkg:rpm/ol/a@1-2.module+el8', { module: '' }],
    [
      'the Debian epoch',
      'pkg:deb/debian/login@1%3A4.13?upstream=shadow',
      { version: '1:4.13', source: { name: 'shadow', version: '1:4.13' } },
    ],
    ['a source with a version', 'pkg:deb/debian/a@2?upstream=b@1+b1', { source: { name: 'b', version: '1+b1' } }],
    ['the type of old versions of Syft', 'pkg:alpine/musl@1.2-r1', { type: 'apk', version: '1.2-r1' }],
    ['no architecture', 'pkg:deb/debian/a@1', { arch: '' }],
  ])('with %s: %s', (_what, text, expected) => {
    const purl = parsePackageUrl(text);
    const read = purl && featureOfPurl(purl);
    expect(read ?? {}).toMatchObject(expected);
  });

  it('without a version is not a package', () => {
    const purl = parsePackageUrl('pkg:deb/debian/a');
    expect(purl && featureOfPurl(purl)).toBeUndefined();
  });

  it('of a module without a label is in no module', () => {
    const purl = parsePackageUrl('pkg:rpm/redhat/a@1-2.module+el8');
    expect(purl && featureOfPurl(purl)).not.toHaveProperty('module');
  });
});

it('omits unknown parts', () => {
  expect(systemPurl({ ...deb('a', '1'), arch: '' }, null)).toBe('pkg:deb/a@1');
});

function apk(name: string, origin: string): SystemPackage {
  const version = '1.2.5-r1';
  return { type: 'apk', name, version, arch: 'x86_64', source: { name: origin, version } };
}

function rpm(name: string, version: string, source: SystemPackage['source'] = { name, version }): SystemPackage {
  return { type: 'rpm', name, version, arch: 'x86_64', source };
}
