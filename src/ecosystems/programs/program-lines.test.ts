import { describe, expect, it } from 'vitest';
import { conda } from './conda.ts';
import { generic } from './generic.ts';
import { otp } from './otp.ts';

describe('a program without a package manager', () => {
  it('is matched with the advisories of Bitnami under the name that they use', () => {
    const java = { type: 'generic', name: 'openjdk', version: '8.0.392+8', matchedAs: 'java' };
    expect(generic.namespaceOf(java, 'debian:12')).toBe('bitnami');
    expect(generic.lines(java)).toEqual([{ name: 'java', version: '8.0.392+8' }]);
    expect(generic.lines({ ...java, version: '16.1' })).toEqual([{ name: 'java', version: '16.1.0' }]);
    expect(generic.purl(java, null)).toBe('pkg:generic/openjdk@8.0.392+8?matched_as=java');
  });

  it('is only listed without such a name', () => {
    expect(generic.namespaceOf({ type: 'generic', name: 'curl', version: '8.1.0' }, 'debian:12')).toBe('');
  });
});

describe('an Erlang application', () => {
  it.each([
    ['cowboy', 'hex'],
    ['ssl', ''],
    ['elixir', ''],
  ])('is a package of Hex, unless it is a part of Erlang/OTP or Elixir: %s', (name, namespace) => {
    expect(otp.namespaceOf({ type: 'otp', name, version: '1.0' }, '')).toBe(namespace);
  });

  it('is looked up in lower case, because advisories differ in the case of names', () => {
    expect(otp.lines({ type: 'otp', name: 'Samly', version: '1.4.0' })).toEqual([{ name: 'samly', version: '1.4.0' }]);
  });

  it('has a version with three numbers', () => {
    expect(otp.lines({ type: 'otp', name: 'ranch', version: '1.8' })).toEqual([{ name: 'ranch', version: '1.8.0' }]);
    expect(otp.purl({ type: 'otp', name: 'ranch', version: '1.8' }, null)).toBe('pkg:hex/ranch@1.8');
    expect(otp.purl({ type: 'otp', name: 'stdlib', version: '5.2' }, null)).toBe('pkg:otp/stdlib@5.2');
  });
});

it('a Conda package has no advisories', () => {
  const zlib = { type: 'conda', name: 'zlib', version: '1.3.1' };
  expect([conda.namespaceOf(zlib, ''), conda.purl(zlib, null)]).toEqual(['', 'pkg:conda/zlib@1.3.1']);
});
