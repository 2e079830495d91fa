import {
  failedRule,
  type MatchingRule,
  type RuleContext,
  ruleValues,
} from '../../database/queries/matches/matching-rules.ts';
import { dependsOnEpoch } from '../../database/queries/matches/unknown-epochs.ts';
import { orderedInterval } from '../../database/queries/vulnerabilities/affected-intervals.ts';
import type { Lookup } from '../../ecosystems/ecosystem.ts';
import { ecosystemOf, traitsOf } from '../../ecosystems/index.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { isFinding, noteKindOf } from '../../model/advisories/status.ts';
import { flagsOf } from '../../model/feature.ts';
import { FILES } from '../../model/advisories/file-rule.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import { SCHEMES } from '../../versions/index.ts';
import { ZERO_KEY } from '../../versions/scheme.ts';

/**
 * The outcome of a version range for an installed package. `affected` and `undecided` mean that the version is in the
 * range; with `undecided`, the feed does not state whether the version is affected, the advisory is a note, or the SBOM
 * lacks the epoch that the comparison needs. `fixed` means above the range, and `not-yet-introduced` means below the
 * range. Any other outcome states why the range does not apply: the range is for another architecture, module or
 * product; the package manager cannot order the version; the advisories of the distribution that owns the package apply
 * instead (`owned`); or the package is a vendored copy, which Clair does not match (`vendored`).
 */
export type RuleOutcome =
  | 'affected'
  | 'undecided'
  | 'fixed'
  | 'not-yet-introduced'
  | 'other-architecture'
  | 'other-module'
  | 'other-product'
  | 'version-unclear'
  | 'owned'
  | 'vendored';

/**
 * Returns the outcome of a range on a version line of a feature, according to the rules of the index
 * (`matching-rules.ts`).
 *
 * @param context the products of the layer that added the feature, and the namespaces whose advisories replace library
 *   advisories for files of distribution packages (`FeedStore.judges`)
 */
export function ruleOutcome(
  { feature, judgedBy }: Pick<LocatedFeature, 'feature' | 'judgedBy'>,
  { version }: Lookup,
  affected: AffectedPackage,
  context: RuleContext,
): RuleOutcome {
  if (flagsOf(feature).includes('vendored')) return 'vendored';
  const { scheme } = ecosystemOf(feature);
  const key = SCHEMES[scheme].keyOf(version);
  const interval = orderedInterval(affected, scheme);
  const failed = failedRule(
    ruleValues(affected, interval, { ...traitsOf(feature), judgedBy }, key ?? ZERO_KEY),
    context,
  );
  if (failed !== undefined && failed !== 'start' && failed !== 'end') return OUTCOMES[failed];
  if (key === undefined) return 'version-unclear';
  if (failed !== undefined) return OUTCOMES[failed];
  const { fixed = null, lastAffected = null, role } = affected;
  const isDecided = !dependsOnEpoch(feature, { fixed, lastAffected, isOfSource: role === 'source' });
  return isDecided && isFinding(affected.status) ? 'affected' : 'undecided';
}

/** The outcome for each matching rule, if the rule fails. */
const OUTCOMES: Readonly<Record<MatchingRule, RuleOutcome>> = {
  owner: 'owned',
  architecture: 'other-architecture',
  module: 'other-module',
  product: 'other-product',
  start: 'not-yet-introduced',
  end: 'fixed',
};

/** Returns the reason for an outcome as a clause, with the version and the range. */
export function outcomeText(
  outcome: RuleOutcome,
  { version }: Lookup,
  { namespace, introduced, fixed, lastAffected, archs = [], module, cpe, status }: AffectedPackage,
  { judgedBy, owner }: Pick<LocatedFeature, 'judgedBy' | 'owner'>,
): string {
  if (namespace === FILES) return FILE_WORDS[version] ?? '';
  switch (outcome) {
    case 'affected':
      return `${version} is ${rangeText(introduced, fixed, lastAffected)}`;
    case 'undecided':
      if (isFinding(status)) {
        return `the SBOM lacks the epoch of ${version}, so this version cannot be compared with ${fixed ?? lastAffected ?? introduced}`;
      }
      return noteKindOf(status) === undefined
        ? `the feed has not decided whether ${version} is affected: ${status}`
        : `the advisory is a note about the package, not a vulnerability: ${status}`;
    case 'fixed':
      return fixed === undefined
        ? `${version} is above ${lastAffected}, the last affected version`
        : `${version} is at or above ${fixed}, the first fixed version`;
    case 'not-yet-introduced':
      return `${version} is below ${introduced}, the first affected version`;
    case 'other-architecture':
      return `the rule applies only to ${archs.join(', ')}`;
    case 'other-module':
      return `the rule applies only to ${module === undefined ? 'packages outside modules' : `the module stream ${module}`}`;
    case 'other-product':
      return `the rule applies only to the product ${cpe}, and the layer uses no repository of this product`;
    case 'owned': {
      const by = owner === undefined ? 'a package' : `the package ${owner.feature.name}`;
      return `${by} of ${judgedBy} owns the file, so the advisories for ${judgedBy} apply instead`;
    }
    case 'vendored':
      return 'vendored copies are not matched, because a vendored copy may have been modified';
    case 'version-unclear':
      return `the version ${version} cannot be compared with other versions`;
  }
}

/** The words for the states of files; the state of a file is its version. */
const FILE_WORDS: Readonly<Record<string, string>> = {
  present: 'the file is in the image',
  absent: 'the file is not in the image',
  unknown: 'the analysis could not determine whether the file is in the image',
  unhashed: 'layers were indexed without file digests, so it is unknown whether the file is in the image',
};

function rangeText(
  introduced: string | undefined,
  fixed: string | undefined,
  lastAffected: string | undefined,
): string {
  const start = introduced === undefined ? '' : `at or above ${introduced}, the first affected version`;
  const from = start && `${start}, and `;
  if (fixed !== undefined) return `${from}below ${fixed}, the first fixed version`;
  if (lastAffected !== undefined) return `${from}at or below ${lastAffected}, the last affected version`;
  const open = 'no fixed version is known';
  return start === '' ? `affected, because ${open}` : `${start}; there is no upper bound, because ${open}`;
}
