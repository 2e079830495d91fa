import { orderedInterval } from '../../database/queries/vulnerabilities/affected-intervals.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import { ecosystemOf, traitsOf } from '../../ecosystems/index.ts';
import { type Lookup } from '../../ecosystems/ecosystem.ts';
import { ANY_MODULE } from '../../ecosystems/ecosystem.ts';
import { NOT_FINDINGS } from '../../model/advisories/status.ts';
import { SCHEMES } from '../../versions/index.ts';

/**
 * What an interval means for an installed package: it lies in it (`affected`, or `undecided` where the source does not say
 * whether that matters), above it (`fixed`), below it (`not-yet-introduced`); or the interval is not meant for the package, or
 * its version cannot be ordered.
 */
export type RuleOutcome =
  | 'affected'
  | 'undecided'
  | 'fixed'
  | 'not-yet-introduced'
  | 'other-architecture'
  | 'other-module'
  | 'other-product'
  | 'version-unclear';

/**
 * Judges a package by one interval on the line of one of its names, by the same rules as the index does
 * (`src/database/queries/matches/match-store.ts`, `meant-packages.ts`).
 *
 * @param products whose repositories the layer that brought the package was built from
 */
export function ruleOutcome(
  { feature: of }: LocatedFeature,
  { version }: Lookup,
  affected: AffectedPackage,
  products: ReadonlySet<string>,
): RuleOutcome {
  const { archs, cpe, module = '', status } = affected;
  const traits = traitsOf(of);
  if (archs !== undefined && traits.arch !== 'noarch' && !archs.includes(traits.arch ?? ''))
    return 'other-architecture';
  if (traits.module !== module && traits.module !== ANY_MODULE) return 'other-module';
  if (cpe !== undefined && !products.has(cpe)) return 'other-product';
  const scheme = ecosystemOf(of).scheme;
  const key = SCHEMES[scheme].keyOf(version);
  if (key === undefined) return 'version-unclear';
  const { lo, hi } = orderedInterval(affected, scheme);
  if (Buffer.compare(key, lo) < 0) return 'not-yet-introduced';
  if (Buffer.compare(key, hi) >= 0) return 'fixed';
  return NOT_FINDINGS.includes(status) ? 'undecided' : 'affected';
}

/** An outcome in a sentence, about the version that is installed of the name that the source uses. */
export function outcomeText(
  outcome: RuleOutcome,
  { version }: Lookup,
  { introduced, fixed, lastAffected, archs = [], module, cpe, status }: AffectedPackage,
): string {
  switch (outcome) {
    case 'affected':
      return `${version} is ${rangeText(introduced, fixed, lastAffected)}`;
    case 'undecided':
      return `the source does not say whether ${version} is affected: ${status}`;
    case 'fixed':
      return fixed === undefined
        ? `${version} is above ${lastAffected}, the last version that is affected`
        : `${version} is not below ${fixed}, the first version that is not affected`;
    case 'not-yet-introduced':
      return `${version} is below ${introduced}, the first version that is affected`;
    case 'other-architecture':
      return `it is said of ${archs.join(', ')} only`;
    case 'other-module':
      return `it is said of ${module === undefined ? 'packages outside of modules' : `the module stream ${module}`} only`;
    case 'other-product':
      return `it is said of the product ${cpe} only, and the layer is of none of its repositories`;
    case 'version-unclear':
      return `${version} is no version that the package manager can order`;
  }
}

function rangeText(
  introduced: string | undefined,
  fixed: string | undefined,
  lastAffected: string | undefined,
): string {
  const from = introduced === undefined ? '' : `not below ${introduced}, the first version that is affected, and `;
  if (fixed !== undefined) return `${from}below ${fixed}, the first version that is not affected`;
  if (lastAffected !== undefined) return `${from}not above ${lastAffected}, the last version that is affected`;
  return `${from}affected as all later versions are, since no fixed one is told`;
}
