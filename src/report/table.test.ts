import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { DEBIAN, findingOf, layerOf, libraryFindingOf, noteOf, packageOf, reportOf } from './testing/report-builder.ts';
import type { Report, ReportFinding } from '../model/report/report.ts';
import type { Look } from './format.ts';
import { table } from './table.ts';

const incomplete = { code: 'distribution-unknown', message: 'no system', where: 'etc', incomplete: true } as const;
const notice = { code: 'release-ambiguous', message: 'perhaps', where: 'etc', incomplete: false } as const;
const undecided = { count: 7, listed: [] };
const suppression = {
  by: 'ignore',
  where: 'f.yaml, line 2',
  justification: null,
  reason: 'not reachable',
  author: 'someone',
  expires: '2026-12-31',
} as const;

/** Returns the lines from the line that starts with the text to the next empty line. */
function blockAt(text: string, start: string): readonly string[] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith(start));
  return first === -1 ? [] : lines.slice(first, lines.indexOf('', first));
}

describe('the table', () => {
  it('shows the image and its data', () => {
    const text = table.render(reportOf());
    expect(text).toContain('Image         image:1 (linux/amd64)');
    expect(text).toContain('Distribution  Debian 12 [debian:12]');
    expect(text).toContain('\nSummary       No findings.\n');
    expect(text).toContain('debian (7 vulnerabilities, updated 2026-01-02T03:04:05.000Z)');
    expect(text.endsWith('No findings.\n')).toBe(true);
  });

  it('shows diagnostics first, incomplete diagnostics on top, and repeats the warning at the end', () => {
    const diagnostics = [notice, incomplete];
    const text = table.render(reportOf({ distribution: null, findings: [findingOf()], diagnostics }));
    expect(text).toContain('WARNING  distribution-unknown: no system (etc)\nNote  release-ambiguous: perhaps (etc)');
    expect(text.indexOf('Note')).toBeLessThan(text.indexOf('CVE-1'));
    expect(text).toContain('THE REPORT IS INCOMPLETE: see the diagnostics.');
    expect(table.render(reportOf({ diagnostics: [notice] }))).not.toContain('INCOMPLETE');
  });

  it('states that no feed covers the release', () => {
    // The text does not advise an update, because an update does not help for a release that no feed covers.
    const other = table.render(reportOf({ feeds: [{ ...DEBIAN, isUsed: false }] }));
    expect(other).toMatch(/^Feeds {9}no feed covers this release$/m);
    expect(table.render(reportOf({ feeds: [], coverage: [] }))).toMatch(/^Feeds {9}none; run `clair update` first$/m);
  });

  it('names a feed of the release that was never downloaded', () => {
    const coverage = [{ namespace: 'debian:12', packages: 1, feeds: [] }];
    const other = { ...DEBIAN, name: 'alpine', isUsed: false };
    const failed = { ...DEBIAN, isUsed: false, updatedAt: null, error: 'no route' };
    for (const feeds of [[], [other], [other, failed]]) {
      expect(table.render(reportOf({ coverage, feeds }))).toMatch(/^Feeds {9}debian, not downloaded$/m);
    }
  });

  it('counts listed, suppressed and undetermined findings', () => {
    const findings = [findingOf(), findingOf({ severity: 'Low' }), findingOf({ severity: 'Low' })];
    const suppressed = [{ ...findingOf({ id: 'CVE-2' }), suppression: { ...suppression, reason: 'not reachable.' } }];
    const text = table.render(reportOf({ findings, suppressed, undecided }));
    expect(text).toMatch(/\n3 findings \(1 high, 2 low\) of 1 CVE in 1 package; 1 suppressed; 7 undetermined\.\n$/);
    expect(blockAt(text, 'Suppressed')).toEqual([
      'Suppressed findings: 1',
      '  CVE-2 in curl, by the ignore rule f.yaml, line 2: not reachable, someone, until 2026-12-31',
    ]);
    const alone = table.render(reportOf({ suppressed }));
    expect(alone.endsWith('No findings; 1 suppressed.\n')).toBe(true);
  });

  it('lists upgrades', () => {
    const findings = [findingOf({ fixedIn: '1.9' }), findingOf({ fixedIn: '1.10', severity: 'Low' })];
    expect(blockAt(table.render(reportOf({ findings })), 'Upgrades')).toEqual([
      'Upgrades',
      '  upgrade curl to 1.10: fixes 2 findings (1 high, 1 low) of 1 CVE in 1 package',
    ]);
    expect(table.render(reportOf({ findings: [findingOf({ fixedIn: null, status: 'open' })] }))).not.toContain(
      'upgrade',
    );
  });

  it('shows the paths of libraries, and the number of packages by type', () => {
    const deep = 'usr/lib/node_modules/npm/node_modules/@npmcli/arborist/node_modules/lodash/package.json';
    const library = libraryFindingOf({ paths: [deep, 'app/b'] });
    const packages = [packageOf(library), packageOf(findingOf())];
    const text = table.render(reportOf({ findings: [findingOf(), library], packages, layers: [layerOf(0)] }));
    expect(text).toContain('Packages      2 (1 npm, 1 deb)\n');
    expect(text).toMatch(/Fixed in {2,}Path$/m);
    expect(text).toMatch(/4\.17\.21 {3}usr\/…\/node_modules\/lodash\/package\.json and 1 more$/m);
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(120);
    expect(text).toContain('  upgrade lodash 4.17.20 to 4.17.21: fixes 1 finding (1 high) in 1 package');
    expect(table.render(reportOf({ findings: [findingOf()] }))).not.toContain('Path');
  });

  it('recommends removing malicious packages', () => {
    const findings = [libraryFindingOf({ id: 'MAL-2025-1', class: 'malicious', fixedIn: null, status: 'open' })];
    const text = table.render(reportOf({ findings }));
    expect(text).toMatch(/MAL-2025-1 .* remove /);
    expect(blockAt(text, 'Upgrades')).toEqual(['Upgrades', '  remove lodash 4.17.20: the package is malicious']);
  });

  it('lists notes, which do not count as findings', () => {
    const text = table.render(reportOf({ notes: [noteOf()] }));
    expect(blockAt(text, 'Notes')).toEqual([
      'Notes: 1',
      '  fxhash 0.2.1 is unmaintained: RUSTSEC-2025-0057, fxhash is no longer maintained (usr/bin/app)',
    ]);
    expect(text.endsWith('No findings.\n')).toBe(true);
    const many = Array.from({ length: 22 }, () => noteOf());
    expect(blockAt(table.render(reportOf({ notes: many })), 'Notes').at(-1)).toBe('  2 more');
  });

  it('lists some of many upgrades and suppressed findings, and counts the rest', () => {
    const many = Array.from({ length: 22 }, (_, at) => findingOf({ source: { name: `p${at}`, version: '1' } }));
    const suppressed = many.map((finding) => ({ ...finding, suppression }));
    const text = table.render(reportOf({ findings: many, suppressed }));
    expect(blockAt(text, 'Upgrades').at(-1)).toBe('  2 more upgrades fix 2 findings (2 high) of 1 CVE in 1 package');
    expect(blockAt(text, 'Suppressed').at(-1)).toBe('  2 more');
  });

  it('does not present a report without shown findings as clean', () => {
    const counts = reportOf({ findings: [findingOf()] }).counts;
    expect(table.render(reportOf({ counts })).endsWith('No finding matches the filter; 1 not shown.\n')).toBe(true);
  });

  it('separates several reports by a blank line', () => {
    const targets = ['linux/amd64', 'linux/arm64'].map((platform) => ({ ...reportOf().target, platform }));
    const [one, two] = targets.map((target) => reportOf({ target }));
    const text = table.renderAll([one!, two!]);
    expect(text).toBe(`${table.render(one!)}\n${table.render(two!)}`);
    expect(text.match(/^Image .*$/gm)).toEqual(targets.map(({ platform }) => `Image         image:1 (${platform})`));
    expect(table.renderAll([one!])).toBe(table.render(one!));
  });

  it.each([{}, { columns: 80 }, { columns: 80, colors: true }])(
    'with %j sends no control characters of hostile text',
    (look) => {
      const hostile = 'a\u001B[2J\u0007\u202Eb\nc';
      const finding = findingOf({
        id: hostile,
        package: hostile,
        version: hostile,
        fixedIn: hostile,
        source: { name: hostile, version: '1' },
      });
      const text = table.render(
        reportOf({
          target: { kind: 'oci', reference: hostile, digest: 'sha256:0', platform: hostile },
          layers: [layerOf(0, { createdBy: hostile })],
          findings: [finding],
          suppressed: [
            { ...finding, suppression: { ...suppression, reason: hostile, where: hostile, author: hostile } },
          ],
          diagnostics: [{ ...incomplete, message: hostile }],
        }),
        look,
      );
      // oxlint-disable-next-line no-control-regex -- the colours are control characters
      const plain = text.replaceAll(/\u001B\[[\d;]+m/g, '').replaceAll('\n', '');
      expect(plain).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(plain).toContain(String.raw`a\u001b[2J\u0007\u202eb\nc`);
    },
  );
});

describe('the findings of the table', () => {
  const layers = [
    layerOf(0, { origin: 'base', createdBy: '/bin/sh -c #(nop) ADD file:1 in /', size: 29_100_000, packagesAdded: 96 }),
    layerOf(1, { origin: 'own', createdBy: 'COPY . /app # buildkit', packagesAdded: 0 }),
    layerOf(2, { origin: 'own', packagesAdded: 0 }),
    layerOf(3, { origin: 'own', createdBy: `RUN ${'x'.repeat(300)}`, packagesRemoved: 2 }),
  ];
  const reported: readonly ReportFinding[] = [
    findingOf({ id: 'CVE-4', layer: 3, fixedIn: null, status: 'ignored' }),
    findingOf({ id: 'CVE-3', layer: 0, severity: 'Low', risk: 12.5 }),
    findingOf({ id: 'CVE-2', layer: 0, cves: [{ id: 'CVE-2', kev: {} }], fixedIn: '3', status: 'pending' }),
  ];
  const report: Report = reportOf({ layers, findings: reported });

  it('are grouped by base image and own layers, layer by layer, the worst first', () => {
    const text = table.render(report);
    const findings = text.slice(text.indexOf('Base image'), text.indexOf('\n\nUpgrades'));
    expect(findings.split('\n').map((line) => (line.startsWith('Layer 3') ? line.slice(0, 20) : line))).toEqual([
      'Base image: 2 findings (1 high, 1 low)',
      '',
      'Layer 0  ADD file:1 in /',
      '  29.1 MB, 96 packages added, 2 findings (1 high, 1 low)',
      '  Vulnerability  Severity  Risk      Package  Installed  Fixed in     Title',
      '  CVE-2          High      50.0 KEV  curl     1          3 (pending)  words',
      '  CVE-3          Low       12.5      curl     1          2            words',
      '',
      'Your own layers: 1 finding (1 high)',
      '',
      'Layers 1 to 2: no findings',
      '',
      'Layer 3  RUN xxxxxxx',
      '  1 package added, 2 removed, 1 finding (1 high)',
      '  Vulnerability  Severity  Risk  Package  Installed  Fixed in     Title',
      '  CVE-4          High      50.0  curl     1          - (ignored)  words',
    ]);
  });

  it('in layers of unknown origin have a hint on --base', () => {
    const unknown = layers.slice(0, 1).map((layer) => ({ ...layer, origin: 'unknown' as const }));
    expect(table.render(reportOf({ layers: unknown }))).toContain(
      'base image unknown; use --base to name the base image',
    );
    expect(table.render(reportOf({ layers: [...unknown, layerOf(1, { origin: 'base' })] }))).toContain(
      'from an unknown base image',
    );
    expect(table.render(reportOf({ findings: reported }))).toContain('Layer 3: 1 finding (1 high)\n  Vulnerability');
  });

  it('may be one list in the order of the report, each with its layer', () => {
    expect(blockAt(table.render(report, { grouping: 'none' }), '  Vulnerability')).toEqual([
      '  Vulnerability  Severity  Risk      Package  Installed  Fixed in     Layer     Title',
      '  CVE-4          High      50.0      curl     1          - (ignored)  3 (own)   words',
      '  CVE-3          Low       12.5      curl     1          2            0 (base)  words',
      '  CVE-2          High      50.0 KEV  curl     1          3 (pending)  0 (base)  words',
    ]);
  });

  it('share a row if only the package of the same source differs, unless each finding is to have its own row', () => {
    const binary = (name: string, version = '1'): ReportFinding =>
      findingOf({ package: name, version, source: { name: 'curl', version } });
    const findings = [...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => binary(name)), binary('other', '2')];
    const rows = (look?: Look): readonly string[] =>
      blockAt(table.render(reportOf({ findings }), { grouping: 'none', ...look }), '  Vulnerability').slice(1);
    expect(rows().map((row) => row.split(/ {2,}/)[4])).toEqual(['a, b, c, d and 2 more', 'other']);
    expect(rows({ isExpanded: true }).map((row) => row.split(/ {2,}/)[4])).toEqual('a b c d e f other'.split(' '));
  });

  it('have titles as far as the line has room', () => {
    const titled = reportOf({ findings: [findingOf({ description: `${'Long words '.repeat(20)}. More.` })] });
    const [head, row = ''] = blockAt(table.render(titled, { grouping: 'none', columns: 100 }), '  Vulnerability');
    expect(head).toMatch(/ Title$/);
    expect(row).toMatch(/ Long words Long .*…$/);
    expect(stringWidth(row)).toBeLessThanOrEqual(100);
    expect(table.render(titled, { grouping: 'none', columns: 80 })).not.toContain('Title');
  });

  it('fit the width of a terminal, and are not cut elsewhere', () => {
    const long = findingOf({ package: 'p'.repeat(90), version: 'v'.repeat(90), fixedIn: 'f'.repeat(90), layer: 3 });
    const wide = reportOf({ layers, findings: [long] });
    const lines = (text: string): readonly string[] => [
      ...blockAt(text, '  Vulnerability'),
      ...blockAt(text, 'Layer 3'),
    ];
    for (const columns of [70, 100, 200]) {
      const over = lines(table.render(wide, { columns })).filter((line) => stringWidth(line) > columns);
      expect(over).toEqual([]);
    }
    const piped = table.render(wide);
    expect(piped).toContain(`${'p'.repeat(90)}  ${'v'.repeat(90)}  ${'f'.repeat(90)}`);
    expect(blockAt(piped, 'Layer 3')[0]).toHaveLength(160);
  });

  it('have colours only on request, and the same text without', () => {
    const plain = table.render(report);
    expect(plain).not.toContain('\u001B');
    const colored = table.render(report, { colors: true });
    expect(colored).toContain('\u001B[31mHigh\u001B[0m');
    // oxlint-disable-next-line no-control-regex -- the colours are control characters
    expect(colored.replaceAll(/\u001B\[[\d;]+m/g, '')).toBe(plain);
  });
});
