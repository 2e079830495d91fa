import { createHash } from 'node:crypto';
import type { Report } from '../model/report/report.ts';
import { createFormat, type Format, type Look } from './format.ts';
import { findingsTable } from './html/findings-table.ts';
import { SCRIPT } from './html/script.ts';
import { dataTable, layersTable, notesTable, packagesTable, suppressedTable, undecidedTable } from './html/tables.ts';
import { STYLE } from './html/style.ts';
import { countOf } from '../model/counted-noun.ts';
import { isIncomplete, severityCounts, summaryWords } from './writing/finding-words.ts';
import { packageCountWords } from './writing/library-words.ts';
import { withFoldedHeaders } from './writing/kernel-headers.ts';
import { type Markup, markup, piecesOf, verbatim } from './writing/markup.ts';

/**
 * The report as a self-contained HTML page (docs/reference/formats.md). The page sends no requests, and its content
 * security policy forbids requests. The script only filters and sorts, and the page is complete without the script.
 */
export const html: Format = createFormat({
  id: 'html',
  mediaType: 'text/html',
  write: (report, look) => page([report], look),
  writeAll: page,
});

function page(reports: readonly Report[], look?: Look): Iterable<string> {
  const [first] = reports;
  const title = first === undefined ? 'Clair' : `${first.target.reference} – Clair`;
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(STYLE)}`,
    `script-src ${hashOf(SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return piecesOf(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${verbatim(STYLE)}</style>
</head>
<body>
<a class="skip" href="#report">Skip to the report</a>
<main id="report">
${reports.map((report, index) => section(report, index, look))}</main>
<footer><p>Created by Clair ${first?.clairVersion ?? ''} on ${first?.createdAt ?? ''}.</p></footer>
<script>${verbatim(SCRIPT)}</script>
</body>
</html>
`);
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function section(all: Report, index: number, look?: Look): Markup {
  const { report, line } = withFoldedHeaders(all, look);
  const id = `image-${index}`;
  const { target, distribution, findings } = report;
  const fixable = findings.filter(({ fixedIn }) => fixedIn !== null).length;
  return markup`<article aria-labelledby="${id}">
<h1 id="${id}"><bdi>${target.reference}</bdi> <small>${target.platform}</small></h1>
<dl>
<div><dt>Digest</dt><dd><code>${target.digest}</code></dd></div>
<div><dt>Distribution</dt><dd><bdi>${distribution?.prettyName ?? 'unknown'}</bdi> <code>${distribution?.namespace ?? ''}</code></dd></div>
<div><dt>Layers</dt><dd>${report.layers.length}</dd></div>
<div><dt>Packages</dt><dd>${packageCountWords(report.packages)}</dd></div>
</dl>
${diagnosticList(report)}<p class="summary">${summaryWords(all)}${findings.length === 0 ? '' : ` ${countOf(fixable, 'finding')} with a fix.`}</p>
<ul class="counts">${severityCounts(findings).map(
    ({ severity, count }) =>
      markup`<li><span class="severity ${severity.toLowerCase()}">${severity}</span> <b>${count}</b></li>`,
  )}</ul>
${findingsTable(report, id)}${line === '' ? '' : markup`<p>${line}.</p>\n`}${layersTable(report, id)}${suppressedTable(report)}${undecidedTable(report)}${notesTable(report)}${dataTable(report)}${packagesTable(report)}</article>
`;
}

/**
 * Returns the diagnostics. The diagnostics are expanded at the top of the page, so that readers do not mistake an
 * incomplete report for a clean report.
 */
function diagnosticList(report: Report): Markup {
  if (report.diagnostics.length === 0) return markup``;
  const title = isIncomplete(report) ? 'The report is incomplete' : 'Diagnostics';
  return markup`<section class="${isIncomplete(report) ? 'diagnostics incomplete' : 'diagnostics'}" aria-label="Diagnostics">
<h2>${title}</h2>
<ul>
${report.diagnostics.map(
  ({ code, message, where, incomplete }) =>
    markup`<li><b>${incomplete ? 'Diagnostic' : 'Note'}</b> <code>${code}</code>: <bdi>${message}</bdi> (<bdi>${where}</bdi>)</li>\n`,
)}</ul>
</section>
`;
}
