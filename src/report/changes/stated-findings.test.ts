import { describe, expect, it } from 'vitest';
import { deb } from '../../database/testing/packages.ts';
import type { Match } from '../../model/report/match.ts';
import { featureIdentity } from '../../model/feature.ts';
import { parseIgnoreFile } from '../../suppression/ignore-file.ts';
import { packagePlaces, statedFindings, unsuppressedMatches } from './stated-findings.ts';

describe('pairs the packages of two images', () => {
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['by name, whatever the version', ['a 1'], ['a 2'], ['a 1 = a 2']],
    ['by equal versions first', ['a 1', 'a 2'], ['a 2', 'a 3'], ['a 2 = a 2', 'a 1 = a 3']],
    ['only if both images have one', ['a 1', 'a 2', 'b 1'], ['a 3', 'c 1'], ['a 1 = a 3']],
  ])('%s', (_, before, after, expected) => {
    const [one, other] = [before, after].map((texts) =>
      texts.map((text) => deb(text.split(' ')[0] ?? '', text.split(' ')[1] ?? '')),
    ) as [ReturnType<typeof deb>[], ReturnType<typeof deb>[]];
    const places = packagePlaces(one, other);
    const pairs = one.flatMap((of) =>
      other
        .filter((each) => places.before.get(featureIdentity(of)) === places.after.get(featureIdentity(each)))
        .map((each) => `${of.name} ${of.version} = ${each.name} ${each.version}`),
    );
    expect(new Set(pairs)).toEqual(new Set(expected));
    expect(new Set([...places.before.values(), ...places.after.values()]).size).toBe(
      before.length + after.length - expected.length,
    );
  });
});

const openssl = deb('openssl', '1');

function matchOf(of: Partial<Match>): Match {
  return {
    vulnerability: { feed: 's', name: 'CVE-2026-0001', link: '', description: '', aliases: [] },
    namespace: 'debian:12',
    severity: 'Low',
    severityFrom: 'feed',
    status: 'fixed',
    fixed: '2',
    range: { name: 'openssl', introduced: null, lastAffected: null },
    feature: openssl,
    originDepth: 0,
    ...of,
  };
}

it('uses the worst of several intervals, whatever their order', () => {
  const places = new Map([[featureIdentity(openssl), 0]]);
  const matches = [
    matchOf({ severity: 'Low', fixed: '1' }),
    matchOf({ severity: 'High', fixed: '3' }),
    matchOf({ severity: 'High', fixed: '2' }),
  ];
  for (const order of [matches, matches.toReversed()]) {
    const found = [...statedFindings(order, places).values()];
    expect(found.map(({ rating }) => [rating.severity, rating.fixedIn])).toEqual([['High', '2']]);
  }
});

it('omits suppressed findings of the image that a rule names', () => {
  const matches = [matchOf({}), matchOf({ feature: deb('other', '1') })];
  const rules = parseIgnoreFile(
    `- ${JSON.stringify({ id: 'CVE-2026-0001', package: 'openssl', image: 'app:1', reason: 'r' })}`,
    'f.yaml',
  );
  const left = (reference: string): unknown => {
    const target = { kind: 'oci', reference, digest: '', platform: 'linux/amd64' };
    const image = { target, distribution: null, statements: [], layers: [] };
    return unsuppressedMatches({ matches, later: [] }, image, [{ rules, isShared: true }], '2026-01-01').map(
      (match) => match.feature.name,
    );
  };
  expect([left('app:1'), left('base:1')]).toEqual([['other'], ['openssl', 'other']]);
});

it('applies a rule by an alias of an advisory for later versions, as the report does', () => {
  const named = (name: string): Match['vulnerability'] => ({
    feed: 's',
    name,
    link: '',
    description: '',
    aliases: ['X-1'],
  });
  const matches = [matchOf({ vulnerability: named('GHSA-1') })];
  const range = { name: 'openssl', introduced: '3', lastAffected: null };
  const later = [matchOf({ vulnerability: named('CVE-2026-0001'), range, fixed: '4' })];
  const rules = parseIgnoreFile(`- ${JSON.stringify({ id: 'CVE-2026-0001', reason: 'r' })}`, 'f.yaml');
  const target = { kind: 'oci', reference: 'app:1', digest: '', platform: 'linux/amd64' };
  const left = (of: readonly Match[]): readonly Match[] =>
    unsuppressedMatches(
      { matches, later: of, aliasesAreNames: () => true },
      { target, distribution: null, statements: [], layers: [] },
      [{ rules, isShared: true }],
      '2026-01-01',
    );
  expect(left([])).toEqual(matches);
  expect(left(later)).toEqual([]);
});
