import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCveId } from '../../model/enrichment.ts';
import { runCount } from '../../../test/fixtures/run-count.ts';
import type { AdvisoryNames } from './advisory-names.ts';
import { groupsByName } from './name-groups.ts';

/** Parses an advisory, given as its identifier and, after an equals sign, its aliases. */
function advisoryOf(text: string): AdvisoryNames {
  const [name = '', aliases = ''] = text.split(' = ');
  return { name, aliases: aliases === '' ? [] : aliases.split(' ') };
}

/** Returns the groups of some advisories as texts with their names and their advisories. */
function groups(...texts: readonly string[]): readonly string[] {
  return groupsByName(texts.map(advisoryOf), (each) => each).map(
    ({ id, aliases, members }) => `${[id, ...aliases].join(' ')}: ${members.map(({ name }) => name).join(' ')}`,
  );
}

describe('advisories are about one vulnerability', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [
      'with the same CVE',
      ['GHSA-1 = CVE-2026-0001', 'PYSEC-1 = CVE-2026-0001'],
      ['CVE-2026-0001 GHSA-1 PYSEC-1: GHSA-1 PYSEC-1'],
    ],
    ['with each other as alias', ['PYSEC-1 = GHSA-1', 'GHSA-1'], ['GHSA-1 PYSEC-1: GHSA-1 PYSEC-1']],
    ['with a shared third name', ['GO-1 = GHSA-1', 'RUSTSEC-1 = GHSA-1'], ['GHSA-1 GO-1 RUSTSEC-1: GO-1 RUSTSEC-1']],
    [
      'connected by other advisories',
      ['GHSA-1 = CVE-2026-0001', 'GO-1 = GHSA-1', 'X-1 = GO-1'],
      ['CVE-2026-0001 GHSA-1 GO-1 X-1: GHSA-1 GO-1 X-1'],
    ],
    ['with the same identifier', ['X-1', 'X-1 = GHSA-1'], ['GHSA-1 X-1: X-1 X-1']],
    [
      'with the named advisory first',
      ['A-1 = CVE-2026-0001', 'CVE-2026-0001'],
      ['CVE-2026-0001 A-1: CVE-2026-0001 A-1'],
    ],
  ])('%s', (_, advisories, expected) => {
    expect(groups(...advisories)).toEqual(expected);
    expect(groups(...advisories.toReversed())).toEqual(expected);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['not without a shared name', ['X-1', 'X-2 = Y-2'], ['X-1: X-1', 'X-2 Y-2: X-2']],
    [
      'not if one names several CVEs, as RUSTSEC-2018-0019 does',
      [
        'RUSTSEC-1 = CVE-2026-0001 CVE-2026-0002 GHSA-1 GHSA-2',
        'GHSA-1 = CVE-2026-0001 RUSTSEC-1',
        'GHSA-2 = CVE-2026-0002 RUSTSEC-1',
      ],
      ['CVE-2026-0001 GHSA-1: GHSA-1', 'CVE-2026-0002 GHSA-2: GHSA-2', 'RUSTSEC-1: RUSTSEC-1'],
    ],
    [
      'not if advisories for several CVEs share a name, which then belongs to none',
      ['GHSA-1 = CVE-2026-0001 GO-1', 'GHSA-2 = CVE-2026-0002 GO-1'],
      ['CVE-2026-0001 GHSA-1: GHSA-1', 'CVE-2026-0002 GHSA-2: GHSA-2'],
    ],
    [
      'not if one without a CVE shares names with advisories for several CVEs',
      ['GHSA-1 = CVE-2026-0001', 'GHSA-2 = CVE-2026-0002', 'X-1 = GHSA-1 GHSA-2 Y-1'],
      ['CVE-2026-0001 GHSA-1: GHSA-1', 'CVE-2026-0002 GHSA-2: GHSA-2', 'X-1 Y-1: X-1'],
    ],
    [
      'not if two feeds give one identifier to several CVEs',
      ['X-1 = CVE-2026-0001', 'X-1 = CVE-2026-0002', 'CVE-2026-0001'],
      ['CVE-2026-0001: CVE-2026-0001', 'X-1: X-1 X-1'],
    ],
  ])('%s', (_, advisories, expected) => {
    expect(groups(...advisories)).toEqual(expected);
    expect(groups(...advisories.toReversed())).toEqual(expected);
  });
});

describe('for any advisories', () => {
  const NAMES = ['CVE-2026-0001', 'CVE-2026-0002', 'CVE-2026-0003', 'GHSA-1', 'GHSA-2', 'GHSA-3', 'X-1', 'X-2', 'Y-1'];
  const name = fc.constantFrom(...NAMES);
  const advisory = fc.record({ name, aliases: fc.uniqueArray(name, { maxLength: 4 }) });
  const advisories = fc.array(advisory, { maxLength: 10 });
  const options = { numRuns: runCount(20_000, 100) };
  const grouped = (of: readonly AdvisoryNames[]) => groupsByName(of, (each) => each);
  const namesOf = (of: readonly AdvisoryNames[]): readonly string[] =>
    grouped(of).flatMap(({ id, aliases }) => [id, ...aliases]);

  it('the result does not depend on the order', () => {
    const shuffled = advisories.chain((of) =>
      fc.tuple(fc.constant(of), fc.shuffledSubarray([...of], { minLength: of.length, maxLength: of.length })),
    );
    const seen = (of: readonly AdvisoryNames[]) =>
      grouped(of).map(({ members, ...names }) => ({ ...names, members: members.map((each) => each.name) }));
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(seen(other)).toEqual(seen(one));
      }),
      options,
    );
  });

  it('no two groups share a name, and each identifier is a name of one group', () => {
    fc.assert(
      fc.property(advisories, (of) => {
        const names = namesOf(of);
        expect(new Set(names).size).toBe(names.length);
        for (const each of of) expect(names).toContain(each.name);
      }),
      options,
    );
  });

  it('each advisory is in one group, and no group is named by several CVEs', () => {
    fc.assert(
      fc.property(advisories, (of) => {
        const all = grouped(of);
        expect(new Set(all.flatMap(({ members }) => members))).toEqual(new Set(of));
        expect(all.flatMap(({ members }) => members)).toHaveLength(of.length);
        for (const { id, aliases } of all) expect([id, ...aliases].filter(isCveId).length).toBeLessThan(2);
      }),
      options,
    );
  });

  it('every name belongs to a group if no advisory names a CVE', () => {
    const without = advisories.map((of) =>
      of.map((each) => ({
        name: each.name.replace('CVE', 'Z'),
        aliases: each.aliases.map((alias) => alias.replace('CVE', 'Z')),
      })),
    );
    fc.assert(
      fc.property(without, (of) => {
        const names = new Set(of.flatMap((each) => [each.name, ...each.aliases]));
        expect(new Set(namesOf(of))).toEqual(names);
      }),
      options,
    );
  });

  it('grouping is idempotent', () => {
    fc.assert(
      fc.property(advisories, (of) => {
        const once = grouped(of).map(({ id, aliases }) => ({ name: id, aliases }));
        expect(grouped(once).map(({ id, aliases }) => ({ name: id, aliases }))).toEqual(once);
      }),
      options,
    );
  });
});
