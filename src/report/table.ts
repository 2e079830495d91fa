import type { Report } from '../model/report/report.ts';
import { createFormat, type Format, type Look } from './format.ts';
import { findingRows, type RowsOptions } from './table/finding-rows.ts';
import { layerGroups } from './table/layer-groups.ts';
import { createPaint, type Paint } from './table/paint.ts';
import { printable } from '../model/printable.ts';
import { feedsToDownload } from '../model/releases/distribution-feeds.ts';
import { upgradesOf } from './upgrades/upgrades.ts';
import { noteWords, packageCountWords, pathWords } from './writing/library-words.ts';
import { groupedBy } from './writing/grouped.ts';
import { withFoldedHeaders } from './writing/kernel-headers.ts';
import { shortened } from './writing/shortened.ts';
import { countOf } from '../model/counted-noun.ts';
import { clauseOf, countWords, FIXED_ONLY_WORDS, summaryWords } from './writing/finding-words.ts';

/**
 * The report as a table, with the summary, diagnostics, findings by layer or in a single list, upgrades, notes, and
 * suppressed findings. A blank line separates reports. The summary is repeated at the end, because a terminal shows the
 * end of the output. In a terminal, the table fits the width of the terminal; elsewhere, no cell wraps, but paths,
 * titles, notes and instructions are shortened.
 */
export const table: Format = createFormat({
  id: 'table',
  mediaType: 'text/plain',
  write: (report, look) => [render(report, look)],
  writeAll: (reports, look) => reports.map((report, index) => `${index === 0 ? '' : '\n'}${render(report, look)}`),
});

function render(all: Report, look: Look = {}): string {
  const { columns, colors = false, grouping = 'layer', isExpanded = false } = look;
  const { report, line } = withFoldedHeaders(all, look);
  const paint = createPaint(colors);
  const options = { paint, columns, isExpanded };
  const sections = [
    heading(report, summaryWords(all, paint)),
    diagnosticLines(report, paint),
    grouping === 'layer' ? layerGroups(report, options) : findingList(report, options),
    printable(line),
    upgradeLines(report, paint),
    noteLines(report, paint),
    suppressedLines(report, paint),
    summaryWords(all, paint),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function heading(report: Report, summary: string): string {
  const { target, distribution, layers, packages, feeds } = report;
  const data = feeds
    .filter(({ isUsed }) => isUsed)
    .map(
      ({ name, updatedAt, vulnerabilities, listsFixedOnly }) =>
        `${name} (${countOf(vulnerabilities, 'vulnerability', 'vulnerabilities')}, updated ${updatedAt}${listsFixedOnly ? `, ${FIXED_ONLY_WORDS}` : ''})`,
    );
  return [
    `Image         ${printable(target.reference)} (${printable(target.platform)})`,
    `Digest        ${printable(target.digest)}`,
    `Distribution  ${distribution === null ? 'unknown' : printable(`${distribution.prettyName} [${distribution.namespace}]`)}`,
    `Layers        ${layers.length}`,
    `Packages      ${packageCountWords(packages)}`,
    `Feeds         ${data.length === 0 ? withoutData(report) : data.join(', ')}`,
    `Summary       ${summary}`,
  ].join('\n');
}

function withoutData({ coverage, feeds }: Report): string {
  const stored = new Set(feeds.filter(({ updatedAt }) => updatedAt !== null).map(({ name }) => name));
  const namespaces = coverage.flatMap(({ namespace }) => (namespace === null ? [] : [namespace]));
  const absent = new Set(namespaces.flatMap((namespace) => feedsToDownload(namespace, stored)));
  if (absent.size > 0) return `${[...absent].join(', ')}, not downloaded`;
  return stored.size === 0 ? 'none; run `clair update` first' : 'no feed covers this release';
}

function diagnosticLines({ diagnostics }: Report, paint: Paint): string {
  return diagnostics
    .toSorted((one, other) => Number(other.incomplete) - Number(one.incomplete))
    .map(({ code, message, where, incomplete }) => {
      const title = incomplete ? paint.alarm('WARNING') : paint.warning('Note');
      return `${title}  ${printable(`${code}: ${message} (${where})`)}`;
    })
    .join('\n');
}

function findingList({ findings, layers }: Report, options: Options): string {
  if (findings.length === 0) return '';
  const layerText = ({ layer }: Report['findings'][number]): string => {
    const origin = layers[layer]?.origin ?? 'unknown';
    return origin === 'unknown' ? String(layer) : `${layer} (${origin})`;
  };
  return findingRows(findings, { ...options, layerText });
}

type Options = Omit<RowsOptions, 'layerText'>;

/**
 * The maximum numbers of upgrades, notes and suppressed findings in the table; the table states only the number of all
 * others.
 */
const MAX_LISTED = 20;

function upgradeLines({ findings }: Report, paint: Paint): string {
  const upgrades = upgradesOf(findings);
  const malicious = groupedBy(
    findings.filter(({ class: of }) => of === 'malicious'),
    ({ package: name, version }) => `${name} ${version}`,
  );
  if (upgrades.length + malicious.size === 0) return '';
  const removals = [...malicious.keys()].map((name) => printable(`  remove ${name}: the package is malicious`));
  const lines = upgrades.slice(0, MAX_LISTED).map(({ name, version, fixes }) => {
    const what = printable(`upgrade ${name} to ${version}`);
    return `  ${what}: fixes ${countWords(fixes, paint.severity)}`;
  });
  const left = upgrades.slice(MAX_LISTED).flatMap(({ fixes }) => fixes);
  if (left.length > 0) lines.push(`  ${upgrades.length - MAX_LISTED} more upgrades fix ${countWords(left)}`);
  return [paint.strong('Upgrades'), ...removals, ...lines].join('\n');
}

function noteLines({ notes }: Report, paint: Paint): string {
  if (notes.length === 0) return '';
  const lines = notes.slice(0, MAX_LISTED).map((note) => {
    const where = note.paths.length === 0 ? '' : ` (${pathWords(note.paths, MAX_NOTE_PATH)})`;
    return `  ${printable(`${shortened(noteWords(note), MAX_NOTE - where.length)}${where}`)}`;
  });
  if (notes.length > MAX_LISTED) lines.push(`  ${notes.length - MAX_LISTED} more`);
  return [paint.strong(`Notes: ${notes.length}`), ...lines].join('\n');
}

/** The maximum length of a note with its path, in UTF-16 code units. */
const MAX_NOTE = 118;

/** The maximum length of the path of a note, in UTF-16 code units. */
const MAX_NOTE_PATH = 38;

function suppressedLines({ suppressed }: Report, paint: Paint): string {
  if (suppressed.length === 0) return '';
  const lines = suppressed.slice(0, MAX_LISTED).map(({ id, package: name, suppression }) => {
    const { by, where, justification, reason, author, expires } = suppression;
    const why = [justification, clauseOf(reason)].filter((text) => text !== null && text !== '').join(': ');
    const rest = `${author === null ? '' : `, ${author}`}${expires === null ? '' : `, until ${expires}`}`;
    return printable(`  ${id} in ${name}, by ${WORDS[by]} ${where}: ${why}${rest}`);
  });
  if (suppressed.length > MAX_LISTED) lines.push(`  ${suppressed.length - MAX_LISTED} more`);
  return [paint.strong(`Suppressed findings: ${suppressed.length}`), ...lines].join('\n');
}

const WORDS = { ignore: 'the ignore rule', openvex: 'OpenVEX', csaf: 'CSAF', sbom: 'the', attestation: 'the' } as const;
