import { expect, it } from 'vitest';
import { releaseOfPlatform } from './platform-release.ts';

it.each([
  ['cpe:/o:redhat:enterprise_linux:9', 'rhel:9'],
  ['cpe:/a:redhat:enterprise_linux:9::appstream', 'rhel:9'],
  ['cpe:/o:redhat:enterprise_linux:9.2', undefined],
  ['cpe:/a:redhat:satellite:6.14::el8', undefined],
  ['cpe:2.3:o:debian:debian_linux:12.0:*:*:*:*:*:*:*', 'debian:12'],
  ['cpe:/o:canonical:ubuntu_linux:22.04:-:lts', 'ubuntu:22.04'],
  ['cpe:/o:suse:sles:15:sp5', 'sles:15.5'],
  ['cpe:/o:suse:sles:15', 'sles:15.0'],
  ['cpe:/o:debian:debian_linux', undefined],
  ['debian:12', undefined],
])('the platform %s is the release %s', (cpe, release) => {
  expect(releaseOfPlatform(cpe)).toBe(release);
});
