import { describe, expect, it } from 'vitest';
import { finding, HOSTILE, INCOMPLETE, reportWith, suppressed } from './testing/reports.ts';
import { libraryFindingOf, noteOf } from './testing/report-builder.ts';
import { markdown } from './markdown.ts';
import { markdownText } from './writing/markdown-text.ts';

describe('Markdown', () => {
  it('shows counts first, then collapsed lists with the worst findings first', () => {
    const findings = [finding({ severity: 'Low' }), finding({ id: 'CVE-2026-9', severity: 'Critical', fixedIn: null })];
    const lines = markdown.render(reportWith({ findings: findings })).split('\n');
    expect(lines).toContain('| Critical | 1 | 1 | 1 | 0 |');
    expect(lines).toContain('| Low | 1 | 1 | 1 | 1 |');
    expect(lines).toContain('<details><summary>Findings (2)</summary>');
    const rows = lines.filter((line) => line.startsWith('| [<code>')).map((line) => line.split(' | ')[1]);
    expect(rows).toEqual(['Critical', 'Low']);
  });

  it('counts the listed findings, without findings in kernel headers', () => {
    const headers = finding({ id: 'CVE-2026-8', severity: 'Critical', class: 'kernel-headers' });
    const report = reportWith({ findings: [finding({ severity: 'Low' }), headers] });
    expect(markdown.render(report)).toContain('| Low | 1 | 1 | 1 | 1 |');
    expect(markdown.render(report)).not.toContain('| Critical |');
    expect(markdown.render(report, { include: ['kernel-headers'] })).toContain('| Critical | 1 | 1 | 1 | 1 |');
  });

  it('shows the paths of libraries in a separate column', () => {
    const library = libraryFindingOf({ paths: ['app/a/package.json', 'app/b/package.json'] });
    const lines = markdown.render(reportWith({ findings: [library, finding()] })).split('\n');
    expect(lines).toContain('| Vulnerability | Severity | Risk | Package | Installed | Fix | Layer | Path |');
    expect(lines).toContain('|---|---|--:|---|---|---|--:|---|');
    expect(lines.find((line) => line.includes('lodash'))).toMatch(
      /\| <code>app\/a\/package.json and 1 more<\/code> \|$/,
    );
    expect(lines.find((line) => line.includes('curl'))).toMatch(/\| 1 \| {2}\|$/);
    expect(markdown.render(reportWith({ findings: [finding()] }))).not.toContain('Path');
  });

  it('lists notes apart from the findings', () => {
    const lines = markdown.render(reportWith({ notes: [noteOf()] })).split('\n');
    expect(lines).toContain('**No findings.**');
    expect(lines).toContain('<details><summary>Notes (1)</summary>');
    expect(lines).toContain(
      '- fxhash 0.2.1 is unmaintained: RUSTSEC-2025-0057, fxhash is no longer maintained (<code>usr/bin/app</code>)',
    );
  });

  it('never collapses diagnostics', () => {
    const text = markdown.render(reportWith({ diagnostics: [INCOMPLETE], suppressed: [suppressed()] }));
    expect(text.indexOf('The report is incomplete')).toBeGreaterThan(0);
    expect(text.indexOf('- **Diagnostic** <code>feed-stale</code>')).toBeLessThan(text.indexOf('<details>'));
    expect(text).toContain('<summary>Suppressed (1)</summary>');
  });

  it.each(HOSTILE)('%j stays text', (text) => {
    const escaped = markdownText(text);
    // A backslash escapes these characters (CommonMark 0.31, 2.4).
    const unescaped = escaped.replaceAll('<!-- -->', '').replaceAll(/\\[\\`*[\]|~_\-+#.)]/g, '');
    expect(unescaped).not.toMatch(/[<>|`*[\]\\@\n~$]|\b_|_\b|^\s*(?:[-+#]|\d+[.)])(?:\s|$)|(?<!&)#\d|:\/\/|www\./);
    expect(unescaped).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]|&(?!amp;|lt;|gt;|#\d+;)/u);
    // A comment separates the `@` or `#` from the name, so that the text is not a mention.
    expect(escaped).not.toMatch(/&#(?:64|35);(?!<!-- -->)/);
  });

  it.each([
    ['1,439 findings: 3 high (CVE-2026-1)', '1,439 findings: 3 high (CVE-2026-1)'],
    ['registry.test:5000/team/app_one:1.2', 'registry.test:5000/team/app_one:1.2'],
    ['Upgrade libstdc++6 to 1:12.2.0-14+deb12u1 or later.', 'Upgrade libstdc++6 to 1:12.2.0-14+deb12u1 or later.'],
    ['3.0.13-1~deb12u1', '3.0.13-1\\~deb12u1'],
    ['7.88.1-10', '7.88.1-10'],
    ['1. first', '1\\. first'],
    ['12) twelfth', '12\\) twelfth'],
    ['- item', '\\- item'],
    ['--- ---', '\\--- ---'],
    ['# Heading', '&#35;<!-- --> Heading'],
    ['a # b, a #7', 'a # b, a &#35;<!-- -->7'],
    ['_a_ b_c __d__', '\\_a\\_ b_c \\_\\_d\\_\\_'],
    ['**a** `b` ~~c~~ $d$', '\\*\\*a\\*\\* \\`b\\` \\~\\~c\\~\\~ &#36;d&#36;'],
    ['<b>&amp;', '&lt;b&gt;&amp;amp;'],
    ['a | b \\| c', 'a \\| b \\\\\\| c'],
    ['[a](http://b) ![c](d)', '\\[a\\](http&#58;//b) !\\[c\\](d)'],
    ['www.a.test :tada: @b', 'www&#46;a.test &#58;tada: &#64;<!-- -->b'],
  ])('escapes %j minimally as %j', (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });
});
