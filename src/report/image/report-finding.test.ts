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

describe('the class of a finding', () => {
  const find = createFindings(
    new Map(),
    () => 'pkg:npm/a@1',
    () => [],
    () => NO_REACHABILITY,
  );

  it.each([
    ['MAL-2099-1', [], 'malicious'],
    ['GHSA-1', ['MAL-2099-1'], 'malicious'],
    ['CVE-2099-1', ['GHSA-1'], 'package'],
  ])('of %s, also named %j, is %s', (name, others, expected) => {
    expect(find(matchOf(name, others)).class).toBe(expected);
  });
});
