import { describe, expect, it } from 'vitest';
import { findingOf } from '../report/testing/report-builder.ts';
import { isPackage, parsePurl } from './package-pattern.ts';

const found = findingOf({
  package: 'libssl3',
  purl: 'pkg:deb/debian/libssl3@1%3A3.0?arch=amd64&distro=debian-12&upstream=openssl',
  source: { name: 'openssl', version: '1:3.0' },
});

describe('a package of a finding', () => {
  it.each([
    ['libssl3', true],
    ['openssl', true],
    ['libssl', false],
  ])('matches the name %s: %s', (name, expected) => {
    expect(isPackage(found, { name })).toBe(expected);
  });

  it.each([
    ['pkg:deb/debian/libssl3', true],
    ['pkg:deb/debian/libssl3@1:3.0', true],
    ['pkg:deb/debian/libssl3@1%3A3.0?arch=amd64', true],
    ['pkg:deb/debian/libssl3@3.0', false],
    ['pkg:deb/debian/libssl3?arch=arm64', false],
    ['pkg:deb/debian/libssl3?repository_url=https://x.test', false],
    ['pkg:deb/ubuntu/libssl3', false],
    ['pkg:deb/libssl3', false],
    ['pkg:rpm/debian/libssl3', false],
    ['pkg:deb/debian/openssl', false],
    ['pkg:deb/debian/openssl?arch=source', true],
    ['pkg:deb/debian/openssl@1:3.0?arch=source&distro=debian-12', true],
    ['pkg:deb/debian/openssl@3.1?arch=source', false],
    ['pkg:deb/debian/libssl3?arch=source', false],
  ])('matches %s: %s', (text, expected) => {
    expect(isPackage(found, { purl: parsePurl(text)! })).toBe(expected);
  });

  it.each([
    ['pkg:rpm/redhat/openssl?arch=src', 'pkg:rpm/rhel/openssl-libs@3.0?arch=x86_64', true],
    ['pkg:rpm/redhat/openssl-libs@3.0?arch=x86_64', 'pkg:rpm/rhel/openssl-libs@3.0?arch=x86_64', true],
    ['pkg:rpm/redhat/openssl-libs', 'pkg:rpm/almalinux/openssl-libs@3.0?arch=x86_64', false],
    ['pkg:rpm/suse/openssl-libs', 'pkg:rpm/sles/openssl-libs@3.0?arch=x86_64', true],
  ])('may have another vendor name: %s matches %s: %s', (text, purl, expected) => {
    const installed = { package: 'openssl-libs', purl, source: { name: 'openssl', version: '3.0' }, candidates: [] };
    expect(isPackage(installed, { purl: parsePurl(text)! })).toBe(expected);
  });

  it.each([
    ['pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', ['org.apache.logging.log4j:log4j-core'], true],
    ['pkg:maven/org.apache.logging.log4j/log4j-core', ['org.apache.logging.log4j:log4j-core'], true],
    ['pkg:maven/org.apache.logging.log4j/log4j-core@2.15.0', ['org.apache.logging.log4j:log4j-core'], false],
    ['pkg:maven/log4j/log4j-core@2.14.1', ['org.apache.logging.log4j:log4j-core'], false],
    // The package may be either candidate.
    ['pkg:maven/log4j/log4j-core@2.14.1', ['log4j:log4j-core', 'org.apache.logging.log4j:log4j-core'], false],
    ['pkg:generic/log4j-core@2.14.1', ['log4j:log4j-core', 'org.apache.logging.log4j:log4j-core'], true],
    ['pkg:maven/log4j/log4j-core@2.14.1', [], false],
  ])('may be the only candidate: %s matches %j: %s', (text, candidates, expected) => {
    const purl = 'pkg:generic/log4j-core@2.14.1?candidates=a,b';
    const installed = { package: 'log4j-core', purl, source: { name: 'log4j-core', version: '2.14.1' }, candidates };
    expect(isPackage(installed, { purl: parsePurl(text)! })).toBe(expected);
    expect(isPackage(installed, { name: 'log4j-core' })).toBe(true);
    expect(isPackage(installed, { name: 'log4j:log4j-core' })).toBe(
      candidates[0] === 'log4j:log4j-core' && !candidates[1],
    );
  });

  it.each(['', 'curl', 'pkg:', 'pkg:deb', 'pkg:deb/%', `pkg:deb/${'a'.repeat(2000)}`])(
    '%j is not a package URL',
    (text) => {
      expect(parsePurl(text)).toBeUndefined();
    },
  );
});
