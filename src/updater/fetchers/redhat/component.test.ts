import { describe, expect, it } from 'vitest';
import { type Component, readComponent, readModule } from './component.ts';

describe('a component', () => {
  it.each<[string, Component]>([
    [
      'pkg:rpm/redhat/a-libs@3.0-27.el9?arch=x86_64&epoch=1',
      { name: 'a-libs', version: '1:3.0-27.el9', arch: 'x86_64' },
    ],
    ['pkg:rpm/redhat/a@3.0-27.el9?arch=noarch&epoch=0', { name: 'a', version: '3.0-27.el9', arch: 'noarch' }],
    ['pkg:rpm/redhat/a@3.0-27.el9?arch=src&epoch=1', { name: 'a', role: 'source', version: '3.0-27.el9' }],
    ['pkg:rpm/redhat/a@3.0-27.el9', { name: 'a', version: '3.0-27.el9' }],
    ['pkg:rpm/redhat/a', { name: 'a' }],
    ['pkg:rpm/redhat/a?arch=src', { name: 'a', role: 'source' }],
    ['pkg:rpm/redhat/libstdc%2B%2B?arch=x86_64', { name: 'libstdc++', arch: 'x86_64' }],
    [
      'pkg:rpm/redhat/a@1-2.module%2Bel8.1.0%2B3%2B4f?arch=x86_64&rpmmod=m:1.2:8010020250529:69ef',
      { name: 'a', version: '1-2.module+el8.1.0+3+4f', arch: 'x86_64', module: 'm:1.2' },
    ],
    ['pkg:rpm/redhat/a@rhel8?arch=src&rpmmod=a:rhel8', { name: 'a', role: 'source', module: 'a:rhel8' }],
    ['pkg:rpm/redhat/a?rpmmod=rhel10', { name: 'a', diagnostic: 'invalid module rhel10, expected name:stream' }],
    ['pkg:rpm/redhat/a@1%20-2', { name: 'a' }],
    [`pkg:rpm/redhat/a@1-${'1'.repeat(1022)}`, { name: 'a' }],
    ['pkg:rpm/redhat/a?arch=%', { name: 'a', arch: '%' }],
    ['pkg:rpm/redhat/a%20b', { name: 'a b', diagnostic: 'invalid package name a b' }],
  ])('%s', (purl, expected) => {
    expect(readComponent('any', purl)).toEqual(expected);
  });

  it.each(['pkg:oci/a?repository_url=b', 'pkg:golang/stdlib@1.20', 'pkg:rpm/suse/a', 'pkg:generic/a', ''])(
    'is not an rpm package when it is %j',
    (purl) => {
      expect(readComponent('any', purl)).toBeUndefined();
    },
  );

  it.each<[string, Component | undefined]>([
    ['vim', { name: 'vim', role: 'source' }],
    ['vim.src', { name: 'vim', role: 'source' }],
    ['java-1.8.0-openjdk', { name: 'java-1.8.0-openjdk', role: 'source' }],
    ['nodejs:16/nodejs', { name: 'nodejs', role: 'source', module: 'nodejs:16' }],
    ['a-libs-1:3.0-27.el9.x86_64', { name: 'a-libs', version: '1:3.0-27.el9', arch: 'x86_64' }],
    ['a-0:3.0-27.el9.src', { name: 'a', role: 'source', version: '3.0-27.el9' }],
    ['rhel9/podman', undefined],
    ['openshift4/ose-hyperkube@sha256:abc', undefined],
  ])('without a package URL, %s', (id, expected) => {
    expect(readComponent(id, undefined)).toEqual(expected);
  });

  it.each([
    ['nodejs:18:8090020240301:abc', undefined, 'nodejs:18'],
    ['m', 'pkg:rpmmod/redhat/nodejs@18:8090020240301:abc', 'nodejs:18'],
    ['m', 'pkg:rpmmod/redhat/nodejs@18%3A8090020240301%3Aabc', 'nodejs:18'],
    ['BaseOS-8', undefined, undefined],
    ['a:b/c', undefined, undefined],
    ['a:b', 'pkg:rpm/redhat/a@1-1', undefined],
  ])('has the module that %s (%s) names: %s', (id, purl, expected) => {
    expect(readModule(id, purl)).toBe(expected);
  });
});
