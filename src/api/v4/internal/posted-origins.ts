import { ECOSYSTEMS, typeOfNamespace } from '../../../ecosystems/index.ts';
import { namespaceName } from '../../../model/releases/namespace.ts';
import { distributionRule } from '../../../worker/detectors/os/distributions.ts';
import { namespaceOfRelease, parseRelease } from '../../../worker/sboms/sbom-release.ts';
import type { DistributionBody } from '../report-shapes.ts';
import type { VulnerabilityBody } from '../vulnerability-report-body.ts';

/**
 * Returns the namespaces of the distribution or repository of a posted vulnerability. The list is empty for an unknown
 * distribution or repository; the result is undefined if the request contains neither. An object whose members other
 * than `id` are all empty counts as absent, because Clair v4 sends such objects.
 */
export function originsOf({ distribution, repository }: VulnerabilityBody): readonly string[] | undefined {
  if (distribution !== undefined && hasContent(distribution)) return distributionNamespaces(distribution);
  if (repository !== undefined && hasContent(repository)) return repositoryNamespaces(repository.name);
  return undefined;
}

function hasContent(of: Readonly<Record<string, string>>): boolean {
  return Object.entries(of).some(([key, value]) => key !== 'id' && value !== '');
}

function distributionNamespaces(distribution: DistributionBody): readonly string[] {
  const { did, name } = distribution;
  const id = did.toLowerCase();
  if (id === '') return [];
  const version = versionOf(distribution, id);
  if (version === '') {
    const rule = distributionRule({ ID: id, NAME: name });
    // Without a version, only rolling distributions have a namespace with packages.
    return rule?.release.versionOf('') === '' ? [rule.namespace] : [];
  }
  const detected = namespaceOfRelease({ id, version, name });
  // In notifications and differences, `did` and `version_id` are the two parts of the namespace.
  return [...new Set([detected, namespaceName(did, version)])].filter((each) => typeOfNamespace(each) !== '');
}

/**
 * Returns `VERSION_ID` or, without `VERSION_ID`, the version in another member; returns an empty text if no member
 * contains a version.
 */
function versionOf(
  { version_id: versionId, version, version_code_name: codeName }: DistributionBody,
  id: string,
): string {
  if (versionId !== '') return versionId;
  const [number] = /^v?\d[\w.]*/.exec(version) ?? [];
  return number ?? (codeName === '' ? undefined : parseRelease(codeName.toLowerCase(), id)?.version) ?? '';
}

/** Maps the repository names of Clair v4 that differ from the package types to the package types. */
const REPOSITORIES: ReadonlyMap<string, string> = new Map([
  ['go', 'golang'],
  ['rubygems', 'gem'],
  ['crates.io', 'cargo'],
  ['packagist', 'composer'],
  ['hex', 'otp'],
]);

function repositoryNamespaces(name: string): readonly string[] {
  const type = REPOSITORIES.get(name.toLowerCase()) ?? name.toLowerCase();
  const ecosystem = ECOSYSTEMS.find((each) => each.type === type);
  return ecosystem === undefined || ['apk', 'deb', 'rpm'].includes(ecosystem.type) ? [] : ecosystem.namespaces;
}
