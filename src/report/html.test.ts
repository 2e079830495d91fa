import { describe, expect, it } from 'vitest';
import { elementsOf, textOf } from './testing/format-rules.ts';
import { finding, HOSTILE, hostileReport, INCOMPLETE, reportWith, suppressed, UNDECIDED } from './testing/reports.ts';
import { libraryFindingOf, noteOf, packageOf } from './testing/report-builder.ts';
import { html } from './html.ts';

describe('HTML', () => {
  it('shows diagnostics expanded at the top', () => {
    const page = html.render(reportWith({ diagnostics: [INCOMPLETE], findings: [finding()] }));
    const texts = elementsOf(page)
      .filter(({ tagName }) => tagName === 'h2')
      .map(textOf);
    expect(texts.slice(0, 2)).toEqual(['The report is incomplete', 'Findings']);
  });

  it('shows a finding with its severity as text, its risk, fix and layer', () => {
    const page = html.render(reportWith({ findings: [finding()] }));
    const row = elementsOf(page).find(({ attrs }) => attrs.some(({ name }) => name === 'data-fixable'))!;
    const cells = row.childNodes.filter(({ nodeName }) => nodeName === 'td');
    const texts = cells.map((cell) => textOf(cell).trim());
    expect(texts[0]).toMatch(/^CVE-2026-1\nWhat it is about\.\nUpgrade curl to 7\.88\.1-11 or later\./);
    expect(texts.slice(1)).toEqual(['High', '50.0', 'curl', '7.88.1-10', '7.88.1-11', '1']);
  });

  it('shows suppressed and undetermined findings with the reason, packages with their layers, and feeds', () => {
    const page = html.render(reportWith({ suppressed: [suppressed()], undecided: { count: 5, listed: [UNDECIDED] } }));
    const titles = elementsOf(page)
      .filter(({ tagName }) => tagName === 'h2')
      .map(textOf);
    expect(titles).toEqual(['Layers (2)', 'Suppressed (1)', 'Undetermined (5)', 'Feeds (1)', 'Packages (2)']);
    expect(page).toContain('never called');
  });

  it('shows the paths and the owner of a library, and notes in a separate table', () => {
    const library = libraryFindingOf({ paths: ['a/package.json', 'b/package.json'] });
    const packages = [
      packageOf(library, { owner: { type: 'deb', name: 'node-lodash', version: '4' }, flags: ['dev'] }),
    ];
    const page = html.render(reportWith({ findings: [library], packages, notes: [noteOf()] }));
    expect(page).toContain('<bdi>lodash</bdi><br><small><bdi>a/package.json and 1 more</bdi></small>');
    expect(page).toContain('<p>at <code>b/package.json</code></p>\n<p>owned by <bdi>deb node-lodash 4</bdi></p>');
    expect(page).toContain('<dd>1 (1 npm)</dd>');
    expect(page).toContain('<th scope="col">Paths</th><th scope="col">Owner</th>');
    expect(page).toContain('<td><bdi>npm, dev</bdi></td>');
    expect(page).toContain('<h2>Notes (1)</h2>');
    expect(html.render(reportWith())).not.toContain('Paths');
  });

  it('shows a hostile description as text', () => {
    const script = HOSTILE[0]!;
    const elements = elementsOf(html.render(hostileReport()));
    expect(elements.filter(({ tagName }) => tagName === 'script')).toHaveLength(1);
    expect(elements.map(textOf)).toContain(script);
  });

  it('links to HTTP addresses only', () => {
    const page = html.render(reportWith({ findings: [finding({ link: 'javascript:alert(1)' })] }));
    const links = elementsOf(page).flatMap(({ attrs }) => attrs.filter(({ name }) => name === 'href'));
    expect(links.map(({ value }) => value)).toEqual(['#report', '#image-0-layer-1']);
  });
});
