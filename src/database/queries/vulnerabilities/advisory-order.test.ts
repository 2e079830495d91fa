import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_CHARACTER } from '../../../../test/fixtures/any-text.ts';
import { advisory } from '../../testing/packages.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import { createAdvisoryOrder } from './advisory-order.ts';
import type { OrderedAdvisory } from '../../contracts/vulnerabilities.ts';

const EVERYTHING_ON_DISK = 0;

function ordered(parts: readonly Advisory[], memoryBytes?: number): readonly (OrderedAdvisory & { whole: Advisory })[] {
  const order = createAdvisoryOrder(memoryBytes);
  for (const part of parts) order.add(part);
  const all = [...order.advisories()].map((each) => ({ ...each, whole: each.read() }));
  order.close();
  return all;
}

describe.each([
  ['in memory', undefined],
  ['on disk', EVERYTHING_ON_DISK],
  ['in both', 300],
])('the order of a feed %s', (_, memoryBytes) => {
  it('sorts by identifier and merges the parts of one advisory', () => {
    const parts = [
      { ...advisory('CVE-2', { package: 'b', fixed: '2' }), description: '' },
      advisory('CVE-10', { package: 'a' }),
      advisory('CVE-2', { package: 'a', fixed: '1' }, { package: 'a', introduced: '3', fixed: '4' }),
      { id: 'CVE-1', link: '', description: '', affected: [] },
    ];
    const all = ordered(parts, memoryBytes);
    expect(all.map(({ id }) => id)).toEqual(['CVE-1', 'CVE-10', 'CVE-2']);
    expect(all[2]?.whole).toEqual(
      advisory(
        'CVE-2',
        { package: 'a', fixed: '1' },
        { package: 'a', introduced: '3', fixed: '4' },
        { package: 'b', fixed: '2' },
      ),
    );
    expect(all[0]?.whole).toEqual(parts[3]);
  });

  it('gives equal content one hash in any order, and different content another hash', () => {
    const [a, b] = [advisory('CVE-1', { package: 'a', fixed: '1' }), advisory('CVE-1', { package: 'b', fixed: '1' })];
    const hashOf = (...parts: readonly Advisory[]): string | undefined =>
      ordered(parts, memoryBytes)[0]?.contentHash.toString('hex');
    expect(hashOf(a, b)).toBe(hashOf(b, a));
    const both = [{ package: 'a' }, { package: 'b' }];
    const names = ['CVE-7', 'CVE-8'];
    const whole = { ...advisory('CVE-1', ...both), aliases: names };
    expect(hashOf(whole)).toBe(hashOf({ ...advisory('CVE-1', ...both.toReversed()), aliases: names.toReversed() }));
    const others = [
      hashOf(a),
      hashOf({ ...a, description: 'x' }, b),
      hashOf({ ...a, link: 'x' }, b),
      hashOf(advisory('CVE-1', { package: 'a', introduced: '1' }), b),
      hashOf(advisory('CVE-1', { package: 'a', fixed: '1', severity: 'Low' }), b),
    ];
    expect(new Set([hashOf(a, b), ...others]).size).toBe(others.length + 1);
  });

  it('loses no data of any feed with any text', () => {
    const part = fc.record({
      id: fc.constantFrom('A', 'B', 'C', 'D'),
      link: fc.string({ unit: ANY_CHARACTER }),
      description: fc.string({ unit: ANY_CHARACTER, maxLength: 200 }),
      affected: fc.array(
        fc.record({
          namespace: fc.constantFrom('n:1', 'n:2'),
          package: fc.string({ unit: ANY_CHARACTER }),
          severity: fc.constantFrom('High' as const, 'Low' as const),
          status: fc.constantFrom('open' as const, 'fixed' as const),
        }),
      ),
    });
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = (all: readonly Advisory[]): string[] =>
          all.flatMap(({ id, affected }) => affected.map((of) => JSON.stringify([id, of]))).toSorted();
        expect(text(ordered(parts, memoryBytes).map(({ whole }) => whole))).toEqual(text(parts));
      }),
      { numRuns: 20 },
    );
  });
});

it('puts the most certain of several states of one package first', () => {
  const part = advisory('CVE-1', { package: 'a', status: 'undetermined' }, { package: 'a', status: 'open' });
  expect(ordered([part])[0]?.whole.affected.map(({ status }) => status)).toEqual(['open', 'undetermined']);
});

it('hashes the sorted texts of the packages, as earlier versions do', () => {
  const versions = fc.option(
    fc.string({ unit: fc.oneof(ANY_CHARACTER, fc.constantFrom('a', ' ', '!', '"')), maxLength: 3 }),
  );
  const affected = fc.array(fc.tuple(fc.constantFrom('a', 'a!', 'a"', 'ab'), versions, versions), {
    maxLength: 20,
    size: 'max',
  });
  fc.assert(
    fc.property(affected, (packages) => {
      const list = packages.map(([name, introduced, fixed]) => ({
        namespace: 'debian:12',
        package: name,
        ...(introduced !== null && { introduced }),
        ...(fixed !== null && { fixed }),
        severity: 'Low' as const,
        status: 'open' as const,
      }));
      const texts = packages.map(([name, introduced, fixed]) =>
        JSON.stringify(['debian:12', name, introduced, fixed, 'Low', 'open']),
      );
      const text = `["","",[${texts.toSorted().join()}],[]]`;
      const [only] = ordered([{ id: 'CVE-1', link: '', description: '', affected: list }]);
      expect(only?.contentHash).toEqual(hash('sha256', text, 'buffer'));
    }),
  );
});
