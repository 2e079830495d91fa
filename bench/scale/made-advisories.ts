import { orderedAdvisories } from '../../src/database/queries/vulnerabilities/advisory-order.ts';
import type { OrderedAdvisory } from '../../src/database/contracts/vulnerabilities.ts';
import type { Advisory, AffectedPackage } from '../../src/model/advisories/advisory.ts';
import { DEBIAN_RELEASES } from '../../src/model/releases/debian-releases.ts';
import type { Severity } from '../../src/model/severity.ts';
import { createChance } from './chance.ts';
import type { TrackerFacts } from './tracker-facts.ts';
import { versionBeforeFix } from './release-packages.ts';

/** Oldest first, as Debian calls them. */
const RELEASES = DEBIAN_RELEASES.map(({ version }) => version);

/** The first of the releases that each distribution has; of those before only what was fixed in them is of interest. */
const FIRST = RELEASES.indexOf('7');

/** What is not known of a description is made as long as those that are known. */
const TEXT =
  'A flaw was found in this package. Input that was made for it is not checked well enough before it is used, so that ' +
  'somebody who is far away can read what is not for them, change it, or stop the service. The maintainers fixed it.';

/**
 * Of how many releases older than any fix that is told one says that it stays open, or that nobody knows, in percent; the
 * others have nothing to tell. The derived data holds only what an advisory was written for.
 */
const OLDER = { open: 5, undetermined: 1 };

/** Of how many releases newer than all fixes that are told one is still open, or nobody knows, in percent. */
const NEWER = { open: 2, undetermined: 1 };

/**
 * What a distribution says of all CVEs, by ascending identifier. The first one, `debian`, has the fixes of the tracker, and
 * for releases of which it says nothing what a tracker would: fixed before the release, or open, or not known. The others
 * say the same of namespaces of their own.
 *
 * @param distribution such as `debian`; its namespaces are `debian:7` and so on
 */
export function* madeAdvisories(facts: readonly TrackerFacts[], distribution: string): Generator<OrderedAdvisory> {
  for (const [at, each] of facts.entries()) yield* orderedAdvisories([madeAdvisory(each, at, distribution)]);
}

/** What a distribution says of one CVE, which is at a place among all. */
export function madeAdvisory(
  { id, link, description, fixes }: TrackerFacts,
  at: number,
  distribution: string,
): Advisory {
  const affected: AffectedPackage[] = [];
  for (const [feed, fixed] of fixes) {
    const told = RELEASES.map((release) => fixed.get(`debian:${release}`));
    const chance = createChance(at);
    for (const [place, release] of RELEASES.entries()) {
      if (place < FIRST) continue;
      const severity = SEVERITIES[chance.below(SEVERITIES.length)] ?? 'Medium';
      const of = stateIn(told, { place, severity, percent: chance.next() * 100 });
      if (of !== undefined) affected.push({ namespace: `${distribution}:${release}`, package: feed, ...of });
    }
  }
  return { id, link, description: description === '' ? TEXT : description, affected };
}

function stateIn(
  told: readonly (string | undefined)[],
  { place, severity, percent }: { readonly place: number; readonly severity: Severity; readonly percent: number },
): Pick<AffectedPackage, 'fixed' | 'severity' | 'status'> | undefined {
  const fixed = told[place];
  if (fixed !== undefined) return { fixed, severity, status: 'fixed' };
  const older = told.slice(0, place).findLast((each) => each !== undefined);
  const { open, undetermined } = older === undefined ? OLDER : NEWER;
  if (percent < open) return { severity, status: 'open' };
  if (percent < open + undetermined) return { severity, status: 'undetermined' };
  return older === undefined ? undefined : { fixed: versionBeforeFix(older), severity, status: 'fixed' };
}

const SEVERITIES = ['Negligible', 'Low', 'Medium', 'High', 'Critical'] as const;
