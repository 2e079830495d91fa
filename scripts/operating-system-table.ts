import { DISTRIBUTIONS, type DistributionRule } from '../src/worker/detectors/os/distributions.ts';
import { markdownTable, type TableMarkers, withTable } from './markdown-table.ts';

const MARKERS: TableMarkers = {
  begin: '<!-- operating systems: written by `npx tsx scripts/write-coverage.ts` -->',
  end: '<!-- end of operating systems -->',
};

/**
 * Puts the table of the operating systems between its two markers in the text of docs/coverage.md.
 *
 * @throws Error for a text without the markers.
 */
export function withOperatingSystems(text: string): string {
  return withTable(text, MARKERS, operatingSystemTable());
}

function operatingSystemTable(): string {
  return markdownTable([
    ['distribution', '`ID` of os-release', 'namespaces', 'the version is'],
    ...DISTRIBUTIONS.map((rule) => [rule.name, idOf(rule), namespacesOf(rule), rule.release.toldBy]),
    ['any other', 'any other', '`ID[:VERSION_ID]`', '`VERSION_ID` as it is; listed, and without data'],
  ]);
}

function idOf({ id, otherIds = [], name, isToldByName }: DistributionRule): string {
  const ids = [id, ...otherIds].map((each) => `\`${each}\``).join(', ');
  return isToldByName === true ? `${ids}, with a \`NAME\` of ${name}` : ids;
}

function namespacesOf({ namespace, release }: DistributionRule): string {
  const names = release.forms.map((form) => `\`${namespace}:${form}\``);
  return names.length === 0 ? `\`${namespace}\`` : names.join(', ');
}
