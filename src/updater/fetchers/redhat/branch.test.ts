import { describe, expect, it } from 'vitest';
import { branchOf, withoutBuild } from './branch.ts';

describe('the branch of a version', () => {
  it.each([
    ['7.76.1-14.el9_0.9', 'el9_0', '7.76.1-14.el9_1~'],
    ['1:3.0.7-27.el9_4', 'el9_4', '1:3.0.7-27.el9_5~'],
    ['0.79-8.1.el9_9', 'el9_9', '0.79-8.1.el9_10~'],
    ['1:0.78-12.module+el8.10.0+23147+20b7d289', 'module+el8.10', '1:0.78-12.module+el8.11~'],
    ['1.18-3.module+el8.4.0+1+2a.1', 'module+el8.4', '1.18-3.module+el8.5~'],
    ['5.14.0-70.101.1.el9_0', 'el9_0', '5.14.0-71~'],
    ['5.14.0-70.101.1.rt21.173.el9_0', 'el9_0', '5.14.0-71~'],
    ['3.10.0-1160.102.1.el7', '3.10.0-1160', '3.10.0-1161~'],
    // The package is not a kernel, so its first number does not identify the minor release.
    ['4:20220809-2.20230808.2.el8_8', 'el8_8', '4:20220809-2.20230808.2.el8_9~'],
  ])('of %s is %s and ends at %s', (version, name, end) => {
    expect(branchOf(version, [version])).toEqual({ name, end });
  });

  it.each(['3.0.7-27.el9', '1.2-3', '1.0-1.el7eap', '1-1.redhat_00004.1.el7eap', '1.2'])(
    'of %s is unknown',
    (version) => {
      expect(branchOf(version, [version])).toBeUndefined();
    },
  );

  it('is unknown when two minor releases share the kernel number', () => {
    const versions = ['1.0-20.1.2.el9_2', '1.0-20.1.3.el9_4'];
    expect(branchOf('1.0-20.1.2.el9_2', versions)).toEqual({ name: 'el9_2', end: '1.0-20.1.2.el9_3~' });
    expect(branchOf('1.0-20.1.2.el9', [...versions, '1.0-20.1.2.el9'])).toBeUndefined();
  });
});

describe('builds of a module', () => {
  it('are equal without their build number and context hash', () => {
    const builds = ['1-2.module+el8.8.0+23188+11a20ed6.1', '1-2.module+el8.8.0+23190+d1e34d64.1'];
    expect(new Set(builds.map(withoutBuild))).toEqual(new Set(['1-2.module+el8.8.0.1']));
    expect(withoutBuild('1-2.el8_8')).toBe('1-2.el8_8');
  });
});
