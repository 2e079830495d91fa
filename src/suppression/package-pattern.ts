import { PackageURL } from 'packageurl-js';
import type { ReportFinding } from '../model/report/report.ts';

/** A package as a rule names it: by the name of it or of its source, or by a package URL. */
export type PackagePattern = { readonly name: string } | { readonly purl: PackageURL };

/** Of a finding, what patterns look at. */
export type FoundPackage = Pick<ReportFinding, 'package' | 'purl' | 'source'>;

/** Reads a package URL; gives undefined for a text that is none. */
export function parsePurl(text: string): PackageURL | undefined {
  if (text.length > MAX_PURL_LENGTH || !text.startsWith('pkg:')) return undefined;
  try {
    return PackageURL.fromString(text);
  } catch (error) {
    // What it throws for a text that is no package URL depends on what is wrong with it.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/**
 * Tells whether a package is the one that is meant. Of a package URL type, namespace and name must be the same, the version
 * where one is given, and each qualifier that is given (purl-spec, "comparison"; OpenVEX 0.2.0, "Product matching"). With
 * the `arch` of a source package (`source` of deb, `src` of rpm) the source that the package was built from is meant.
 */
export function isPackage(found: FoundPackage, pattern: PackagePattern): boolean {
  if ('name' in pattern) return pattern.name === found.package || pattern.name === found.source.name;
  const { type, namespace, name, version, qualifiers } = pattern.purl;
  const installed = parsePurl(found.purl);
  if (installed === undefined) return false;
  const meant: Readonly<Record<string, string>> = { ...qualifiers };
  const ofSource = SOURCE_ARCHITECTURES.has(meant['arch'] ?? '');
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

/** A vendor in the name that os-release has; an empty one is as good as none. */
function vendorOf(namespace: string | null | undefined): string {
  return VENDORS.get(namespace ?? '') ?? (namespace || '');
}

/** Vendors that documents call otherwise than their systems call themselves, after which packages are named here. */
const VENDORS: ReadonlyMap<string, string> = new Map([
  ['redhat', 'rhel'],
  ['suse', 'sles'],
]);

const SOURCE_ARCHITECTURES: ReadonlySet<string> = new Set(['source', 'src']);

/** Names and versions have some hundred characters at most. */
const MAX_PURL_LENGTH = 2000;
