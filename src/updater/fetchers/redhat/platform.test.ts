import { describe, expect, it } from 'vitest';
import type { Component } from './component.ts';
import { readLayeredPlatforms, readPlatform } from './platform.ts';

describe('a Red Hat CPE', () => {
  it.each([
    ['cpe:/o:redhat:enterprise_linux:9', 'rhel:9', 'main'],
    ['cpe:/o:redhat:enterprise_linux:8::baseos', 'rhel:8', 'main'],
    ['cpe:/a:redhat:enterprise_linux:8::appstream', 'rhel:8', 'main'],
    ['cpe:/a:redhat:enterprise_linux:9::highavailability', 'rhel:9', 'main'],
    ['cpe:/o:redhat:enterprise_linux:7::server', 'rhel:7', 'main'],
    ['cpe:/o:redhat:enterprise_linux:10.0', 'rhel:10', 'main'],
    ['cpe:/a:redhat:rhel_extras:7', 'rhel:7', 'main'],
    ['cpe:/a:redhat:rhel_extras_other:6', 'rhel:6', 'main'],
    ['cpe:/a:redhat:rhel_eus:8.6::appstream', 'rhel:8', 'extended'],
    ['cpe:/o:redhat:rhel_aus:8.2::baseos', 'rhel:8', 'extended'],
    ['cpe:/o:redhat:rhel_tus:8.8::baseos', 'rhel:8', 'extended'],
    ['cpe:/a:redhat:rhel_e4s:9.0::appstream', 'rhel:9', 'extended'],
    ['cpe:/a:redhat:rhel_eus_long_life:8.4::appstream', 'rhel:8', 'extended'],
    ['cpe:/o:redhat:enterprise_linux_eus:10.0', 'rhel:10', 'extended'],
    ['cpe:/o:redhat:rhel_els:7', 'rhel:7', 'last'],
  ])('%s is %s, line %s', (cpe, namespace, line) => {
    expect(readPlatform(cpe)).toEqual({ namespace, line });
  });

  it.each([
    'cpe:/a:redhat:openshift:4.16::el9',
    'cpe:/a:redhat:rhel_satellite_client:6::el8',
    'cpe:/a:redhat:rhel_software_collections:3::el7',
    'cpe:/a:redhat:enterprise_linux_ai:3',
    'cpe:/o:redhat:enterprise_linux',
    'cpe:/o:redhat:enterprise_linux:9a',
    'cpe:/o:suse:enterprise_linux:9',
    'cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*',
    '',
  ])('%j is not a platform', (cpe) => {
    expect(readPlatform(cpe)).toBeUndefined();
  });
});

describe('a component of a layered product', () => {
  const all = ['rhel:7', 'rhel:8', 'rhel:9', 'rhel:10'];

  it.each<[string, Omit<Component, 'name'>, string, readonly string[]]>([
    ['cpe:/a:redhat:openshift:4.16::el9', { version: '1-1.rhaos4.16.el8' }, 'openshift:4.16', ['rhel:9']],
    ['cpe:/a:redhat:openshift:4.16', { version: '1-1.rhaos4.16.el8' }, 'openshift:4.16', ['rhel:8']],
    ['cpe:/a:redhat:satellite:6', { version: '1-1.el8sat' }, 'satellite:6', ['rhel:8']],
    ['cpe:/a:redhat:satellite:6', { version: '1-1.module+el8.10.0+1+ab' }, 'satellite:6', ['rhel:8']],
    ['cpe:/a:redhat:satellite:6', { module: 'satellite:el8' }, 'satellite:6', ['rhel:8']],
    ['cpe:/a:redhat:satellite:6', { module: 'nodejs:18' }, 'satellite:6', all],
    ['cpe:/a:redhat:satellite:6', {}, 'satellite:6', all],
    ['cpe:/a:redhat:ocp_tools', {}, 'ocp_tools', all],
    ['cpe:/a:redhat:hummingbird:1', { version: '1.25-1.hum1' }, '', []],
    ['cpe:/a:redhat:enterprise_linux', {}, '', []],
    ['cpe:/a:redhat:rhel_eus:9a', {}, '', []],
    ['cpe:/a:somebody:openshift:4', {}, '', []],
    ['openshift', {}, '', []],
  ])('of %s, with %j, belongs to %s on %j', (cpe, of, product, namespaces) => {
    const told = readLayeredPlatforms(cpe, { name: 'a', ...of });
    expect(told.map(({ namespace }) => namespace)).toEqual(namespaces);
    expect(new Set(told.map((platform) => platform.product))).toEqual(
      new Set(namespaces.length > 0 ? [`cpe:/a:redhat:${product}`] : []),
    );
  });
});
