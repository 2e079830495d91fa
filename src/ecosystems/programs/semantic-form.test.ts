import { describe, expect, it } from 'vitest';
import { semver } from '../../versions/semver.ts';
import { semanticForm } from './semantic-form.ts';

describe('the semantic form of a version', () => {
  it.each([
    ['20.19.2', '20.19.2'],
    ['1.2.3-rc.1+x', '1.2.3-rc.1+x'],
    ['16.1', '16.1.0'],
    ['17beta2', '17.0.0-beta.2'],
    ['3.13.0rc1', '3.13.0-rc.1'],
    ['3.13.0a7', '3.13.0-alpha.7'],
    ['2.9', '2.9.0'],
    ['9.3.2.1', '9.3.2'],
    ['1.2.3.4-rc1', '1.2.3'],
    ['1.2.3.0-rc1', '1.2.3-rc.1'],
    ['1.2.3~rc1', '1.2.3-rc.1'],
    ['1.2.3~beta.2', '1.2.3-beta.2'],
    ['1.2~m3', '1.2.0-m.3'],
    ['1.2CR1', '1.2.0-cr.1'],
    ['1.2.3~git1', '1.2.3~git1'],
    ['1.2~', '1.2~'],
    ['1.2.3.4~git1', '1.2.3.4~git1'],
    ['1.1.1w', '1.1.1'],
    ['1.1.1a', '1.1.1'],
    ['10.11.6-MariaDB-0+deb12u1', '10.11.6-MariaDB-0+deb12u1'],
    ['5.2.15(1)-release', '5.2.15'],
    ['v8', '8.0.0'],
    ['25-ea+30', '25.0.0-ea'],
    ['17.0.21+9', '17.0.21+9'],
    ['unknown', 'unknown'],
    ['1.2.', '1.2.'],
    ['', ''],
  ])('of %j is %j', (version, expected) => {
    expect(semanticForm(version)).toBe(expected);
  });

  it('orders pre-releases before their release', () => {
    const versions = ['3.13.0a1', '3.13.0a10', '3.13.0b2', '3.13.0rc1', '3.13', '3.13.1'];
    const keys = versions.map((version) => Buffer.from(semver.key(semanticForm(version))));
    expect(keys.toSorted((a, b) => Buffer.compare(a, b))).toEqual(keys);
  });
});
