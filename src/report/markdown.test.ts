import { describe, expect, it } from 'vitest';
import { finding, HOSTILE, hostileReport, INCOMPLETE, reportWith, suppressed } from '../../test/fixtures/reports.ts';
import { markdown } from './markdown.ts';
import { markdownText } from './writing/markdown-text.ts';

describe('Markdown', () => {
  it('has counts on top, findings the worst first, and all lists folded', () => {
    const findings = [finding({ severity: 'Low' }), finding({ id: 'CVE-2026-9', severity: 'Critical', fixedIn: null })];
    const lines = markdown.render(reportWith({ vulnerabilities: findings })).split('\n');
    expect(lines).toContain('| Critical | 1 | 0 |');
    expect(lines).toContain('| Low | 1 | 1 |');
    expect(lines).toContain('<details><summary>Vulnerable packages (2)</summary>');
    const rows = lines.filter((line) => line.startsWith('| [<code>')).map((line) => line.split(' | ')[1]);
    expect(rows).toEqual(['Critical', 'Low']);
  });

  it('never folds what is missing', () => {
    const text = markdown.render(reportWith({ problems: [INCOMPLETE], suppressed: [suppressed()] }));
    expect(text.indexOf('The answer is incomplete')).toBeGreaterThan(0);
    expect(text.indexOf('- **Problem** <code>source-stale</code>')).toBeLessThan(text.indexOf('<details>'));
    expect(text).toContain('<summary>Suppressed (1)</summary>');
  });

  it('fits into a comment of GitHub, and says what it leaves out', () => {
    const vulnerabilities = Array.from({ length: 10_000 }, (_, index) => finding({ id: `CVE-2026-${index}` }));
    const packed = markdown.render(reportWith({ vulnerabilities }));
    expect(packed.length).toBeLessThan(65_536);
    expect(packed).toContain('<summary>Vulnerable packages (10000)</summary>');
    const left = Number(/_And (\d+) more/.exec(packed)?.[1]);
    expect(packed.match(/^\| \[<code>/gm)).toHaveLength(10_000 - left);
    const all = markdown.renderAll(Array.from({ length: 5 }, () => reportWith({ vulnerabilities })));
    expect(all.length).toBeLessThan(65_536);
    expect(markdown.render(hostileReport()).length).toBeLessThan(65_536);
  });

  it.each(HOSTILE)('%j is only text', (text) => {
    const escaped = markdownText(text);
    expect(escaped.replaceAll('<!-- -->', '')).not.toMatch(/[<>|`*_[\]()\\@"\n!~$]|^\s*[-+#\d]|:\/\/|www\./);
    expect(escaped.replaceAll('<!-- -->', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    // Nobody is mentioned: the sign and the name are in different pieces of text.
    expect(escaped).not.toMatch(/&#64;(?!<!-- -->)/);
  });
});
