import { PackageURL } from 'packageurl-js';
import type { ReportFinding } from '../model/report/report.ts';

/** The package of a rule: the name of a package or source package, or a package URL. */
export type PackagePattern = { readonly name: string } | { readonly purl: PackageURL };

/** The parts of a finding that patterns match. */
export type FoundPackage = Pick<ReportFinding, 'package' | 'purl' | 'source' | 'candidates'>;

/** Parses a package URL; returns undefined for other texts. */
export function parsePurl(text: string): PackageURL | undefined {
  if (text.length > MAX_PURL_LENGTH || !text.startsWith('pkg:')) return undefined;
  try {
    return PackageURL.fromString(text);
  } catch (error) {
    // The library throws errors of different types.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/**
 * Returns whether a pattern matches a package. The type, namespace and name of the package URLs must be equal. The
 * version and the qualifiers must also be equal if the pattern contains them (purl-spec, "comparison"; OpenVEX 0.2.0,
 * "Product matching"). A pattern with the `arch` of source packages (`source` for deb, `src` for rpm) matches the
 * source package. A package of an uncertain group also has the name and package URL of the candidate that matched,
 * unless the advisories are about several of the candidates.
 */
export function isPackage(found: FoundPackage, pattern: PackagePattern): boolean {
  const [candidate, ...others] = found.candidates;
  const coordinates = others.length === 0 ? candidate : undefined;
  if ('name' in pattern) return [found.package, found.source.name, coordinates].includes(pattern.name);
  const { type, namespace, name, version, qualifiers } = pattern.purl;
  const installed = parsePurl(found.purl);
  if (installed === undefined) return false;
  const meant: Readonly<Record<string, string>> = { ...qualifiers };
  const ofSource = SOURCE_ARCHITECTURES.has(meant['arch'] ?? '');
  if (coordinates !== undefined && type === 'maven') {
    return `${namespace}:${name}` === coordinates && (!version || version === installed.version);
  }
  const own = ofSource ? found.source : { name: installed.name, version: installed.version };
  const has: Readonly<Record<string, string>> = { ...installed.qualifiers };
  return (
    type === installed.type &&
    vendorOf(namespace) === vendorOf(installed.namespace) &&
    name === own.name &&
    (!version || version === own.version) &&
    Object.entries(meant).every(([key, value]) => (ofSource && key === 'arch') || has[key] === value)
  );
}

/**
 * Returns the name of a pattern. The pattern matches only packages that have this name among their {@link foundNames}.
 */
export function patternName(pattern: PackagePattern): string {
  return 'name' in pattern ? pattern.name : pattern.purl.name;
}

/** Returns the distinct names by which patterns can match a package. */
export function foundNames(found: FoundPackage): ReadonlySet<string> {
  const names = new Set([found.package, found.source.name]);
  const installed = parsePurl(found.purl);
  if (installed !== undefined) names.add(installed.name);
  const [candidate] = found.candidates;
  if (candidate !== undefined) names.add(candidate).add(candidate.slice(candidate.lastIndexOf(':') + 1));
  names.delete('');
  return names;
}

/** Returns the name of a vendor in os-release files. */
function vendorOf(namespace: string | null | undefined): string {
  return VENDORS.get(namespace ?? '') ?? (namespace || '');
}

/**
 * The vendors whose names in documents differ from the names in os-release files; Clair's package URLs use the latter.
 */
const VENDORS: ReadonlyMap<string, string> = new Map([
  ['redhat', 'rhel'],
  ['opensuse-leap', 'opensuse'],
  ['opensuse-tumbleweed', 'opensuse'],
  ['suse', 'sles'],
]);

const SOURCE_ARCHITECTURES: ReadonlySet<string> = new Set(['source', 'src']);

/**
 * The maximum length of a package URL in UTF-16 code units. Names and versions have at most a few hundred characters.
 */
const MAX_PURL_LENGTH = 2000;
