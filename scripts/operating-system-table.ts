import { DISTRIBUTIONS, type DistributionRule } from '../src/worker/detectors/os/distributions.ts';
import { markdownTable, type TableMarkers, withTable } from './markdown-table.ts';

const MARKERS: TableMarkers = {
  begin: '<!-- operating systems: written by `npx tsx scripts/write-coverage.ts` -->',
  end: '<!-- end of operating systems -->',
};

/**
 * Puts the table of the operating systems between its two markers in docs/reference/coverage.md.
 *
 * @throws Error for a text without the markers.
 */
export function withOperatingSystems(text: string): string {
  return withTable(text, MARKERS, operatingSystemTable());
}

function operatingSystemTable(): string {
  return markdownTable([
    ['distribution', '`ID` in os-release', 'namespaces', 'version'],
    ...DISTRIBUTIONS.map((rule) => [rule.name, idOf(rule), namespacesOf(rule), rule.release.toldBy]),
    ['any other', 'any other', '`ID[:VERSION_ID]`', '`VERSION_ID`; listed, and not checked'],
  ]);
}

function idOf({ id, otherIds = [], name, isToldByName }: DistributionRule): string {
  const ids = [id, ...otherIds].map((each) => `\`${each}\``).join(', ');
  return isToldByName === true ? `${ids}, with \`NAME\` ${name}` : ids;
}

function namespacesOf({ namespace, release }: DistributionRule): string {
  const names = release.forms.map((form) => `\`${namespace}:${form}\``);
  return names.length === 0 ? `\`${namespace}\`` : names.join(', ');
}
