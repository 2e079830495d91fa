import { describe, expect, it } from 'vitest';
import { findingOf, libraryFindingOf } from '../../../src/report/testing/report-builder.ts';
import { findingGroups, groupKeys, keyOf } from './finding-groups.ts';

const OPENSSL = { name: 'openssl', version: '3.0.9-1' };

describe('the groups of findings', () => {
  it('have one entry for a vulnerability in all packages of a source package', () => {
    const findings = [
      findingOf({ id: 'CVE-1', package: 'libssl3', source: OPENSSL, version: '3.0.9-1', layer: 2, severity: 'Low' }),
      findingOf({ id: 'CVE-2', package: 'libssl3', source: OPENSSL, version: '3.0.9-1', fixedIn: null }),
      findingOf({ id: 'CVE-1', package: 'openssl', source: OPENSSL, version: '3.0.9-1', layer: 0, risk: 70 }),
    ];
    const groups = findingGroups(findings);
    expect(groups.map(({ id, findings: each }) => [id, each.length])).toEqual([
      ['CVE-1', 2],
      ['CVE-2', 1],
    ]);
    expect(groups[0]).toMatchObject({
      name: 'openssl',
      versions: ['3.0.9-1'],
      fixedIn: ['2'],
      layers: [0, 2],
      risk: 70,
      severity: 'High',
    });
    expect(groups[1]?.fixedIn).toEqual([]);
  });

  it('separate the installed versions of a library', () => {
    const of = (version: string) => libraryFindingOf({ version, source: { name: 'lodash', version } });
    expect(findingGroups([of('1'), of('2'), of('1')])).toHaveLength(2);
  });

  it('are found by the vulnerability and the upgraded package', () => {
    const finding = findingOf({ id: 'CVE-1', package: 'libssl3', source: OPENSSL, version: '3.0.9-1+b1' });
    const keyFor = groupKeys([findingOf({ id: 'CVE-1' }), finding]);
    const { namespace, version } = finding;
    const upgrade = { name: 'openssl', namespace, packages: [{ name: 'libssl3', version }] };
    expect(keyFor(upgrade, 'CVE-1')).toBe(keyOf(finding));
    expect(keyFor(upgrade, 'CVE-2')).toBeNull();
    expect(keyFor({ ...upgrade, name: 'ssl' }, 'CVE-1')).toBeNull();
  });

  it('have unique keys, the worst EPSS score, and the exploit of any CVE', () => {
    const groups = findingGroups([
      findingOf({ cves: [{ id: 'CVE-1', epss: { score: 0.1, date: '2026-01-01' } }] }),
      findingOf({ package: 'libcurl4', source: { name: 'curl', version: '1' }, cves: [{ id: 'CVE-1', kev: {} }] }),
      findingOf({ namespace: 'debian:13' }),
    ]);
    expect(groups.map(({ isExploited, epss }) => [isExploited, epss])).toEqual([
      [true, 0.1],
      [false, undefined],
    ]);
    expect(new Set(groups.map(({ key }) => key)).size).toBe(2);
  });
});
