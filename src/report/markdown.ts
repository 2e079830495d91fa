import { isExploited } from '../model/report/exploited-finding.ts';
import { reportCounts } from '../model/report/finding-counts.ts';
import type { Report, ReportFinding } from '../model/report/report.ts';
import { SEVERITIES, severityRank, severityText } from '../model/severity.ts';
import { createFormat, type Format, type Look } from './format.ts';
import { numberWords } from '../model/counted-noun.ts';
import {
  dataWords,
  isIncomplete,
  layerWords,
  remedyOf,
  severityWords,
  summaryWords,
  suppressionWords,
  undecidedWords,
} from './writing/finding-words.ts';
import { noteWords, packageWords, pathWords } from './writing/library-words.ts';
import { withFoldedHeaders } from './writing/kernel-headers.ts';
import { markdownCode, markdownText } from './writing/markdown-text.ts';
import { shortened } from './writing/shortened.ts';
import { webAddress } from './writing/web-address.ts';

/**
 * The report as Markdown for a pull request, with the diagnostics, the counts, and collapsed lists of the findings
 * (worst first), layers and feeds. A GitHub comment can have at most 65,536 characters, so long lists are truncated,
 * and a note states the number of missing entries.
 */
export const markdown: Format = createFormat({
  id: 'markdown',
  mediaType: 'text/markdown',
  write: (report, look) => [section(report, MAX_LENGTH, look)],
  writeAll: (reports, look) => [
    reports.map((report) => section(report, Math.floor(MAX_LENGTH / reports.length), look)).join('\n---\n\n'),
  ],
});

/** The maximum length of a document in UTF-16 code units, with room for text that a workflow adds. */
const MAX_LENGTH = 60_000;

/**
 * The share of the remaining length for each list, and the maximum length of each text and path in the lists, in UTF-16
 * code units.
 */
const SHARE_OF_DIAGNOSTICS = 0.25;
const SHARE_OF_LIST = 0.5;
const MAX_WORDS = 300;
const MAX_PATH = 80;

function section(all: Report, room: number, look?: Look): string {
  const { report, line } = withFoldedHeaders(all, look);
  const { target, findings, suppressed, undecided, notes, layers, feeds, diagnostics } = report;
  const head = [
    `### Clair: ${code(target.reference)} ${text(target.platform)}`,
    '',
    `**${text(summaryWords(all))}**`,
    '',
    ...(isIncomplete(report) ? ['> [!WARNING]', '> The report is incomplete: findings may be missing.', ''] : []),
  ].join('\n');
  const parts = [head];
  const left = (): number => room - parts.reduce((sum, part) => sum + part.length, 0);
  const diagnosticLines = diagnostics.map(({ code: name, message, where, incomplete }) => {
    return `- ${incomplete ? '**Diagnostic**' : 'Note'} ${code(name)}: ${text(message)} (${text(where)})`;
  });
  parts.push(list('', diagnosticLines, left() * SHARE_OF_DIAGNOSTICS));
  parts.push(findings.length === 0 ? '' : countsTable(findings));
  const worstFirst = findings.toSorted(
    (a, b) => severityRank(b.severity) - severityRank(a.severity) || b.risk - a.risk,
  );
  const hasPaths = findings.some(({ paths }) => paths.length > 0);
  const findingsHead = hasPaths ? FINDINGS_HEAD_WITH_PATHS : FINDINGS_HEAD;
  const rows = worstFirst.map((finding) => findingRow(finding, hasPaths));
  parts.push(folded('Findings', findingsHead, rows, left() * SHARE_OF_LIST));
  parts.push(line === '' ? '' : `${text(line)}\n`);
  parts.push(
    folded(
      'Layers',
      LAYERS_HEAD,
      layers.map(({ index }) => layerRow(report, index)),
      left() * SHARE_OF_LIST,
    ),
  );
  const ruledOut = suppressed.map(
    (each) =>
      `| ${code(each.id)} | ${severityText(each)} | ${code(`${each.package} ${each.version}`)} | ${text(suppressionWords(each.suppression))} |`,
  );
  parts.push(folded('Suppressed', SUPPRESSED_HEAD, ruledOut, left() * SHARE_OF_LIST));
  const undecidedLines = undecided.listed.map((each) => `- ${text(undecidedWords(each))}`);
  parts.push(folded('Undetermined', [], undecidedLines, left() * SHARE_OF_LIST, undecided.count));
  const noteLines = notes.map((note) => {
    const where = note.paths.length === 0 ? '' : ` (${code(pathWords(note.paths, MAX_PATH))})`;
    return `- ${text(noteWords(note))}${where}`;
  });
  parts.push(folded('Notes', [], noteLines, left() * SHARE_OF_LIST));
  const data = feeds.filter(({ isUsed }) => isUsed).map((feed) => `- ${text(dataWords(feed))}`);
  parts.push(folded('Feeds', [], data, left() * SHARE_OF_LIST));
  return parts.filter((part) => part !== '').join('\n');
}

