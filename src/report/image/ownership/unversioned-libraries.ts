import type { FeedStore } from '../../../database/contracts/feeds.ts';
import type { StoredDiagnostic } from '../../../model/report/owned-diagnostics.ts';
import type { Report } from '../../../model/report/report.ts';

const NAMESPACE = 'maven';

/**
 * Replaces the diagnostics of Java libraries that have no version and cannot have an advisory, such as the user's own
 * application, with a diagnostic that leaves the report complete. The condition is that no advisory names any library
 * of the same domain, because a renamed archive can have other coordinates than its name and packages suggest. Without
 * Maven data, the function changes no diagnostic.
 */
export async function withoutAdvisories(
  feeds: Pick<FeedStore, 'namedDomains'>,
  stored: readonly StoredDiagnostic[],
  coverage: Report['coverage'],
): Promise<readonly StoredDiagnostic[]> {
  const isCovered = coverage.some(({ namespace, feeds: covering }) => namespace === NAMESPACE && covering.length > 0);
  const domains = new Set(stored.flatMap((each) => domainsOf(each)));
  if (!isCovered || domains.size === 0) return stored;
  const named = await feeds.namedDomains(NAMESPACE, [...domains]);
  return stored.map((each) => {
    const own = domainsOf(each);
    if (own.length === 0 || own.some((domain) => named.has(domain))) return each;
    const message = `${each.message}; no advisory names a library whose group ID starts with ${own.join(' or ')}`;
    return { ...each, code: 'library-without-advisories', message };
  });
}

function domainsOf({ code, candidates = [] }: StoredDiagnostic): readonly string[] {
  return code === 'library-version-unknown' ? [...new Set(candidates.map(domainOf))] : [];
}

/**
 * The hosts on which each user has a separate domain.
 *
 * @see https://central.sonatype.org/register/namespace/
 */
const HOSTS: ReadonlySet<string> = new Set(['io.github', 'com.github', 'io.gitlab', 'com.gitlab', 'io.bitbucket']);

/** Returns the registered domain in the group of an artifact, such as `org.example` for `org.example.web:ui`. */
function domainOf(candidate: string): string {
  const labels = candidate.split(':', 1).join('').split('.');
  const host = labels.slice(0, 2).join('.');
  return HOSTS.has(host) ? labels.slice(0, 3).join('.') : host;
}
