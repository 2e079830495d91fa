import { describe, expect, it } from 'vitest';
import { findingOf, libraryFindingOf } from '../testing/report-builder.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { upgradesOf } from './upgrades.ts';

function told(...findings: readonly ReportFinding[]): readonly string[] {
  return upgradesOf(findings).map(({ name, version, fixes }) => `${name} ${version}: ${fixes.length}`);
}

describe('upgrades', () => {
  it('are grouped by source package, with the highest version in the order of the package manager', () => {
    const source = { name: 'openssl', version: '1' };
    const fixes = ['1.9', '1.10', '1.10~rc1'].map((fixedIn) => findingOf({ package: 'libssl3', source, fixedIn }));
    expect(told(...fixes, findingOf({ fixedIn: '2' }))).toEqual(['openssl 1.10: 3', 'curl 2: 1']);
  });

  it('use the first fix of an unknown package type, as a newer server may report', () => {
    const found = [
      findingOf({ type: 'later', fixedIn: '2' }),
      findingOf({ id: 'CVE-2', type: 'later', fixedIn: '10' }),
    ];
    expect(upgradesOf(found).map(({ version }) => version)).toEqual(['2']);
  });

  it('are sorted by the worst finding, then by the number of findings', () => {
    const of = (name: string, severity: ReportFinding['severity']): ReportFinding =>
      findingOf({ package: name, source: { name, version: '1' }, severity });
    expect(told(of('a', 'Low'), of('b', 'High'), of('c', 'High'), of('c', 'Low'))).toEqual([
      'c 2: 2',
      'b 2: 1',
      'a 2: 1',
    ]);
  });

  it('of a library are separate for each installed version and each language', () => {
    const fixes = [
      libraryFindingOf({ package: 'semver', version: '5.7.1', fixedIn: '5.7.2' }),
      libraryFindingOf({ package: 'semver', version: '7.3.5', fixedIn: '7.5.2' }),
      libraryFindingOf({ package: 'semver', version: '7.3.5', fixedIn: '7.5.10' }),
      libraryFindingOf({ package: 'semver', version: '5.7.1', type: 'pypi', fixedIn: '6' }),
    ];
    expect(told(...fixes)).toEqual(['semver 7.3.5 7.5.10: 2', 'semver 5.7.1 5.7.2: 1', 'semver 5.7.1 6: 1']);
  });

  it('leave out malicious packages, of which no version is safe', () => {
    expect(told(libraryFindingOf({ class: 'malicious' }))).toEqual([]);
  });

  it.each<[string, Partial<ReportFinding>, readonly string[]]>([
    ['no fix exists', { fixedIn: null, status: 'open' }, []],
    ['only subscribers get the fix', { status: 'fixed-for-subscribers' }, []],
    ['the fix is not published', { status: 'pending' }, []],
    ['the version is invalid', { fixedIn: 'a b' }, ['curl a b: 1']],
    ['the package URL has another type', { purl: 'pkg:npm/curl@1' }, ['curl 2: 1']],
  ])('if %s', (_, parts, expected) => {
    expect(told(findingOf(parts))).toEqual(expected);
  });
});
