import { describe, expect, it } from 'vitest';
import { findingOf, SUPPRESSION, reportOf } from '../testing/report-builder.ts';
import type { ReportPackage } from '../../model/report/report.ts';
import { differenceMarkdown } from './difference-markdown.ts';
import { differenceOf } from './image-difference.ts';

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
    owner: null,
    layer: 0,
  };
}

describe('the packages of two images', () => {
  const rows: readonly [string, string[], string[], object][] = [
    ['of which both have two versions of one', ['1', '2'], ['2', '1'], { added: [], removed: [], changed: [] }],
    [
      'of which one of two is another one',
      ['1', '2'],
      ['3', '2'],
      { changed: [{ before: { version: '1' }, after: { version: '3' } }] },
    ],
    ['of which one of two went', ['1', '2'], ['2'], { removed: [{ version: '1' }], changed: [] }],
    ['of which another version came beside', ['1'], ['1', '2'], { added: [{ version: '2' }], changed: [] }],
  ];

  it.each(rows)('%s', (_, before, after, expected) => {
    const of = (versions: string[]): ReturnType<typeof reportOf> =>
      reportOf({ packages: versions.map((version) => packageOf('kernel', version)) });
    expect(differenceOf(of(before), of(after)).packages).toMatchObject(expected);
  });

  it('are others for another architecture', () => {
    const [before, after] = ['amd64', 'i386'].map((arch) => reportOf({ packages: [packageOf('a', '1', arch)] }));
    expect(differenceOf(before!, after!).packages).toMatchObject({
      added: [{ arch: 'i386' }],
      removed: [{ arch: 'amd64' }],
    });
  });
});

describe('the findings of two images', () => {
  it('that both have are a change where more than the version differs', () => {
    const before = reportOf({ findings: [findingOf(), findingOf({ id: 'CVE-2' })] });
    const after = reportOf({
      findings: [findingOf({ version: '1.1' }), findingOf({ id: 'CVE-2', severity: 'Low' })],
    });
    const { changed, unchanged, added, removed } = differenceOf(before, after).findings;
    expect([changed.map(({ after: { id } }) => id), unchanged, added, removed]).toEqual([['CVE-2'], 1, [], []]);
  });

  it('are the same by any of their names', () => {
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

  it('tell that only a rule took one out, or no longer does', () => {
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
  it('fits a comment of GitHub, and says what it leaves out', () => {
    const many = Array.from({ length: 5000 }, (_none, at) => findingOf({ id: `CVE-2099-${at}` }));
    const text = differenceMarkdown(differenceOf(reportOf(), reportOf({ findings: many })));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\nand \d{4} more\.\n/);
  });

  it('makes nothing of what hostile images and feeds say', () => {
    const hostile = findingOf({ package: '|<script>@org</script>\n|', id: 'CVE-1' });
    const text = differenceMarkdown(differenceOf(reportOf(), reportOf({ findings: [hostile] })));
    expect(text).not.toMatch(/<script|@org/);
    expect(text.split('\n').filter((line) => line.includes('CVE-1'))).toHaveLength(1);
  });
});