const FINDINGS_HEAD = [
  '| Vulnerability | Severity | Risk | Package | Installed | Fix | Layer |',
  '|---|---|--:|---|---|---|--:|',
];
const FINDINGS_HEAD_WITH_PATHS = [`${FINDINGS_HEAD[0]} Path |`, `${FINDINGS_HEAD[1]}---|`];
const LAYERS_HEAD = ['| Layer | Instruction | Packages | Findings |', '|--:|---|---|---|'];
const SUPPRESSED_HEAD = ['| Vulnerability | Severity | Package | Reason |', '|---|---|---|---|'];

function countsTable(listed: readonly ReportFinding[]): string {
  const { severities } = reportCounts(listed);
  const rows = SEVERITIES.toReversed().flatMap((severity) => {
    const { cves, packages, findings, fixable } = severities[severity];
    return findings === 0
      ? []
      : [`| ${[severity, ...[cves, packages, findings, fixable].map(numberWords)].join(' | ')} |`];
  });
  return ['| Severity | CVEs | Packages | Findings | With a fix |', '|---|--:|--:|--:|--:|', ...rows, ''].join('\n');
}

function findingRow(finding: ReportFinding, hasPaths: boolean): string {
  const { id, risk, version, layer, link, paths, reachabilityReason } = finding;
  const address = webAddress(link);
  const exploited = isExploited(finding) ? ' **exploited**' : '';
  const linked = address === undefined || address.length > MAX_WORDS ? code(id) : `[${code(id)}](<${address}>)`;
  const fix = text([remedyOf(finding), reachabilityReason ?? ''].join(' ').trim());
  return `| ${linked}${exploited} | ${severityText(finding)} | ${risk} | ${code(packageWords(finding))} | ${code(version)} | ${fix} | ${layer} |${hasPaths ? ` ${code(pathWords(paths, MAX_PATH))} |` : ''}`;
}

function layerRow(report: Report, index: number): string {
  const layer = report.layers[index];
  const found = severityWords(report.findings.filter((each) => each.layer === index));
  return `| ${index} | ${text(layerWords(report, index))} | +${layer?.packagesAdded ?? 0} −${layer?.packagesRemoved ?? 0} | ${found} |`;
}

/**
 * Returns a collapsed list without the lines that exceed `room` UTF-16 code units; empty if `count`, the number of all
 * entries, is 0.
 */
function folded(
  title: string,
  head: readonly string[],
  lines: readonly string[],
  room: number,
  count: number = lines.length,
): string {
  if (count === 0) return '';
  const body = list(head.join('\n'), lines, room, count);
  return `<details><summary>${title} (${count})</summary>\n\n${body}\n</details>\n`;
}

function list(head: string, lines: readonly string[], room: number, count: number = lines.length): string {
  if (count === 0) return '';
  let length = head.length;
  const kept = lines.filter((line) => (length += line.length + 1) <= room);
  const more = count - kept.length;
  return [
    ...(head === '' ? [] : [head]),
    ...kept,
    ...(more > 0 ? ['', `_${more} more ${more === 1 ? 'entry is' : 'entries are'} in the full report._`] : []),
    '',
  ].join('\n');
}

function text(words: string): string {
  return markdownText(shortened(words, MAX_WORDS));
}

function code(words: string): string {
  return markdownCode(shortened(words, MAX_WORDS));
}
