import type { Store } from '../../../database/contracts/store.ts';
import { ECOSYSTEMS, typeOfNamespace } from '../../../ecosystems/index.ts';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { isFinding } from '../../../model/advisories/status.ts';
import { namespaceName } from '../../../model/releases/namespace.ts';
import { namespaceOfRelease } from '../../../worker/sboms/sbom-release.ts';
import type { VulnerabilityBody } from '../vulnerability-report-body.ts';

/** The number of names per query. */
const NAMES_PER_QUERY = 100;

type PackageStore = Pick<Store, 'vulnerabilities' | 'changeLog'>;

/**
 * Creates a function that returns the affected packages of a posted vulnerability; undefined if they are unknown. The
 * packages of the stored advisory are used, or else the packages of the advisory before a change, because they have
 * version ranges, architectures and products, which the request lacks. For an advisory that the database never had, the
 * package, distribution and fixed version of the request are used.
 */
export async function postedPackages(
  { vulnerabilities, changeLog }: PackageStore,
  posted: readonly VulnerabilityBody[],
): Promise<(of: VulnerabilityBody) => Promise<readonly AffectedPackage[] | undefined>> {
  const stored = new Map<string, { readonly feed: string; readonly affected: readonly AffectedPackage[] }[]>();
  const names = [...new Set(posted.map(({ name }) => name))];
  for (let at = 0; at < names.length; at += NAMES_PER_QUERY) {
    for (const { name, feed, affected } of await vulnerabilities.findAll(names.slice(at, at + NAMES_PER_QUERY))) {
      stored.set(name, [...(stored.get(name) ?? []), { feed, affected }]);
    }
  }

  return async (of) => {
    const advisories = stored.get(of.name) ?? [];
    const ofFeed = advisories.filter(({ feed }) => feed === of.updater);
    const present = (ofFeed.length > 0 ? ofFeed : advisories).flatMap(({ affected }) => affected);
    const exact = describedBy(of, present);
    if (exact.length > 0) return exact;
    const changes = await changeLog.histories({ names: [{ feed: of.updater, name: of.name }], after: 0 });
    const former = changes.toReversed().flatMap(({ before }): Advisory[] => (before === null ? [] : [before]));
    for (const { affected } of former) {
      const before = describedBy(of, affected);
      if (before.length > 0) return before;
    }
    return packagesInRequest(of);
  };
}

/** Returns the packages that a vulnerability of Clair v4 describes; all packages if it names none. */
function describedBy(of: VulnerabilityBody, affected: readonly AffectedPackage[]): readonly AffectedPackage[] {
  const { package: about, distribution, repository, fixed_in_version: fixed } = of;
  const findings = affected.filter(({ status }) => isFinding(status));
  if (about.name === '') return findings;
  const namespaces = new Set(namespacesOf(of));
  const hasOrigin = distribution !== undefined || repository !== undefined;
  return findings.filter(
    (each) =>
      each.package === about.name && (each.fixed ?? '') === fixed && (!hasOrigin || namespaces.has(each.namespace)),
  );
}

/** Returns the packages that the request itself describes; undefined if it names no package or no known origin. */
function packagesInRequest(of: VulnerabilityBody): readonly AffectedPackage[] | undefined {
  const { package: about, fixed_in_version: fixed } = of;
  const namespaces = namespacesOf(of);
  if (about.name === '' || namespaces.length === 0) return undefined;
  // Clair v4 states a version that is never affected as "0".
  if (fixed === '0') return [];
  const facts = { package: about.name, severity: 'Unknown', status: fixed === '' ? 'open' : 'fixed' } as const;
  return namespaces.flatMap((namespace): AffectedPackage[] => {
    const entry = { ...facts, namespace, ...(fixed !== '' && { fixed }) };
    // An rpm advisory may name packages or source packages.
    return typeOfNamespace(namespace) === 'rpm' ? [entry, { ...entry, role: 'source' }] : [entry];
  });
}

/** Returns the namespaces of a distribution, or of the packages of a language; none if they are unknown. */
function namespacesOf({ distribution, repository }: VulnerabilityBody): readonly string[] {
  if (distribution !== undefined && distribution.did !== '') {
    const { did, name, version_id: version } = distribution;
    const detected = namespaceOfRelease({ id: did.toLowerCase(), version, name });
    // Notifications and differences name the distribution by its namespace.
    return [...new Set([detected, namespaceName(did, version)])].filter((each) => typeOfNamespace(each) !== '');
  }
  const ecosystem = ECOSYSTEMS.find(({ type }) => type === repository?.name);
  return ecosystem === undefined || ['apk', 'deb', 'rpm'].includes(ecosystem.type) ? [] : ecosystem.namespaces;
}
