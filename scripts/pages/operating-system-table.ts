import { DISTRIBUTIONS, type DistributionRule } from '../../src/worker/detectors/os/distributions.ts';
import { markdownTable } from './markdown-table.ts';

/** Returns the table of the operating systems for docs/reference/coverage.md. */
export function operatingSystemTable(): string {
  return markdownTable([
    ['distribution', '`ID` in os-release', 'namespaces', 'version'],
    ...DISTRIBUTIONS.map((rule) => [rule.name, idOf(rule), namespacesOf(rule), rule.release.versionSource]),
    ['any other', 'any other', '`ID[:VERSION_ID]`', '`VERSION_ID`; listed but not checked'],
  ]);
}

function idOf({ id, otherIds = [], name, isIdentifiedByName }: DistributionRule): string {
  const ids = [id, ...otherIds].map((each) => `\`${each}\``).join(', ');
  return isIdentifiedByName === true ? `${ids}, with \`NAME\` ${name}` : ids;
}

function namespacesOf({ namespace, release }: DistributionRule): string {
  const names = release.forms.map((form) => `\`${namespace}:${form}\``);
  return names.length === 0 ? `\`${namespace}\`` : names.join(', ');
}
