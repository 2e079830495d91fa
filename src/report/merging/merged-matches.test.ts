import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deb } from '../../database/testing/packages.ts';
import type { Match } from '../../model/report/match.ts';
import { SEVERITIES, SEVERITY_ORIGINS } from '../../model/severity.ts';
import { type MergedMatch, mergedMatches } from './merged-matches.ts';
import { runCount } from '../../../test/fixtures/run-count.ts';

const PACKAGE = deb('a', '1.0');

/** Returns a match of `a` 1.0 by an advisory, given as `feed: NAME = ALIAS ALIAS`. */
function matchOf(text: string, parts: Partial<Match> & { readonly lastAffected?: string } = {}): Match {
  const [feed = '', names = ''] = text.split(': ');
  const [name = '', aliases = ''] = names.split(' = ');
  const { lastAffected = null, ...rest } = parts;
  return {
    vulnerability: {
      feed,
      name,
      link: `https://${feed}.test/${name}`,
      description: '',
      aliases: aliases === '' ? [] : aliases.split(' '),
    },
    namespace: 'debian:12',
    severity: 'High',
    severityFrom: 'feed',
    status: 'fixed',
    fixed: '2',
    range: { name: 'a', introduced: null, lastAffected },
    feature: PACKAGE,
    originDepth: 0,
    ...rest,
  };
}

const merged = (...matches: readonly Match[]) => mergedMatches(matches, { aliasesAreNames: () => true });

describe('the advisories of one vulnerability in one package', () => {
  it('are one match, named by its CVE, with the pages of all advisories', () => {
    const twins = [
      matchOf('osv: PYSEC-1 = GHSA-1'),
      matchOf('osv: GHSA-1 = CVE-2026-0001', { originDepth: 2 }),
      matchOf('manual: CVE-2026-0001'),
    ];
    for (const each of [twins, twins.toReversed()]) {
      expect(merged(...each)).toMatchObject([
        {
          vulnerability: {
            feed: 'manual',
            name: 'CVE-2026-0001',
            otherNames: ['GHSA-1', 'PYSEC-1'],
            link: 'https://manual.test/CVE-2026-0001',
            links: ['https://manual.test/CVE-2026-0001', 'https://osv.test/GHSA-1', 'https://osv.test/PYSEC-1'],
          },
          originDepth: 0,
        },
      ]);
    }
  });

  it('are renamed even if there is only one, so that the name does not depend on other advisories', () => {
    const [only] = merged(matchOf('osv: PYSEC-1 = CVE-2026-0001'));
    expect(only?.vulnerability).toMatchObject({ name: 'CVE-2026-0001', otherNames: ['PYSEC-1'] });
  });

  it('have the first non-empty description', () => {
    const said = { ...matchOf('osv: PYSEC-1 = GHSA-1') };
    const twin = { ...said, vulnerability: { ...said.vulnerability, description: 'words' } };
    expect(merged(matchOf('osv: GHSA-1'), twin)[0]?.vulnerability.description).toBe('words');
  });

  it('stay separate in other packages, versions and namespaces', () => {
    const one = matchOf('osv: GHSA-1');
    const others = [{ feature: deb('b', '1.0') }, { feature: deb('a', '1.1') }, { namespace: 'debian:13' }];
    expect(merged(one, ...others.map((each) => matchOf('osv: PYSEC-1 = GHSA-1', each)))).toHaveLength(4);
  });

  it.each<[string, Partial<Match>, Partial<Match>, Partial<Match>]>([
    [
      'the distribution rather than a score',
      { severity: 'Low', severityFrom: 'feed' },
      { severity: 'Critical', severityFrom: 'cvss' },
      { severity: 'Low', severityFrom: 'feed' },
    ],
    [
      'the score of the feed rather than of the NVD',
      { severity: 'Critical', severityFrom: 'nvd' },
      { severity: 'Medium', severityFrom: 'cvss' },
      { severity: 'Medium', severityFrom: 'cvss' },
    ],
    [
      'the highest of equal origins',
      { severity: 'Medium', severityFrom: 'cvss' },
      { severity: 'High', severityFrom: 'cvss' },
      { severity: 'High', severityFrom: 'cvss' },
    ],
    [
      'any rating rather than none',
      { severity: 'Unknown', severityFrom: 'feed' },
      { severity: 'Negligible', severityFrom: 'nvd' },
      { severity: 'Negligible', severityFrom: 'nvd' },
    ],
  ])('have the severity of %s', (_, one, other, expected) => {
    const twins = [matchOf('osv: GO-1', one), matchOf('osv: PYSEC-1 = GO-1', other)];
    expect(merged(...twins)).toMatchObject([expected]);
    expect(merged(...twins.toReversed())).toMatchObject([expected]);
  });

  it.each<[string, Partial<Match>, Partial<Match>, Partial<Match>]>([
    [
      'the database of the language rather than of GitHub',
      { severity: 'Low', severityFrom: 'cvss' },
      { severity: 'Critical', severityFrom: 'feed' },
      { severity: 'Low', severityFrom: 'cvss' },
    ],
    [
      'GitHub if the database of the language has none',
      { severity: 'Unknown', severityFrom: 'feed' },
      { severity: 'Medium', severityFrom: 'cvss' },
      { severity: 'Medium', severityFrom: 'cvss' },
    ],
    [
      'GitHub rather than of the NVD',
      { severity: 'Critical', severityFrom: 'nvd' },
      { severity: 'Medium', severityFrom: 'cvss' },
      { severity: 'Medium', severityFrom: 'cvss' },
    ],
  ])('of a language have the severity of %s', (_, native, github, expected) => {
    const twins = [matchOf('osv: GO-1 = GHSA-1', native), matchOf('osv: GHSA-1', github)];
    expect(merged(...twins)).toMatchObject([expected]);
    expect(merged(...twins.toReversed())).toMatchObject([expected]);
  });

  it.each<[string, Parameters<typeof matchOf>[1], Parameters<typeof matchOf>[1], Partial<Match>]>([
    ['the higher of two versions', { fixed: '9' }, { fixed: '10' }, { fixed: '10', status: 'fixed' }],
    ['no version if one has no fix', { fixed: '9' }, { fixed: null, status: 'open' }, { fixed: null, status: 'open' }],
    [
      'no version if a last affected version is higher',
      { fixed: '9' },
      { fixed: null, lastAffected: '9' },
      { fixed: null },
    ],
    [
      'the fix above a last affected version',
      { fixed: '9' },
      { fixed: null, lastAffected: '8', status: 'open' },
      { fixed: '9', status: 'fixed' },
    ],
  ])('are fixed in %s', (_, one, other, expected) => {
    const twins = [matchOf('osv: GHSA-1', one), matchOf('osv: PYSEC-1 = GHSA-1', other)];
    expect(merged(...twins)).toMatchObject([expected]);
    expect(merged(...twins.toReversed())).toMatchObject([expected]);
  });
});

