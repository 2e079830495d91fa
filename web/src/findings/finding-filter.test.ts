import { describe, expect, it } from 'vitest';
import { isExploited } from '../../../src/model/report/exploited-finding.ts';
import { NO_REACHABILITY } from '../../../src/model/report/finding-reachability.ts';
import type { ReportFinding } from '../../../src/model/report/report.ts';
import { EVERY_FINDING, epssOf, type FindingColumn, type FindingFilter, createFindingList } from './finding-filter.ts';

function finding(id: string, facts: Partial<ReportFinding>): ReportFinding {
  const source = { name: `${id}-source`, version: '1' };
  const words = {
    purl: '',
    paths: [],
    candidates: [],
    link: '',
    links: [],
    aliases: [],
    description: '',
    namespace: 'debian:12',
    severityFrom: 'feed',
    class: 'package',
    type: 'deb',
    status: 'open',
  } as const;
  return {
    id,
    cves: [],
    severity: 'Low',
    risk: 0,
    package: 'a',
    version: '1',
    fixedIn: null,
    layer: 0,
    source,
    ...words,
    ...NO_REACHABILITY,
    ...facts,
  };
}

const FINDINGS = [
  finding('CVE-1-1000', { severity: 'High', risk: 50, package: 'openssl', fixedIn: '2', layer: 1 }),
  finding('CVE-1-999', { severity: 'Critical', risk: 40, package: 'zlib' }),
  finding('DSA-5', {
    risk: 90,
    cves: [
      { id: 'CVE-9-9', kev: {}, epss: { score: 0.1 } },
      { id: 'CVE-9-8', epss: { score: 0.9 } },
    ],
  }),
];

const shown = (filter: Partial<FindingFilter>, column: FindingColumn = 'id', isDescending = false): readonly string[] =>
  createFindingList(FINDINGS)
    .shown({ ...EVERY_FINDING, ...filter }, { column, isDescending })
    .map(({ id }) => id);

describe('the shown findings', () => {
  it.each<[string, Partial<FindingFilter>, readonly string[]]>([
    ['all findings', {}, ['CVE-1-999', 'CVE-1-1000', 'DSA-5']],
    ['findings of libraries', { kind: 'library' }, []],
    ['findings of packages of the distribution', { kind: 'os' }, ['CVE-1-999', 'CVE-1-1000', 'DSA-5']],
    ['findings of a package', { text: 'OpenSSL' }, ['CVE-1-1000']],
    ['findings of a package by its exact name', { package: 'openssl' }, ['CVE-1-1000']],
    ['no findings for a part of a package name', { package: 'ssl' }, []],
    ['findings of a source package by its exact name', { package: 'DSA-5-source' }, ['DSA-5']],
    ['findings with a CVE', { text: ' cve-9-8 ' }, ['DSA-5']],
    ['findings of a source package', { text: 'dsa-5-source' }, ['DSA-5']],
    ['findings of High or above', { least: 'High' }, ['CVE-1-999', 'CVE-1-1000']],
    ['findings with a fixed version', { isFixable: true }, ['CVE-1-1000']],
    ['exploited findings', { isExploited: true }, ['DSA-5']],
    ['findings of layer 0', { layer: 0 }, ['CVE-1-999', 'DSA-5']],
    ['no findings', { text: 'nothing' }, []],
  ])('are %s', (_, filter, ids) => expect(shown(filter)).toEqual(ids));

  it.each<[FindingColumn, boolean, readonly string[]]>([
    ['risk', true, ['DSA-5', 'CVE-1-1000', 'CVE-1-999']],
    ['severity', true, ['CVE-1-999', 'CVE-1-1000', 'DSA-5']],
    ['package', false, ['DSA-5', 'CVE-1-1000', 'CVE-1-999']],
    ['layer', false, ['CVE-1-999', 'DSA-5', 'CVE-1-1000']],
    ['fixedIn', true, ['CVE-1-1000', 'CVE-1-999', 'DSA-5']],
  ])('are sorted by %s, descending: %s', (column, isDescending, ids) => {
    expect(shown({}, column, isDescending)).toEqual(ids);
  });

  it('have exploited findings first by risk', () => {
    const others = [finding('CVE-1', { risk: 99 }), finding('CVE-2', { risk: 1, cves: [{ id: 'CVE-2', kev: {} }] })];
    const sorted = createFindingList(others).shown(EVERY_FINDING, { column: 'risk', isDescending: true });
    expect(sorted.map(({ id }) => id)).toEqual(['CVE-2', 'CVE-1']);
  });

  it('have the highest EPSS score of their CVEs, and are exploited if a CVE has a KEV entry', () => {
    expect(FINDINGS.map(epssOf)).toEqual([undefined, undefined, 0.9]);
    expect(FINDINGS.map(isExploited)).toEqual([false, false, true]);
  });
});
