import { DISTRIBUTIONS, type DistributionRule } from '../src/worker/detectors/os/distributions.ts';

const BEGIN = '<!-- operating systems: written by `npx tsx scripts/write-coverage.ts` -->';
const END = '<!-- end of operating systems -->';

/**
 * Puts the table of the operating systems between its two markers in the text of docs/coverage.md.
 *
 * @throws Error for a text without the markers.
 */
export function withOperatingSystems(text: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`there is no ${BEGIN} before ${END}`);
  return `${text.slice(0, begin)}${BEGIN}\n\n${operatingSystemTable()}\n${text.slice(end)}`;
}

function operatingSystemTable(): string {
  const rows = [
    ['distribution', '`ID` of os-release', 'namespaces', 'the version is'],
    ...DISTRIBUTIONS.map((rule) => [rule.name, idOf(rule), namespacesOf(rule), rule.release.toldBy]),
    ['any other', 'any other', '`ID[:VERSION_ID]`', '`VERSION_ID` as it is; listed, and without data'],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [head = [], ...others] = rows;
  return [head, widths.map((width) => '-'.repeat(width)), ...others].map(lineOf).join('');
}

function idOf({ id, name, isToldByName }: DistributionRule): string {
  return isToldByName === true ? `\`${id}\`, with a \`NAME\` of ${name}` : `\`${id}\``;
}

function namespacesOf({ namespace, release }: DistributionRule): string {
  const names = release.forms.map((form) => `\`${namespace}:${form}\``);
  return names.length === 0 ? `\`${namespace}\`` : names.join(', ');
}
