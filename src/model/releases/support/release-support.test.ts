import { describe, expect, it } from 'vitest';
import { RELEASE_DATES, UNKNOWN } from './release-dates.ts';
import { endedReleases, supportOf } from './release-support.ts';

describe('the support of a release on a day', () => {
  it.each<[string, string, object]>([
    ['debian:12', '2026-06-10', { kind: 'standard', until: '2026-06-10' }],
    ['debian:12', '2026-06-11', { kind: 'extended', until: '2028-06-30', extension: { name: 'LTS' } }],
    ['debian:11', '2026-08-31', { kind: 'extended', until: '2026-08-31' }],
    // No feed covers ELTS.
    ['debian:11', '2026-09-01', { kind: 'ended', on: '2026-08-31', later: { until: '2031-06-30' } }],
    ['debian:6', '2026-09-01', { kind: 'ended', on: '2016-02-29', source: 'https://wiki.debian.org/LTS' }],
    ['debian:unstable', '2026-11-27', { kind: 'rolling' }],
    ['ubuntu:16.04', '2026-04-30', { kind: 'extended', extension: { name: 'Expanded Security Maintenance' } }],
    ['ubuntu:16.04', '2026-05-01', { kind: 'extended', extension: { name: 'Legacy support' }, until: '2031-04-30' }],
    ['ubuntu:12.04', '2026-05-01', { kind: 'ended', on: '2019-04-30' }],
    ['ubuntu:25.10', '2026-11-27', { kind: 'ended', on: '2026-07-09' }],
    ['oracle:7', '2026-11-27', { kind: 'ended', on: '2024-12-31', later: { until: '2028-06-30' } }],
    ['oracle:7', '2028-07-01', { kind: 'ended', on: '2024-12-31' }],
    ['rhel:7', '2026-11-27', { kind: 'extended' }],
    ['centos:7', '2026-11-27', { kind: 'ended', on: '2024-06-30', source: 'https://www.centos.org/centos-linux-eol/' }],
    ['alpine:v3.6', '2026-11-27', { kind: 'ended', on: '2019-05-01', source: 'https://alpinelinux.org/releases/' }],
    ['alpine:edge', '2026-11-27', { kind: 'rolling' }],
    ['wolfi', '2026-11-27', { kind: 'rolling' }],
    ['amzn:2', '2026-11-27', { kind: 'ended', on: '2026-06-30' }],
    // Releases with unknown dates and unknown releases do not count as past their end of life.
    ['centos-stream:10', '2099-01-01', { kind: 'unknown' }],
    ['ubuntu:26.04', '2099-01-01', { kind: 'unknown' }],
    ['debian:99', '2026-11-27', { kind: 'unknown' }],
    ['toString', '2026-11-27', { kind: 'unknown' }],
    ['debian:toString', '2026-11-27', { kind: 'unknown' }],
    ['nothing:1', '2026-11-27', { kind: 'unknown' }],
  ])('%s on %s', (namespace, day, support) => {
    expect(supportOf(namespace, day)).toMatchObject(support);
  });
});

it.each(['2014-05-31', '2026-08-31', '2026-09-01', '2099-01-01'])(
  'lists the releases whose support has ended on %s',
  (day) => {
    const all = RELEASE_DATES.flatMap(({ namespace, releases }) =>
      Object.keys(releases).map((each) => `${namespace}:${each}`),
    );
    expect(endedReleases(day)).toEqual(all.filter((namespace) => supportOf(namespace, day).kind === 'ended'));
    expect(endedReleases(day).includes('debian:11')).toBe(day > '2026-08-31');
  },
);

describe('the table of support dates', () => {
  const rows = RELEASE_DATES.flatMap(({ namespace, extensions, releases }) =>
    Object.entries(releases).flatMap(([version, ends]) =>
      ends === 'rolling' ? [] : [{ name: `${namespace}:${version}`, ends, extensions }],
    ),
  );

  it.each(rows)('has ascending calendar days for $name', ({ ends, extensions }) => {
    const days = ends.filter((each) => each !== UNKNOWN);
    expect(days.map((each) => new Date(each).toISOString().slice(0, 'YYYY-MM-DD'.length))).toEqual(days);
    expect(days.toSorted()).toEqual(days);
    expect(ends.length).toBeLessThanOrEqual(1 + extensions.length);
  });

  it.each(RELEASE_DATES)('names vendor pages of $namespace', ({ source, extensions }) => {
    const pages = [source, ...extensions.map((each) => each.source)];
    expect(pages.filter((each) => !URL.canParse(each) || !each.startsWith('https://'))).toEqual([]);
  });
});
