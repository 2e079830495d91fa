import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../test/fixtures/run-count.ts';
import { findingOf } from '../report/testing/report-builder.ts';
import { parseIgnoreEntry } from './ignore-entry.ts';
import { foundNames, isPackage, type PackagePattern, parsePurl, patternName } from './package-pattern.ts';
import { indexRules } from './rule-index.ts';
import type { SuppressionRule } from './suppression-rule.ts';

function ruleOf(entry: object): SuppressionRule {
  return { ...parseIgnoreEntry({ reason: 'r', ...entry }), file: 'f', place: 'p', where: 'w' };
}

function patternOf(text: string): PackagePattern | undefined {
  const purl = parsePurl(text);
  return purl && { purl };
}

describe('the scopes that can contain a finding of CVE-1 in curl', () => {
  it.each<[string, object, boolean]>([
    ['the vulnerability', { id: 'cve-1' }, true],
    ['another vulnerability', { id: 'CVE-2' }, false],
    ['every vulnerability of the package', { package: 'curl' }, true],
    ['every vulnerability of another package', { package: 'zlib' }, false],
    ['the vulnerability in the package', { id: ['CVE-9', 'CVE-1'], package: 'curl' }, true],
    ['the vulnerability in another package', { id: 'CVE-1', package: 'zlib' }, false],
    ['the package by its package URL', { package: 'pkg:deb/debian/curl' }, true],
  ])('include a rule for %s: %j %j', (_, entry, isFound) => {
    const scopes = indexRules([ruleOf(entry)])(findingOf(), ['CVE-1']);
    expect(scopes).toHaveLength(isFound ? 1 : 0);
  });

  it('are in the order of the rules, regardless of the kind of rule', () => {
    const rules = [{ package: 'curl' }, { id: 'CVE-1' }, { id: 'GHSA-1' }, { id: 'CVE-1', package: 'curl' }].map(
      ruleOf,
    );
    expect(indexRules(rules)(findingOf(), ['GHSA-1', 'CVE-1']).map(({ place }) => place)).toEqual([0, 1, 2, 3]);
  });
});

it('a pattern matches no package by a name that is not in the index', () => {
  const name = fc.constantFrom('a', 'b', 'g:a', 'g:b');
  const purl = fc
    .record({
      type: fc.constantFrom('deb', 'maven', 'npm'),
      space: fc.constantFrom('', 'g/', 'debian/'),
      name: fc.constantFrom('a', 'b'),
      rest: fc.constantFrom('', '@1', '?arch=source', '@1?arch=amd64'),
    })
    .map(({ type, space, name: last, rest }) => `pkg:${type}/${space}${last}${rest}`);
  const found = fc.record({
    package: name,
    purl: fc.oneof(purl, name),
    source: fc.record({ name, version: fc.constant('1') }),
    candidates: fc.array(name, { maxLength: 2 }),
  });
  const pattern = fc.oneof(
    name.map((text) => ({ name: text })),
    purl.map(patternOf).filter((each) => each !== undefined),
  );
  fc.assert(
    fc.property(found, pattern, (each, of) => {
      expect(!isPackage(each, of) || foundNames(each).has(patternName(of))).toBe(true);
    }),
    { numRuns: runCount(2000, 500) },
  );
});

it('of 10,000 rules for single packages, a finding is compared with the rule for its package', () => {
  const rules = Array.from({ length: 10_000 }, (_, at) => ruleOf({ package: at === 7000 ? 'curl' : `p${at}` }));
  expect(indexRules(rules)(findingOf(), ['CVE-1']).map(({ place }) => place)).toEqual([7000]);
});
