import { packageUrlText, parsePackageUrl } from '../../ecosystems/package-url.ts';
import { isLibrary } from '../../model/package-kind.ts';
import type { Report, ReportPackage } from '../../model/report/report.ts';

/**
 * Returns the package URL of a package in an inventory. If the image has exactly one Red Hat content set, package URLs
 * of rpm packages contain the content set as `repository_id`. If the image has several content sets, the properties of
 * the operating system list the content sets.
 */
export function inventoryPurl({ contentSets }: Pick<Report, 'contentSets'>, { type, purl }: ReportPackage): string {
  const [contentSet, ...others] = contentSets;
  if (type !== 'rpm' || contentSet === undefined || others.length > 0) return purl;
  const parsed = parsePackageUrl(purl);
  if (parsed === undefined) return purl;
  const qualifiers = { ...Object.fromEntries(parsed.qualifiers), repository_id: contentSet };
  return packageUrlText({ ...parsed, qualifiers });
}

/** The source package of a distribution package, with its version split into the parts that Trivy reads. */
export type SourceParts = {
  readonly name: string;
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
};

/**
 * Returns the parts of a source package, or undefined for a library, which has no source package. For rpm, the epoch is
 * the epoch of the binary package, because the name of a source rpm contains no epoch.
 */
export function sourceParts(of: Pick<ReportPackage, 'type' | 'version' | 'source'>): SourceParts | undefined {
  if (isLibrary(of)) return undefined;
  const { type, source } = of;
  if (type === 'apk') return { name: source.name, epoch: '', version: source.version, release: '' };
  const [, epoch = '', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(source.version) ?? [];
  const dash = rest.lastIndexOf('-');
  return {
    name: source.name,
    epoch: type === 'rpm' ? (/^(\d+):/.exec(of.version)?.[1] ?? '') : epoch,
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/**
 * Returns a function that looks up the index of the package that owns a library; undefined if no listed package owns
 * the library.
 */
export function ownerIndexes({ packages }: Pick<Report, 'packages'>): (of: ReportPackage) => number | undefined {
  const indexes = new Map<string, number>();
  packages.forEach(({ type, name, version }, index) => {
    const each = packageKey(type, name, version);
    if (!indexes.has(each)) indexes.set(each, index);
  });
  return ({ owner }) => {
    if (owner === null || owner.name === null) return undefined;
    return indexes.get(packageKey(owner.type, owner.name, owner.version));
  };
}

function packageKey(type: string, name: string, version: string | null): string {
  return JSON.stringify([type, name, version]);
}
