import { PACKAGE_KINDS, type PackageKind, packageKindOf } from '../../../src/model/package-kind.ts';
import type { ReportPackage } from '../../../src/model/report/report.ts';

export type PackageFilter = {
  /**
   * Part of the name, a candidate, the version, the source package, the owner or a path, ignoring case; an empty text
   * matches all packages.
   */
  readonly text: string;
  /** The kind of the package; null matches all packages. */
  readonly kind: PackageKind | null;
};

export const EVERY_PACKAGE: PackageFilter = { text: '', kind: null };

/**
 * Returns the packages that match a filter: packages whose name is the text come first; otherwise the order is the order
 * of the report.
 */
export function packagesShown(
  packages: readonly ReportPackage[],
  { text, kind }: PackageFilter,
): readonly ReportPackage[] {
  const wanted = text.trim().toLowerCase();
  const shown = packages.filter((each) => {
    if (kind !== null && packageKindOf(each) !== kind) return false;
    const { name, version, source, owner, candidates, paths } = each;
    return [name, version, source.name, owner?.name ?? '', ...candidates, ...paths].some((part) =>
      part.toLowerCase().includes(wanted),
    );
  });
  const isExact = ({ name }: ReportPackage): boolean => name.toLowerCase() === wanted;
  return wanted === '' ? shown : shown.toSorted((one, other) => Number(isExact(other)) - Number(isExact(one)));
}

/** Reads a filter from an address. Invalid values are ignored. */
export function packageFilter(parameters: URLSearchParams): PackageFilter {
  return {
    text: parameters.get('search') ?? '',
    kind: PACKAGE_KINDS.find((each) => each === parameters.get('type')) ?? null,
  };
}

/** Returns the parameters of a filter, without default values. */
export function packageParameters({ text, kind }: PackageFilter): Readonly<Record<string, string>> {
  return { ...(text !== '' && { search: text }), ...(kind !== null && { type: kind }) };
}
