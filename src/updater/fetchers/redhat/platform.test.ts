import { describe, expect, it } from 'vitest';
import { readPlatform } from './platform.ts';

describe('a CPE of Red Hat', () => {
  it.each([
    ['cpe:/o:redhat:enterprise_linux:9', 'rhel:9', 'main'],
    ['cpe:/o:redhat:enterprise_linux:8::baseos', 'rhel:8', 'main'],
    ['cpe:/a:redhat:enterprise_linux:8::appstream', 'rhel:8', 'main'],
    ['cpe:/a:redhat:enterprise_linux:9::highavailability', 'rhel:9', 'main'],
    ['cpe:/o:redhat:enterprise_linux:7::server', 'rhel:7', 'main'],
    ['cpe:/o:redhat:enterprise_linux:10.0', 'rhel:10', 'main'],
    ['cpe:/a:redhat:rhel_extras:7', 'rhel:7', 'main'],
    ['cpe:/a:redhat:rhel_eus:8.6::appstream', 'rhel:8', 'extended'],
    ['cpe:/o:redhat:rhel_aus:8.2::baseos', 'rhel:8', 'extended'],
    ['cpe:/o:redhat:rhel_tus:8.8::baseos', 'rhel:8', 'extended'],
    ['cpe:/a:redhat:rhel_e4s:9.0::appstream', 'rhel:9', 'extended'],
    ['cpe:/a:redhat:rhel_eus_long_life:8.4::appstream', 'rhel:8', 'extended'],
    ['cpe:/o:redhat:enterprise_linux_eus:10.0', 'rhel:10', 'extended'],
    ['cpe:/o:redhat:rhel_els:7', 'rhel:7', 'last'],
  ])('%s is of %s, its %s line', (cpe, namespace, line) => {
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
  ])('%j is of none', (cpe) => {
    expect(readPlatform(cpe)).toBeUndefined();
  });
});
