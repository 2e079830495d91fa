import { markdownCode as code, markdownText as text } from '../writing/markdown-text.ts';
import { diagnosticWords } from '../writing/finding-words.ts';
import { CAUSES, changeText, summary } from './difference-text.ts';
import type { ImageDifference } from './image-difference.ts';

/**
 * Returns a difference as Markdown for a pull request. A GitHub comment can have at most 65,536 characters, so the
 * function truncates each list and adds a note with the number of missing rows.
 */
export function differenceMarkdown(difference: ImageDifference): string {
  const { before, after, packages, findings } = difference;
  const diagnosticLines = [before, after].flatMap(({ target, diagnostics }) =>
    diagnostics
      .filter(({ incomplete }) => incomplete)
      .map((diagnostic) => `- **Diagnostic** of ${code(target.reference)}: ${text(diagnosticWords(diagnostic))}`),
  );
  const parts = [
    `### Clair: from ${code(before.target.reference)} to ${code(after.target.reference)}`,
    `**${text(summary(difference))}**`,
    bounded(diagnosticLines),
    section(
      'Findings added',
      ['Vulnerability', 'Severity', 'Package', 'Fixed in', 'Why'],
      findings.added.map((each) => [
        code(each.id),
        each.severity,
        code(`${each.package} ${each.version}`),
        code(each.fixedIn ?? ''),
        CAUSES[each.cause],
      ]),
    ),
    section(
      'Findings removed',
      ['Vulnerability', 'Severity', 'Package', 'Why'],
      findings.removed.map((each) => [
        code(each.id),
        each.severity,
        code(`${each.package} ${each.version}`),
        CAUSES[each.cause],
      ]),
    ),
    section(
      'Findings changed',
      ['Vulnerability', 'Package', 'Change'],
      findings.changed.map((each) => [code(each.after.id), code(each.after.package), text(changeText(each))]),
    ),
    section(
      'Packages',
      ['Package', 'Before', 'After'],
      [
        ...packages.added.map(({ name, version }) => [code(name), '', code(version)]),
        ...packages.removed.map(({ name, version }) => [code(name), code(version), '']),
        ...packages.changed.map((each) => [code(each.name), code(each.before.version), code(each.after.version)]),
      ],
    ),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The maximum length of each of the five lists, in UTF-16 code units. */
const MAX_LIST = 12_000;

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`);
  const table = [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, bounded(lines)].join('\n');
  return `<details><summary>${title}: ${rows.length}</summary>\n\n${table}\n\n</details>`;
}

function bounded(lines: readonly string[]): string {
  let length = 0;
  const kept = lines.findIndex((line) => (length += line.length + 1) > MAX_LIST);
  if (kept === -1) return lines.join('\n');
  const more = lines.length - kept;
  return `${lines.slice(0, kept).join('\n')}\n\n${more} more ${more === 1 ? 'row is' : 'rows are'} not shown.`;
}
