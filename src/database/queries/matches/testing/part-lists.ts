import type { MatchItem, PartRow, PointItem, VulnerabilityItem } from '../match-parts.ts';

/** Returns items as the text that `jsonItems` returns in the database. */
export function listOf(items: readonly unknown[]): string {
  return items.map((item) => JSON.stringify(item)).join(',\n');
}

/** Returns a feature of Debian 12 on version line 1; `details` contains further fields. */
export function pointOf(feature: number, name: string, details: object): PointItem {
  return [details, feature, 0, 'deb', name, '1', null, 1, 'debian:12', 'line', ''];
}

/** Returns a match of {@link VULNERABILITY} for a feature on version line 1. */
export function matchOf(feature: number): MatchItem {
  return [VULNERABILITY_ID, feature, 1, 3, 'feed', 'open', null];
}

const VULNERABILITY_ID = 7;

/** The vulnerability of the matches of {@link matchOf}. */
export const VULNERABILITY: PartRow = {
  part: 'vulnerabilities',
  list: listOf([[VULNERABILITY_ID, 'debian', 'CVE-1', 0, '', '', listOf([['DSA-2'], ['CVE-3']])]]),
};

/** The number of packages of {@link rowsOf}. */
export const FEATURES = 600;

/** Returns rows in which each of the {@link FEATURES} packages has all of the given vulnerabilities. */
export function rowsOf(vulnerabilities: number, severity: (vulnerability: number) => number): readonly PartRow[] {
  const points: PointItem[] = [];
  for (let at = 0; at < FEATURES; at += 1) {
    points.push([{}, at, 0, 'deb', `p${at}`, '1', null, 1, 'debian:12', 's', '']);
  }
  const matches: MatchItem[] = [];
  const listed: VulnerabilityItem[] = [];
  for (let id = 0; id < vulnerabilities; id += 1) {
    listed.push([id, 'debian', `CVE-${id}`, 0, '', '', null]);
    for (const [, feature] of points) {
      matches.push([id, feature, 1, severity(id), 'feed', 'open', null, null, null, '']);
    }
  }
  return [
    { part: 'points', list: listOf(points) },
    { part: 'vulnerabilities', list: listOf(listed) },
    { part: 'matches', list: listOf(matches) },
  ];
}
