import type { ResolvedChange } from '../database/contracts/change-log.ts';
import type { AffectedFeature } from '../database/contracts/matches.ts';
import type { Store } from '../database/contracts/store.ts';
import type { ChangeText, EffectReason, FeatureEffect } from '../database/contracts/update-notifications.ts';
import type { Advisory } from '../model/advisories/advisory.ts';
import { fittingText } from './json-bound.ts';
import { severityIncrease } from './severity-increase.ts';

/**
 * The maximum sizes of a description and of the links as JSON, so that a page with a thousand entries remains small.
 */
const MAX_DESCRIPTION_BYTES = 8 * 1024;
const MAX_LINKS_BYTES = 8 * 1024;

/** The effects of a change on stored features, with the texts of the vulnerability. */
export type ChangeEffects = { readonly text: ChangeText; readonly features: readonly FeatureEffect[] };

/**
 * Returns the features that the vulnerability affects only after the change, or more severely after the change
 * (`added`), and the features that the vulnerability no longer affects (`removed`). Returns undefined for a change
 * without an effect. Other changes of an advisory, such as a new description, have no effect.
 */
export async function changeEffects(
  change: ResolvedChange,
  matches: Pick<Store['matches'], 'affectedFeatures'>,
): Promise<ChangeEffects | undefined> {
  const { id, before, after } = change;
  const [former, present] = [before?.affected ?? [], after?.affected ?? []];
  const raised = before === null || after === null ? [] : (severityIncrease(before, after)?.affected ?? []);
  const added = present.length === 0 ? [] : await matches.affectedFeatures({ affected: present, except: former });
  const worse = raised.length === 0 ? [] : await matches.affectedFeatures({ affected: raised });
  const removed = former.length === 0 ? [] : await matches.affectedFeatures({ affected: former, except: present });
  const features = [
    ...[...added, ...worse].map((each) => effect(id, 'added', each)),
    ...removed.map((each) => effect(id, 'removed', each)),
  ];
  const said = after ?? before;
  return features.length === 0 || said === null ? undefined : { text: textOf(id, said), features };
}

function effect(
  change: number,
  reason: EffectReason,
  { feature, cpe, unless, affected }: AffectedFeature,
): FeatureEffect {
  const { severity, namespace, package: name, fixed = '' } = affected;
  return { change, reason, feature, cpe, unless, severity, namespace, package: name, fixed };
}

function textOf(change: number, { id: name, description, link, aliases = [] }: Advisory): ChangeText {
  return {
    change,
    name,
    description: fittingText(description, MAX_DESCRIPTION_BYTES),
    links: fittingText(linksOf(link, [name, ...aliases]), MAX_LINKS_BYTES),
  };
}

/**
 * Returns the link of the feed, and a link for each CVE that the feed's link does not name, because Quay reads CVEs
 * from links.
 */
function linksOf(link: string, names: readonly string[]): string {
  const cves = names.filter((name) => /^CVE-\d{4}-\d{4,}$/.test(name) && !link.includes(name));
  const own = link === '' ? [] : [link.trim().replaceAll(/\s/g, (blank) => encodeURIComponent(blank))];
  return [...own, ...cves.map((cve) => `https://nvd.nist.gov/vuln/detail/${cve}`)].join(' ');
}
