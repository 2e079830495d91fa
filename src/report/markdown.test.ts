import { describe, expect, it } from 'vitest';
import { finding, HOSTILE, hostileReport, INCOMPLETE, reportWith, suppressed } from './testing/reports.ts';
import { markdown } from './markdown.ts';
import { markdownText } from './writing/markdown-text.ts';

describe('Markdown', () => {
  it('has counts on top, findings the worst first, and all lists folded', () => {
    const findings = [finding({ severity: 'Low' }), finding({ id: 'CVE-2026-9', severity: 'Critical', fixedIn: null })];
    const lines = markdown.render(reportWith({ findings: findings })).split('\n');
    expect(lines).toContain('| Critical | 1 | 1 | 1 | 0 |');
    expect(lines).toContain('| Low | 1 | 1 | 1 | 1 |');
    expect(lines).toContain('<details><summary>Findings (2)</summary>');
    const rows = lines.filter((line) => line.startsWith('| [<code>')).map((line) => line.split(' | ')[1]);
    expect(rows).toEqual(['Critical', 'Low']);
  });

  it('counts the findings that it lists, not those in kernel headers', () => {
    const headers = finding({ id: 'CVE-2026-8', severity: 'Critical', class: 'kernel-headers' });
    const report = reportWith({ findings: [finding({ severity: 'Low' }), headers] });
    expect(markdown.render(report)).toContain('| Low | 1 | 1 | 1 | 1 |');
    expect(markdown.render(report)).not.toContain('| Critical |');
    expect(markdown.render(report, { include: ['kernel-headers'] })).toContain('| Critical | 1 | 1 | 1 | 1 |');
  });

  it('never folds what is missing', () => {
    const text = markdown.render(reportWith({ diagnostics: [INCOMPLETE], suppressed: [suppressed()] }));
    expect(text.indexOf('The answer is incomplete')).toBeGreaterThan(0);
    expect(text.indexOf('- **Diagnostic** <code>feed-stale</code>')).toBeLessThan(text.indexOf('<details>'));
    expect(text).toContain('<summary>Suppressed (1)</summary>');
  });

  it('fits into a comment of GitHub, and says what it leaves out', () => {
    const findings = Array.from({ length: 2000 }, (_, index) => finding({ id: `CVE-2026-${index}` }));
    const packed = markdown.render(reportWith({ findings }));
    expect(packed.length).toBeLessThan(65_536);
    expect(packed).toContain('<summary>Findings (2000)</summary>');
    const left = Number(/_And (\d+) more/.exec(packed)?.[1]);
    expect(packed.match(/^\| \[<code>/gm)).toHaveLength(2000 - left);
    const all = markdown.renderAll(Array.from({ length: 5 }, () => reportWith({ findings })));
    expect(all.length).toBeLessThan(65_536);
    expect(markdown.render(hostileReport()).length).toBeLessThan(65_536);
  });

  it.each(HOSTILE)('%j is only text', (text) => {
    const escaped = markdownText(text);
    // CommonMark 0.31, 2.4: behind a backslash these are text.
    const unescaped = escaped.replaceAll('<!-- -->', '').replaceAll(/\\[\\`*[\]|~_\-+#.)]/g, '');
    expect(unescaped).not.toMatch(/[<>|`*[\]\\@\n~$]|\b_|_\b|^\s*(?:[-+#]|\d+[.)])(?:\s|$)|(?<!&)#\d|:\/\/|www\./);
    expect(unescaped).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]|&(?!amp;|lt;|gt;|#\d+;)/u);
    // Nobody is mentioned: the sign and the name are in different pieces of text.
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
  ])('of %j is %j: no more is escaped than must be', (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });
});