describe('merged matches are sorted', () => {
  it('by severity, name and package, like the matches of a layer', () => {
    const found = merged(
      matchOf('osv: GHSA-3 = CVE-2026-0003', { severity: 'Low' }),
      matchOf('osv: GHSA-1 = CVE-2026-0002'),
      matchOf('osv: GHSA-2 = CVE-2026-0001', { feature: deb('b', '1') }),
      matchOf('osv: GHSA-2 = CVE-2026-0001'),
    );
    expect(found.map(({ vulnerability, feature: { name } }) => `${vulnerability.name} in ${name}`)).toEqual([
      'CVE-2026-0001 in a',
      'CVE-2026-0001 in b',
      'CVE-2026-0002 in a',
      'CVE-2026-0003 in a',
    ]);
  });
});

describe('where aliases are the CVEs that an advisory fixes', () => {
  it('errata for the same CVEs stay separate', () => {
    const errata = [
      matchOf('redhat: RHSA-2 = CVE-2026-0001 CVE-2026-0002'),
      matchOf('redhat: RHSA-1 = CVE-2026-0001'),
      matchOf('redhat: CVE-2026-0001'),
    ];
    expect(mergedMatches(errata)).toBe(errata);
  });

  it('errata of several feeds stay separate, with all their aliases', () => {
    const [one, other] = [matchOf('x: RHSA-1 = CVE-2026-0001 BUG-1'), matchOf('y: ALSA-1 = CVE-2026-0001')];
    const found = mergedMatches([one, other]);
    expect(found[0]).toBe(other);
    expect(found[1]).toBe(one);
  });

  it('one identifier in two feeds is one match', () => {
    const twins = [matchOf('debian: CVE-2026-0001', { fixed: '2' }), matchOf('manual: CVE-2026-0001', { fixed: '3' })];
    expect(mergedMatches(twins)).toMatchObject([{ vulnerability: { name: 'CVE-2026-0001' }, fixed: '3' }]);
  });
});

describe('for any matches', () => {
  const name = fc.constantFrom('CVE-2026-0001', 'CVE-2026-0002', 'GHSA-1', 'GHSA-2', 'X-1', 'X-2');
  const found = fc.record({
    feed: fc.constantFrom('s', 't'),
    name,
    aliases: fc.uniqueArray(name, { maxLength: 3 }),
    feature: fc.constantFrom(PACKAGE, deb('b', '1.0')),
    severity: fc.constantFrom(...SEVERITIES),
    severityFrom: fc.constantFrom(...SEVERITY_ORIGINS),
    fixed: fc.constantFrom('2', '10', null),
  });
  /**
   * Within a feed, each name has a single advisory; within a layer, each pair of advisory and package has a single
   * match.
   */
  const matches = fc
    .uniqueArray(found, { maxLength: 8, selector: (each) => [each.feed, each.name, each.feature.name].join() })
    .map((all) =>
      all.map(({ feed, name: of, aliases, ...parts }) => matchOf(`${feed}: ${of} = ${aliases.join(' ')}`, parts)),
    );
  const options = { numRuns: runCount(10_000, 100) };

  it('the result does not depend on the order', () => {
    const shuffled = matches.chain((of) =>
      fc.tuple(fc.constant(of), fc.shuffledSubarray(of, { minLength: of.length, maxLength: of.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(merged(...other)).toEqual(merged(...one));
      }),
      options,
    );
  });

  it('no two in a package share a name, and each input is in one result', () => {
    fc.assert(
      fc.property(matches, (of) => {
        const all = merged(...of);
        const names = all.flatMap(({ feature, vulnerability }) =>
          [vulnerability.name, ...(vulnerability.otherNames ?? [])].map((each) => `${each} in ${feature.name}`),
        );
        expect(new Set(names).size).toBe(names.length);
        const members = all.flatMap((each) => each.members ?? []);
        expect(new Set(members)).toEqual(new Set(of));
        expect(members).toHaveLength(of.length);
      }),
      options,
    );
  });

  it('merging is idempotent', () => {
    fc.assert(
      fc.property(matches, (of) => {
        const once = merged(...of);
        expect(merged(...once).map(withoutMembers)).toEqual(once.map(withoutMembers));
      }),
      options,
    );
  });
});

/** Returns a merged match without `members` and `links`, because a plain match has no such fields. */
function withoutMembers({ members: _members, vulnerability, ...match }: MergedMatch): object {
  const { links: _links, ...words } = vulnerability;
  return { ...match, ...words };
}
