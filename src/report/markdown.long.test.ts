import { expect, it } from 'vitest';
import { finding, hostileReport, reportWith } from './testing/reports.ts';
import { markdown } from './markdown.ts';

it('Markdown fits a GitHub comment, and states how many entries it omits', () => {
  const findings = Array.from({ length: 1000 }, (_, index) => finding({ id: `CVE-2026-${index}` }));
  const packed = markdown.render(reportWith({ findings }));
  expect(packed.length).toBeLessThan(65_536);
  expect(packed).toContain('<summary>Findings (1000)</summary>');
  const left = Number(/_(\d+) more entries are in the full report/.exec(packed)?.[1]);
  expect(packed.match(/^\| \[<code>/gm)).toHaveLength(1000 - left);
  const all = markdown.renderAll(Array.from({ length: 5 }, () => reportWith({ findings })));
  expect(all.length).toBeLessThan(65_536);
  expect(markdown.render(hostileReport()).length).toBeLessThan(65_536);
});
