import { orderedAdvisories } from '../../src/database/queries/vulnerabilities/advisory-order.ts';
import type { OrderedAdvisory } from '../../src/database/contracts/vulnerabilities.ts';
import type { Advisory, AffectedPackage } from '../../src/model/advisories/advisory.ts';
import { DEBIAN_RELEASES } from '../../src/model/releases/debian-releases.ts';
import type { Severity } from '../../src/model/severity.ts';
import { createChance } from './chance.ts';
import type { TrackerFacts } from './tracker-facts.ts';
import { versionBeforeFix } from './release-packages.ts';

/** The releases, oldest first, by Debian version number. */
const RELEASES = DEBIAN_RELEASES.map(({ version }) => version);

/**
 * The index of the oldest release for which advisories are generated. The fixes in older releases only determine the
 * states of later releases.
 */
const FIRST = RELEASES.indexOf('7');

/** Replaces a missing description, and has the length of a typical description. */
const TEXT =
  'A flaw was found in this package. The package does not validate crafted input before it uses the input, so that ' +
  'a remote attacker can read or change data of other users, or stop the service. The maintainers fixed the problem.';

/**
 * Percentage of releases older than every known fix that stay open or undetermined; the other releases have no entry.
 * The derived data contains only fixed vulnerabilities, so this program makes up the other entries.
 */
const OLDER = { open: 5, undetermined: 1 };

/** Percentage of releases without a fix, but newer than a fixed release, that are open or undetermined. */
const NEWER = { open: 2, undetermined: 1 };

/**
 * Yields the advisories of a distribution for all CVEs, by ascending identifier. The first distribution, `debian`, has
 * the fixes of the tracker; its other releases get the entries that a tracker would have: fixed before the release,
 * open or undetermined. The other distributions repeat these advisories in their own namespaces.
 *
 * @param distribution such as `debian`; its namespaces are `debian:7` and so on
 */
export function* madeAdvisories(facts: readonly TrackerFacts[], distribution: string): Generator<OrderedAdvisory> {
  for (const [at, each] of facts.entries()) yield* orderedAdvisories([madeAdvisory(each, at, distribution)]);
}

/** Returns the advisory of a distribution for the CVE at an index. */
export function madeAdvisory(
  { id, link, description, fixes }: TrackerFacts,
  at: number,
  distribution: string,
): Advisory {
  const affected: AffectedPackage[] = [];
  for (const [source, fixed] of fixes) {
    const told = RELEASES.map((release) => fixed.get(`debian:${release}`));
    const chance = createChance(at);
    for (const [place, release] of RELEASES.entries()) {
      if (place < FIRST) continue;
      const severity = SEVERITIES[chance.below(SEVERITIES.length)] ?? 'Medium';
      const of = stateIn(told, { place, severity, percent: chance.next() * 100 });
      if (of !== undefined) affected.push({ namespace: `${distribution}:${release}`, package: source, ...of });
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
