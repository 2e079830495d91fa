import { failedRule, type MatchingRule, ruleValues } from '../../database/queries/matches/matching-rules.ts';
import { orderedInterval } from '../../database/queries/vulnerabilities/affected-intervals.ts';
import type { Lookup } from '../../ecosystems/ecosystem.ts';
import { ecosystemOf, traitsOf } from '../../ecosystems/index.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { isFinding } from '../../model/advisories/status.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import { SCHEMES } from '../../versions/index.ts';
import { ZERO_KEY } from '../../versions/scheme.ts';

/**
 * What an interval means for an installed package: it lies in it (`affected`, or `undecided` where the feed does not say
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
 * Judges a feature by one range on one of its version lines, by the rules of the index (`matching-rules.ts`).
 *
 * @param products whose repositories the layer that added the feature was built from
 */
export function ruleOutcome(
  { feature }: Pick<LocatedFeature, 'feature'>,
  { version }: Lookup,
  affected: AffectedPackage,
  products: ReadonlySet<string>,
): RuleOutcome {
  const { scheme } = ecosystemOf(feature);
  const key = SCHEMES[scheme].keyOf(version);
  const interval = orderedInterval(affected, scheme);
  const failed = failedRule(ruleValues(affected, interval, traitsOf(feature), key ?? ZERO_KEY), products);
  if (failed !== undefined && failed !== 'start' && failed !== 'end') return OUTCOMES[failed];
  if (key === undefined) return 'version-unclear';
  if (failed !== undefined) return OUTCOMES[failed];
  return isFinding(affected.status) ? 'affected' : 'undecided';
}

/** What it means that a rule fails. */
const OUTCOMES: Readonly<Record<MatchingRule, RuleOutcome>> = {
  architecture: 'other-architecture',
  module: 'other-module',
  product: 'other-product',
  start: 'not-yet-introduced',
  end: 'fixed',
};

/** An outcome in a sentence, about the version that is installed of the name that the feed uses. */
export function outcomeText(
  outcome: RuleOutcome,
  { version }: Lookup,
  { introduced, fixed, lastAffected, archs = [], module, cpe, status }: AffectedPackage,
): string {
  switch (outcome) {
    case 'affected':
      return `${version} is ${rangeText(introduced, fixed, lastAffected)}`;
    case 'undecided':
      return `the feed does not say whether ${version} is affected: ${status}`;
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
