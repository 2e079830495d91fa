import type { PackageUrl } from '../../ecosystems/package-url.ts';
import { debianNamespace } from '../../model/releases/debian-releases.ts';
import { namespaceName } from '../../model/releases/namespace.ts';
import { ubuntuNamespace } from '../../model/releases/ubuntu-releases.ts';
import { DISTRIBUTIONS, distributionIdOfName, distributionRule } from '../detectors/os/distributions.ts';
import { isSystem, type SbomComponent } from './sbom-document.ts';

/** A release in the fields of os-release; `version` is empty without `VERSION_ID`. */
export type SbomRelease = { readonly id: string; readonly version: string; readonly name?: string };

/** Returns the release that an operating system states; undefined if it has no name. */
export function releaseOfSystem({ name, version, facts }: SbomComponent): SbomRelease | undefined {
  const { namespace, release } = facts;
  // Clair determined the namespace by more than VERSION_ID, such as the package repositories.
  const rule = DISTRIBUTIONS.find((each) => each.namespace === namespace?.split(':')[0]);
  if (rule !== undefined) {
    const asStated = { id: rule.id, version, name: rule.name };
    if (namespaceOfRelease(asStated) === namespace) return asStated;
    return { id: rule.id, version: namespace?.split(':')[1]?.replace(/^v(?=\d)/, '') || version, name: rule.name };
  }
  const id = distributionId(release?.id ?? name);
  return id === '' ? undefined : releaseNamed(id, release?.version ?? version, release?.codename);
}

/** Returns the release that a package URL states; undefined if it states none. */
export function releaseOfPurl({ namespace, qualifiers }: PackageUrl): SbomRelease | undefined {
  const distro = qualifiers.get('distro')?.trim() ?? '';
  const vendor = distributionId(namespace);
  if (distro === '') return undefined;
  // For Alpine, Trivy writes only the version.
  if (/^v?\d/.test(distro)) return vendor === '' ? undefined : releaseNamed(vendor, distro.replace(/^v(?=\d)/, ''));
  return parseRelease(distro, vendor);
}

/**
 * Parses a release as people and tools write it: `debian:12`, `debian-12.5`, `bookworm`, `alpine-v3.20`, `rhel-9.4`,
 * `opensuse-tumbleweed`. Returns undefined for text of another form.
 *
 * @param vendor the distribution that a code name must belong to; empty if unknown
 */
export function parseRelease(text: string, vendor = ''): SbomRelease | undefined {
  const whole = distributionId(text);
  if (isKnown(whole)) return { id: whole, version: '' };
  const [, name, version] = /^(.+)[:-]([^:-]+)$/s.exec(text) ?? [];
  if (name !== undefined && version !== undefined) {
    return releaseNamed(distributionId(name), version.replace(/^v(?=\d)/, ''));
  }
  const [id = '', number = ''] = (debianNamespace(text) ?? ubuntuNamespace(text) ?? '').split(':');
  if (id !== '' && (vendor === '' || vendor === id)) return { id, version: number };
  return vendor === '' || whole !== vendor ? undefined : { id: whole, version: '' };
}

/** Returns a release; the release tables map a code name to a number. */
function releaseNamed(id: string, version: string, codename = ''): SbomRelease {
  const namespaceOf = id === 'debian' ? debianNamespace : id === 'ubuntu' ? ubuntuNamespace : () => undefined;
  const number = (namespaceOf(version.toLowerCase()) ?? namespaceOf(codename.toLowerCase()))?.split(':')[1];
  if (id === 'opensuse') return { id: /^\d/.test(version) ? 'opensuse-leap' : 'opensuse-tumbleweed', version };
  const isStream = id === 'centos' && Number.parseInt(version, 10) >= 9;
  const isNumber = /^\d/.test(version);
  return { id, version: isNumber ? version : (number ?? version), ...(isStream && { name: 'CentOS Stream' }) };
}

/**
 * Returns the `ID` of os-release for the name of a distribution in SBOMs and package URLs; empty if the name is empty.
 */
export function distributionId(name: string): string {
  const text = name.trim().toLowerCase();
  if (text === '') return '';
  const known = OTHER_NAMES.get(text);
  if (known !== undefined) return known;
  const id = distributionIdOfName(name.trim());
  return id.toLowerCase();
}

/**
 * Returns whether an ID names a distribution that Clair recognises. Any other vendor in a package URL is a third party,
 * and does not determine the release of the package.
 */
export function isKnown(id: string): boolean {
  return (
    distributionRule({ ID: id }) !== undefined || DISTRIBUTIONS.some((each) => each.id === id) || id === 'opensuse'
  );
}

const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['redhat', 'rhel'],
  ['oracle', 'ol'],
  ['oraclelinux', 'ol'],
  ['alma', 'almalinux'],
  ['rockylinux', 'rocky'],
  ['amazon', 'amzn'],
  ['amazonlinux', 'amzn'],
  ['opensuse.leap', 'opensuse-leap'],
  ['opensuse.tumbleweed', 'opensuse-tumbleweed'],
  ['suse', 'sles'],
  ['suse linux enterprise', 'sles'],
  ['suse linux enterprise server', 'sles'],
  ['suse linux enterprise micro', 'sle-micro'],
  ['cbl-mariner', 'mariner'],
]);

/**
 * Returns whether SBOMs may use the name of one distribution for the other distribution, such as Red Hat for CentOS;
 * false for equal IDs.
 */
export function isSameFamily(one: string, other: string): boolean {
  return FAMILIES.some((names) => names.includes(one) && names.includes(other) && one !== other);
}

const FAMILIES: readonly (readonly string[])[] = [
  ['rhel', 'centos'],
  ['opensuse', 'opensuse-leap', 'opensuse-tumbleweed', 'opensuse-leap-micro'],
  ['sles', 'sle-micro', 'sl-micro', 'sles_sap', 'sled'],
];

/**
 * Returns the namespace of a release. Releases of different precision have the same namespace: `debian:12` for 12 and
 * 12.5.
 */
export function namespaceOfRelease({ id, version, name = '' }: SbomRelease): string {
  const rule = distributionRule({ ID: id, NAME: name });
  if (rule === undefined) return namespaceName(id, version.toLowerCase());
  return namespaceName(rule.namespace, rule.release.versionOf(version) ?? version.toLowerCase());
}

/**
 * Returns the release of a document, the first of: the release of its only operating system, the release that most
 * package URLs state, or the release of its first operating system. Returns undefined if the document states no
 * release.
 */
export function releaseOfDocument(
  components: readonly SbomComponent[],
  purls: Iterable<PackageUrl>,
): SbomRelease | undefined {
  const systems = components.filter(isSystem).flatMap((each) => releaseOfSystem(each) ?? []);
  const [system] = systems;
  const isAlone = new Set(systems.map(namespaceOfRelease)).size === 1;
  if (system !== undefined && isAlone) return system;
  const counts = new Map<string, { readonly release: SbomRelease; count: number }>();
  for (const purl of purls) {
    const release = releaseOfPurl(purl);
    if (release === undefined) continue;
    const known = counts.get(namespaceOfRelease(release));
    if (known === undefined) counts.set(namespaceOfRelease(release), { release, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()].toSorted((one, other) => other.count - one.count)[0]?.release ?? system;
}
