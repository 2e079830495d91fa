import type { VulnerabilityRecord } from '../../database/contracts/vulnerabilities.ts';
import { ClairError } from '../../errors.ts';
import { type AffectedPackage, isAdvisoryId } from '../../model/advisories/advisory.ts';
import { isCveId } from '../../model/enrichment.ts';
import {
  isNamespaceEntry,
  type ManualVulnerability,
  namespaceEntry,
} from '../../model/advisories/manual-vulnerability.ts';
import { type Severity, worstSeverity } from '../../model/severity.ts';
import { MANUAL_FEED } from '../../model/feed.ts';

/** A vulnerability made by hand of which nothing is said yet. */
export function emptyVulnerability(id: string): ManualVulnerability {
  return { id, link: '', description: '', affected: [] };
}

/**
 * What an edit of a vulnerability starts from that only feeds know: their words, and their severity in each of the
 * namespaces, but none of their packages. What is made of it stands beside what the feeds say.
 */
export function startedFrom(id: string, records: readonly VulnerabilityRecord[]): ManualVulnerability {
  const affected = records.flatMap((record) => record.affected);
  const namespaces = [...new Set(affected.map(({ namespace }) => namespace))];
  return {
    id,
    link: records[0]?.link ?? '',
    description: records[0]?.description ?? '',
    affected: namespaces.map((namespace) =>
      namespaceEntry(
        namespace,
        copiedSeverity(
          id,
          affected.filter((each) => each.namespace === namespace),
        ),
      ),
    ),
  };
}

/**
 * Returns the severity that an edit takes over from records of a vulnerability: the worst. One that is the NVD's alone is left out
 * for a CVE: the NVD rates what is made by hand too, and goes on doing so when its scores change.
 */
export function copiedSeverity(
  id: string,
  affected: readonly Pick<AffectedPackage, 'severity' | 'severityFrom'>[],
): Severity {
  const worst = worstSeverity(affected);
  const isOfFeed = affected.some(({ severity, severityFrom }) => severity === worst && severityFrom !== 'nvd');
  return isOfFeed || !isCveId(id) ? worst : 'Unknown';
}

/** Adds packages, each in place of another entry of that name in the namespace; none is removed. */
export function withPackages(of: ManualVulnerability, added: readonly AffectedPackage[]): ManualVulnerability {
  const replaced = new Set(added.map(placeOf));
  const kept = of.affected.filter((each) => !replaced.has(placeOf(each)));
  const known = new Set(kept.filter(isNamespaceEntry).map(({ namespace }) => namespace));
  const entries = new Map(
    added.filter(({ namespace }) => !known.has(namespace)).map((each) => [each.namespace, each.severity]),
  );
  return {
    ...of,
    affected: [...kept, ...[...entries].map(([name, severity]) => namespaceEntry(name, severity)), ...added],
  };
}

/** Gives all that is said of a namespace this severity, and says that the vulnerability is there; without one, of all. */
export function withSeverity(of: ManualVulnerability, severity: Severity, namespace?: string): ManualVulnerability {
  const affected = of.affected.map((each) =>
    namespace === undefined || each.namespace === namespace ? { ...each, severity } : each,
  );
  const isThere =
    namespace === undefined || affected.some((each) => each.namespace === namespace && isNamespaceEntry(each));
  return { ...of, affected: isThere ? affected : [...affected, namespaceEntry(namespace, severity)] };
}

/** Refuses to remove what only feeds say. @throws ClairError `vulnerability/of-feed` or `vulnerability/not-found`. */
export function refuseRemoval(what: string, records: readonly VulnerabilityRecord[]): never {
  const feeds = records.map(({ feed }) => feed).filter((feed) => feed !== MANUAL_FEED);
  if (feeds.length === 0) throw new ClairError('vulnerability/not-found', `there is no vulnerability ${what}`);
  throw new ClairError('vulnerability/of-feed', `${what} was not made by hand: ${feeds.join(', ')} says so`);
}

/** @throws ClairError `request/invalid` for a name that no vulnerability can have. */
export function checkedName(name: string): string {
  if (isAdvisoryId(name)) return name;
  throw new ClairError(
    'request/invalid',
    'the name of a vulnerability has letters, digits and ._:+- only, 128 at most, and starts with a letter or digit',
  );
}

function placeOf({ namespace, package: name }: AffectedPackage): string {
  return `${namespace}\n${name}`;
}
