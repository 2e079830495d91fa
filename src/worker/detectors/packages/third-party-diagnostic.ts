import type { Distribution } from '../../../model/releases/distribution.ts';
import { type Feature, isSystemPackage, type SystemPackage } from '../../../model/feature.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import { ecosystemOf } from '../../../ecosystems/index.ts';

/** The maximum number of packages that the message names. */
const MAX_NAMED = 10;

/** The maximum length of a vendor's name. */
const MAX_VENDOR_LENGTH = 60;

/**
 * Returns one diagnostic for the packages that the distribution did not build, because no feed covers these packages.
 * Returns no diagnostic if there are no such packages, or if the operating system is unknown, because an unknown
 * operating system has its own diagnostic.
 */
export function thirdPartyDiagnostic(
  features: Iterable<{ readonly feature: Feature }>,
  distribution: Distribution | null,
): readonly Diagnostic[] {
  if (distribution === null) return [];
  const { id, namespace } = distribution;
  const foreign = [...features]
    .map(({ feature }) => feature)
    .filter(isSystemPackage)
    .filter((each) => isThirdParty(each, namespace));
  if (foreign.length === 0) return [];
  const [what, are, verdict] =
    foreign.length === 1
      ? ['1 package was', 'is', 'it was not checked']
      : [`${foreign.length} packages were`, 'are', 'they were not checked'];
  const names = foreign.map(nameOf).toSorted();
  const more = names.length - MAX_NAMED;
  const listed = `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const message = `${what} not built by ${id} and ${are} not covered by a feed, so ${verdict}: ${listed}`;
  return [{ code: 'package-third-party', message, where: namespace }];
}

function isThirdParty(of: SystemPackage, release: string): boolean {
  return (of.vendor ?? '') !== '' && ecosystemOf(of).namespaceOf(of, release) === '';
}

function nameOf({ name, version, vendor = '' }: SystemPackage): string {
  return `${name} ${version} (${vendor.slice(0, MAX_VENDOR_LENGTH)})`;
}
