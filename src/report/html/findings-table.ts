import { isExploited } from '../../model/report/exploited-finding.ts';
import type { Report, ReportCve, ReportFinding, ReportPackage } from '../../model/report/report.ts';
import { SEVERITIES, severityRank, severityText } from '../../model/severity.ts';
import { aliasWords, reachabilityWords, remedyOf } from '../writing/finding-words.ts';
import { candidateWords, ownersOf, ownerWords, pathWords } from '../writing/library-words.ts';
import { type Markup, markup, rowsOf } from '../writing/markup.ts';
import { webAddress } from '../writing/web-address.ts';

/**
 * Returns the table of findings, highest risk first, with collapsed details. The filters need the script, so the
 * filters are hidden until the script shows them.
 *
 * @param id the unique ID of the image on the page
 */
export function findingsTable(report: Report, id: string): Markup {
  const { findings } = report;
  const ownerOf = ownersOf(report);
  if (findings.length === 0) return markup``;
  const worstFirst = findings.toSorted((a, b) => b.risk - a.risk);
  return markup`<section aria-labelledby="${id}-findings">
<h2 id="${id}-findings">Findings</h2>
<form class="filters" data-for="${id}-table" hidden>
<label>Search <input type="search" name="text" autocomplete="off"></label>
<label>Minimum severity <select name="rank">${SEVERITIES.map((each, rank) => markup`<option value="${rank}">${each}</option>`)}</select></label>
<label><input type="checkbox" name="fixable"> Only with a fix</label>
<output aria-live="polite"></output>
</form>
<div class="wide" tabindex="0" role="region" aria-labelledby="${id}-findings">
<table id="${id}-table" data-sortable>
<thead><tr>${HEADS.map(([name, kind]) => markup`<th scope="col" data-kind="${kind}">${name}</th>`)}</tr></thead>
<tbody>
${rowsOf(worstFirst, (each) => row(each, id, ownerOf(each.purl)))}</tbody>
</table>
</div>
</section>
`;
}

const HEADS = [
  ['Vulnerability', 'text'],
  ['Severity', 'number'],
  ['Risk', 'number'],
  ['Package', 'text'],
  ['Installed', 'text'],
  ['Fixed in', 'text'],
  ['Layer', 'number'],
] as const;

function row(finding: ReportFinding, id: string, owner: ReportPackage['owner']): Markup {
  const { severity, risk, package: name, version, source, fixedIn, status, paths, layer } = finding;
  const rank = severityRank(severity);
  const exploited = isExploited(finding);
  return markup`<tr data-rank="${rank}"${fixedIn === null ? '' : markup` data-fixable`}>
<td><details><summary><bdi>${finding.id}</bdi>${exploited ? markup` <b class="kev">exploited</b>` : ''}</summary>${details(finding, owner)}</details></td>
<td data-value="${rank}"><span class="severity ${severity.toLowerCase()}">${severityText(finding)}</span></td>
<td data-value="${risk}">${risk.toFixed(1)}</td>
<td><bdi>${name}</bdi>${source.name === name ? '' : markup` <small>of <bdi>${source.name}</bdi></small>`}${paths.length === 0 ? '' : markup`<br><small><bdi>${pathWords(paths, MAX_PATH)}</bdi></small>`}</td>
<td><bdi>${version}</bdi></td>
<td>${finding.class === 'malicious' ? 'remove' : fixedIn === null ? markup`<small>none (${status})</small>` : markup`<bdi>${fixedIn}</bdi>`}</td>
<td data-value="${layer}"><a href="#${id}-layer-${layer}">${layer}</a></td>
</tr>
`;
}

/** The maximum length of a path in a row, in UTF-16 code units. The details contain all paths in full. */
const MAX_PATH = 60;

function details(finding: ReportFinding, owner: ReportPackage['owner']): Markup {
  const { aliases, description, links, namespace, paths, candidates, cves, purl } = finding;
  const addresses = links.flatMap((link) => webAddress(link) ?? []);
  return markup`
${description === '' ? '' : markup`<p class="words" dir="auto">${description}</p>\n`}${aliases.length === 0 ? '' : markup`<p><bdi>${aliasWords(finding)}</bdi></p>\n`}<p><bdi>${remedyOf(finding)}</bdi></p>
${finding.reachability === null ? '' : markup`<p><bdi>${reachabilityWords(finding)}</bdi></p>\n`}${cves.map(facts)}<p><code>${purl}</code> in <code>${namespace}</code></p>
${candidates.length === 0 ? '' : markup`<p><bdi>${candidateWords(candidates)}</bdi></p>\n`}${paths.map((path) => markup`<p>at <code>${path}</code></p>\n`)}${owner === null ? '' : markup`<p>owned by <bdi>${ownerWords(owner)}</bdi></p>\n`}${addresses.map((address) => markup`<p><a href="${address}" rel="noopener noreferrer">${address}</a></p>`)}`;
}

function facts({ id, cvss = [], epss, kev }: ReportCve): Markup {
  const words = [
    ...cvss.map(({ version, score, source, vector }) => `CVSS ${version}: ${score} by ${source} (${vector})`),
    ...(epss === undefined ? [] : [`EPSS ${(epss.score * 100).toFixed(2)} %`]),
    ...(kev === undefined ? [] : [`known exploited${kev.added === undefined ? '' : `, added to KEV on ${kev.added}`}`]),
  ];
  return words.length === 0 ? markup`` : markup`<p><bdi>${id}</bdi>: ${words.join('; ')}</p>\n`;
}
