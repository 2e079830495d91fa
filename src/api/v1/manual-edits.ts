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

/** Returns a manual vulnerability without any data. */
export function emptyVulnerability(id: string): ManualVulnerability {
  return { id, link: '', description: '', affected: [] };
}

/**
 * Returns the manual vulnerability with which an edit of a feed's vulnerability starts. The manual vulnerability has
 * the link and the description of the first advisory, and the severity in each namespace, but no packages. The
 * advisories of the feed remain stored.
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
 * Returns the severity that an edit copies: the worst severity of the advisories. For a CVE whose worst severity comes
 * only from the NVD, returns Unknown, because the current NVD score also applies to manual vulnerabilities.
 */
export function copiedSeverity(
  id: string,
  affected: readonly Pick<AffectedPackage, 'severity' | 'severityFrom'>[],
): Severity {
  const worst = worstSeverity(affected);
  const isOfFeed = affected.some(({ severity, severityFrom }) => severity === worst && severityFrom !== 'nvd');
  return isOfFeed || !isCveId(id) ? worst : 'Unknown';
}

/**
 * Adds packages; each new package replaces the entry with the same name and namespace. Adds an entry for each namespace
 * without an entry.
 */
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

/**
 * Sets the severity of all entries of a namespace, and adds an entry for the namespace itself if there is none. Without
 * a namespace, sets the severity of all entries.
 */
export function withSeverity(of: ManualVulnerability, severity: Severity, namespace?: string): ManualVulnerability {
  const affected = of.affected.map((each) =>
    namespace === undefined || each.namespace === namespace ? { ...each, severity } : each,
  );
  const isThere =
    namespace === undefined || affected.some((each) => each.namespace === namespace && isNamespaceEntry(each));
  return { ...of, affected: isThere ? affected : [...affected, namespaceEntry(namespace, severity)] };
}

/**
 * Rejects the deletion of a vulnerability that is not a manual vulnerability. @throws ClairError
 * `vulnerability/of-feed` or `vulnerability/not-found`
 */
export function refuseRemoval(what: string, records: readonly VulnerabilityRecord[]): never {
  const feeds = records.map(({ feed }) => feed).filter((feed) => feed !== MANUAL_FEED);
  if (feeds.length === 0) throw new ClairError('vulnerability/not-found', `vulnerability ${what} not found`);
  throw new ClairError(
    'vulnerability/of-feed',
    `${what} cannot be deleted, because it comes from ${feeds.length === 1 ? 'the feed' : 'the feeds'} ${feeds.join(', ')}`,
  );
}

/** Returns the name if it is a valid vulnerability ID. @throws ClairError `request/invalid` */
export function checkedName(name: string): string {
  if (isAdvisoryId(name)) return name;
  throw new ClairError(
    'request/invalid',
    `the vulnerability name ${JSON.stringify(name)} must have 1 to 128 characters (letters, digits and . _ : + -), and start with a letter or digit`,
  );
}

function placeOf({ namespace, package: name }: AffectedPackage): string {
  return `${namespace}\n${name}`;
}
