import { describe, expect, it } from 'vitest';
import { findingOf, SUPPRESSION, reportOf } from '../testing/report-builder.ts';
import type { ReportPackage } from '../../model/report/report.ts';
import { differenceMarkdown } from './difference-markdown.ts';
import { differenceText } from './difference-text.ts';
import { differenceOf, filteredDifference } from './image-difference.ts';

function packageOf(name: string, version: string, arch = 'amd64'): ReportPackage {
  return {
    namespace: 'debian:12',
    name,
    version,
    arch,
    type: 'deb',
    purl: '',
    source: { name, version },
    paths: [],
    flags: [],
    candidates: [],
    owner: null,
    layer: 0,
  };
}

it('shows the paths of libraries that were added', () => {
  const paths = ['app/node_modules/lodash/package.json', 'b'];
  const library = { ...packageOf('lodash', '4.17.20', ''), type: 'npm', paths };
  const text = differenceText(differenceOf(reportOf(), reportOf({ packages: [library, packageOf('curl', '1')] })));
  expect(text).toMatch(/^ {2}lodash +4\.17\.20 +layer 0: .* {2}app\/…\/lodash\/package\.json and 1 more$/m);
  expect(text).toMatch(/^ {2}curl +1 +layer 0: [^ ].*\)$/m);
});

describe('the packages of two images', () => {
  const rows: readonly [string, string[], string[], object][] = [
    ['with the same two versions are equal', ['1', '2'], ['2', '1'], { added: [], removed: [], changed: [] }],
    [
      'with one changed version of two are changed',
      ['1', '2'],
      ['3', '2'],
      { changed: [{ before: { version: '1' }, after: { version: '3' } }] },
    ],
    ['with one removed version of two are removed', ['1', '2'], ['2'], { removed: [{ version: '1' }], changed: [] }],
    ['with a second version are added', ['1'], ['1', '2'], { added: [{ version: '2' }], changed: [] }],
  ];

  it.each(rows)('%s', (_, before, after, expected) => {
    const of = (versions: string[]): ReturnType<typeof reportOf> =>
      reportOf({ packages: versions.map((version) => packageOf('kernel', version)) });
    expect(differenceOf(of(before), of(after)).packages).toMatchObject(expected);
  });

  it('differ by architecture', () => {
    const [before, after] = ['amd64', 'i386'].map((arch) => reportOf({ packages: [packageOf('a', '1', arch)] }));
    expect(differenceOf(before!, after!).packages).toMatchObject({
      added: [{ arch: 'i386' }],
      removed: [{ arch: 'amd64' }],
    });
  });
});

describe('the findings of two images', () => {
  it('are changed if more than the version differs', () => {
    const before = reportOf({ findings: [findingOf(), findingOf({ id: 'CVE-2' })] });
    const after = reportOf({
      findings: [findingOf({ version: '1.1' }), findingOf({ id: 'CVE-2', severity: 'Low' })],
    });
    const { changed, unchanged, added, removed } = differenceOf(before, after).findings;
    expect([changed.map(({ after: { id } }) => id), unchanged, added, removed]).toEqual([['CVE-2'], 1, [], []]);
  });

  it('are equal by any of their names', () => {
    const before = reportOf({
      findings: [findingOf({ id: 'GHSA-1', aliases: ['PYSEC-1'] }), findingOf({ id: 'GHSA-2' })],
    });
    const after = reportOf({ findings: [findingOf({ id: 'CVE-1', aliases: ['GHSA-1'], severity: 'Low' })] });
    for (const [one, other] of [
      [before, after],
      [after, before],
    ] as const) {
      const { added, removed, changed } = differenceOf(one, other).findings;
      expect([...added, ...removed].map(({ id }) => id)).toEqual(['GHSA-2']);
      expect(changed).toHaveLength(1);
    }
  });

  it('name a suppression as the cause', () => {
    const found = reportOf({ findings: [findingOf()], packages: [packageOf('curl', '1')] });
    const ruledOut = reportOf({
      suppressed: [{ ...findingOf(), suppression: SUPPRESSION }],
      packages: [packageOf('curl', '1')],
    });
    expect(differenceOf(found, ruledOut).findings.removed).toMatchObject([{ cause: 'suppressed' }]);
    expect(differenceOf(ruledOut, found).findings.added).toMatchObject([{ cause: 'no-longer-suppressed' }]);
    expect(differenceOf(found, reportOf({ packages: [packageOf('curl', '1')] })).findings.removed).toMatchObject([
      { cause: 'other-data' },
    ]);
  });
});

describe('a difference as Markdown', () => {
  it('fits a GitHub comment, and states how many rows it omits', () => {
    const many = Array.from({ length: 2000 }, (_none, at) => findingOf({ id: `CVE-2099-${at}` }));
    const text = differenceMarkdown(differenceOf(reportOf(), reportOf({ findings: many })));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\n\d{4} more rows are not shown\.\n/);
    const omitted = (count: number): string | undefined => {
      const some = differenceMarkdown(differenceOf(reportOf(), reportOf({ findings: many.slice(0, count) })));
      return /\d+ more .*/.exec(some)?.[0];
    };
    // A longer list is cut off if a shorter list is, so that bisection finds the shortest list that is cut off.
    let [whole, cut] = [0, 300];
    while (cut - whole > 1) {
      const middle = Math.floor((whole + cut) / 2);
      if (omitted(middle) === undefined) whole = middle;
      else cut = middle;
    }
    expect([omitted(whole), omitted(cut)]).toEqual([undefined, '1 more row is not shown.']);
  });

  it('escapes hostile text of images and feeds', () => {
    const hostile = findingOf({ package: '|<script>@org</script>\n|', id: 'CVE-1' });
    const text = differenceMarkdown(differenceOf(reportOf(), reportOf({ findings: [hostile] })));
    expect(text).not.toMatch(/<script|@org/);
    expect(text.split('\n').filter((line) => line.includes('CVE-1'))).toHaveLength(1);
  });
});

describe('a filtered difference', () => {
  const before = reportOf({ findings: [findingOf({ id: 'CVE-1', severity: 'Low' }), findingOf({ id: 'CVE-2' })] });
  const after = reportOf({
    findings: [findingOf({ id: 'CVE-1', severity: 'High' }), findingOf({ id: 'CVE-3', severity: 'Low' })],
  });
  const difference = differenceOf(before, after);

  it('shows the matching findings and counts hidden findings', () => {
    const { added, removed, changed, hidden } = filteredDifference(difference, { severities: ['High'] }).findings;
    expect([added, removed.map(({ id }) => id), changed.map(({ after: { id } }) => id)]).toEqual([
      [],
      ['CVE-2'],
      ['CVE-1'],
    ]);
    expect(hidden).toBe(1);
  });

  it('states the number of hidden findings in its summary', () => {
    const filtered = filteredDifference(difference, { severities: ['High'] });
    expect(differenceText(filtered)).toContain('0 added, 1 removed, 1 changed, 0 unchanged; 1 not shown.');
    expect(differenceMarkdown(filtered)).toContain('1 not shown');
  });

  it('is the difference itself if nothing is hidden', () => {
    expect(filteredDifference(difference, {})).toBe(difference);
  });
});
