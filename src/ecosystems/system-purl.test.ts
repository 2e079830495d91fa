import { expect, it } from 'vitest';
import { deb } from '../database/testing/packages.ts';
import type { SystemPackage } from '../model/feature.ts';
import { systemPurl } from './system-purl.ts';

it.each([
  [deb('curl', '1.0-1'), 'pkg:deb/debian/curl@1.0-1?arch=amd64&distro=debian-12'],
  [deb('g++', '4:12.2.0-3'), 'pkg:deb/debian/g%2B%2B@4:12.2.0-3?arch=amd64&distro=debian-12'],
  [deb('libssl3', '3', { name: 'openssl' }), 'pkg:deb/debian/libssl3@3?arch=amd64&distro=debian-12&upstream=openssl'],
  [deb('bash', '5+b1', { version: '5' }), 'pkg:deb/debian/bash@5+b1?arch=amd64&distro=debian-12&upstream=bash%405'],
])('%j is %s', (of, expected) => {
  expect(systemPurl(of, { id: 'debian', namespace: 'debian:12' })).toBe(expected);
});

it.each<[SystemPackage, string]>([
  [apk('musl', 'musl'), 'pkg:apk/alpine/musl@1.2.5-r1?arch=x86_64&distro=alpine-v3.18'],
  [apk('musl-utils', 'musl'), 'pkg:apk/alpine/musl-utils@1.2.5-r1?arch=x86_64&distro=alpine-v3.18&upstream=musl'],
  [apk('.build-deps', '.build-deps'), 'pkg:apk/alpine/.build-deps@1.2.5-r1?arch=x86_64&distro=alpine-v3.18'],
])('%j is %s', (of, expected) => {
  expect(systemPurl(of, { id: 'alpine', namespace: 'alpine:v3.18' })).toBe(expected);
});

it.each<[SystemPackage, string]>([
  [rpm('curl', '7.76.1-19.el9'), 'pkg:rpm/almalinux/curl@7.76.1-19.el9?arch=x86_64&distro=almalinux-9'],
  [
    rpm('openssl-libs', '1:3.0.1-47.el9', { name: 'openssl', version: '3.0.1-47.el9' }),
    'pkg:rpm/almalinux/openssl-libs@3.0.1-47.el9?arch=x86_64&distro=almalinux-9&epoch=1&upstream=openssl',
  ],
  [
    rpm('openssl', '1:3.0.1-47.el9', { name: 'openssl', version: '3.0.1-47.el9' }),
    'pkg:rpm/almalinux/openssl@3.0.1-47.el9?arch=x86_64&distro=almalinux-9&epoch=1',
  ],
  [
    rpm('perl-IO', '1.43-480.el9', { name: 'perl', version: '5.32.1-480.el9' }),
    'pkg:rpm/almalinux/perl-IO@1.43-480.el9?arch=x86_64&distro=almalinux-9&upstream=perl%405.32.1-480.el9',
  ],
])('%j is %s', (of, expected) => {
  expect(systemPurl(of, { id: 'almalinux', namespace: 'almalinux:9' })).toBe(expected);
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
