import { describe, expect, it } from 'vitest';
import { deb } from '../../database/testing/packages.ts';
import type { MergedMatch } from '../merging/merged-matches.ts';
import { NO_REACHABILITY } from '../../model/report/finding-reachability.ts';
import { createFindings } from './report-finding.ts';

function matchOf(name: string, otherNames: readonly string[] = []): MergedMatch {
  return {
    vulnerability: { feed: 'osv', name, link: '', description: '', aliases: [], otherNames },
    namespace: 'npm',
    severity: 'Critical',
    severityFrom: 'feed',
    status: 'open',
    fixed: null,
    range: { name: 'a', introduced: null, lastAffected: null },
    feature: deb('a', '1'),
    originDepth: 0,
  };
}

const find = createFindings(
  new Map(),
  () => 'pkg:npm/a@1',
  () => [],
  () => NO_REACHABILITY,
);

describe('the candidates of a finding', () => {
  const feature = { type: 'maven', name: 'x', version: '1', candidates: ['a:x', 'b:x', 'c:x'] };
  const matchAs = (name: string): MergedMatch => ({
    ...matchOf('CVE-2099-1'),
    feature,
    range: { name, introduced: null, lastAffected: null },
  });

  it('are the names in its advisories', () => {
    expect(find(matchAs('b:x')).candidates).toEqual(['b:x']);
    const members = [matchAs('c:x'), matchAs('a:x'), matchAs('c:x')];
    expect(find({ ...matchAs('c:x'), members }).candidates).toEqual(['a:x', 'c:x']);
  });

  it('are none if the package has none', () => {
    expect(find(matchOf('CVE-2099-1')).candidates).toEqual([]);
  });
});

describe('the class of a finding', () => {
  it.each([
    ['MAL-2099-1', [], 'malicious'],
    ['GHSA-1', ['MAL-2099-1'], 'malicious'],
    ['CVE-2099-1', ['GHSA-1'], 'package'],
  ])('of %s, also named %j, is %s', (name, others, expected) => {
    expect(find(matchOf(name, others)).class).toBe(expected);
  });
});
