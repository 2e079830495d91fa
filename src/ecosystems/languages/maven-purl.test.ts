import { describe, expect, it } from 'vitest';
import type { LibraryPackage } from '../../model/feature.ts';
import { ecosystemOf } from '../index.ts';

const CANDIDATES = ['log4j:log4j-core', 'org.apache.logging.log4j:log4j-core'];

function uncertain(candidates: readonly string[] = [], version = '2.14.1'): LibraryPackage {
  return { type: 'maven', name: 'log4j-core', version, ...(candidates.length > 0 && { candidates }) };
}

describe('an artifact whose group is uncertain', () => {
  it.each<[LibraryPackage, string]>([
    [uncertain(), 'pkg:generic/log4j-core@2.14.1'],
    [uncertain([], ''), 'pkg:generic/log4j-core'],
    [
      uncertain(CANDIDATES),
      'pkg:generic/log4j-core@2.14.1?candidates=log4j%3Alog4j-core%2Corg.apache.logging.log4j%3Alog4j-core',
    ],
    // These names are not coordinates.
    [{ type: 'maven', name: ':a', version: '1' }, 'pkg:generic/%3Aa@1'],
    [{ type: 'maven', name: 'a:', version: '1' }, 'pkg:generic/a%3A@1'],
    [{ type: 'maven', name: 'a:b:c', version: '1' }, 'pkg:generic/a%3Ab%3Ac@1'],
    [{ type: 'maven', name: 'a/b:c', version: '1' }, 'pkg:generic/a%2Fb%3Ac@1'],
  ])('%j has the package URL %s', (feature, expected) => {
    expect(ecosystemOf(feature).purl(feature, null)).toBe(expected);
  });

  it('is not covered by advisories without a candidate', () => {
    const namespaceOf = (feature: LibraryPackage): string => ecosystemOf(feature).namespaceOf(feature, 'debian:12');
    expect(namespaceOf(uncertain())).toBe('');
    expect(namespaceOf(uncertain(CANDIDATES))).toBe('maven');
    expect(namespaceOf({ ...uncertain(), name: 'log4j:log4j-core' })).toBe('maven');
  });

  it.each([
    [uncertain(CANDIDATES), CANDIDATES],
    // Names in advisories have a group.
    [uncertain(), ['log4j-core']],
  ])('%j is looked up as %j', (feature, expected) => {
    expect(ecosystemOf(feature).lines(feature)).toEqual(expected.map((name) => ({ name, version: '2.14.1' })));
  });
});
