import type { ChangeLogStore } from '../../../database/contracts/change-log.ts';
import type { VulnerabilityRecord } from '../../../database/contracts/vulnerabilities.ts';
import { ecosystemOf, schemeOfNamespace, typeOfNamespace } from '../../../ecosystems/index.ts';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { isFinding } from '../../../model/advisories/status.ts';
import { isLibrary } from '../../../model/package-kind.ts';
import { SCHEMES } from '../../../versions/index.ts';
import type { VulnerabilityBody } from '../vulnerability-report-body.ts';
import { originsOf } from './posted-origins.ts';

/** The packages that a posted vulnerability affects, or the reason why the packages are unknown. */
export type PostedPackages = { readonly affected: readonly AffectedPackage[] } | { readonly unknown: string };

/**
 * Returns the affected packages of a posted vulnerability. Uses the packages of the stored advisory or of a former
 * state of the advisory, because the stored packages have version ranges, architectures and products, which the request
 * lacks. If no state of an advisory matches the request, uses the package, origin and versions in the request.
 *
 * @param advisories the stored advisories that have the name of the vulnerability
 */
export async function postedPackages(
  changeLog: Pick<ChangeLogStore, 'previous'>,
  of: VulnerabilityBody,
  advisories: readonly Pick<VulnerabilityRecord, 'feed' | 'affected'>[],
): Promise<PostedPackages> {
  const origins = originsOf(of);
  // Reports join the names of the feeds of a namespace with `+`.
  const feeds = new Set(of.updater.split('+'));
  const ofFeeds = advisories.filter(({ feed }) => feeds.has(feed));
  const present = (ofFeeds.length > 0 ? ofFeeds : advisories).flatMap(({ affected }) => affected);
  const found = describedBy(of, origins, present);
  if ('unknown' in found || found.affected.length > 0) return found;
  for (const feed of feeds) {
    let change = await changeLog.previous({ feed, name: of.name }, Number.MAX_SAFE_INTEGER);
    while (change !== undefined) {
      const former = describedBy(of, origins, change.before?.affected ?? []);
      if ('unknown' in former || former.affected.length > 0) return former;
      change = await changeLog.previous({ feed, name: of.name }, change.id);
    }
  }
  const isWholeAdvisory = of.package.name === '' && advisories.length > 0 && origins?.length !== 0;
  return isWholeAdvisory ? { affected: [] } : packagesInRequest(of, origins ?? []);
}

/**
 * Returns the affected packages that a vulnerability of Clair v4 describes, or all affected packages if the
 * vulnerability names no package.
 */
function describedBy(
  of: VulnerabilityBody,
  origins: readonly string[] | undefined,
  affected: readonly AffectedPackage[],
): PostedPackages {
  const { package: about, repository } = of;
  const { fixed = '' } = boundsOf(of.fixed_in_version);
  const inOrigins = affected.filter(
    ({ status, namespace, cpe = repository?.cpe ?? '' }) =>
      isFinding(status) &&
      (origins === undefined || origins.includes(namespace)) &&
      ((repository?.cpe ?? '') === '' || cpe === repository?.cpe),
  );
  if (about.name === '') return { affected: inOrigins };
  if (about.kind === 'binary' && inOrigins.some(({ namespace }) => isBySource(namespace))) return bySource(of);
  return {
    affected: inOrigins.filter(
      (each) =>
        each.package === nameIn(each.namespace, about.name) &&
        (each.fixed ?? '') === fixed &&
        (about.module === undefined || (each.module ?? '') === about.module),
    ),
  };
}

/** Returns the packages that the request describes. */
function packagesInRequest(of: VulnerabilityBody, origins: readonly string[]): PostedPackages {
  const { package: about, repository, fixed_in_version: fixedIn } = of;
  if (about.name === '')
    return { unknown: `no stored advisory matches ${of.name}, and the request names no package: name the package` };
  if (origins.length === 0) {
    return {
      unknown: `no stored advisory matches ${of.name}, and the request names no known release or repository: name one`,
    };
  }
  if ((repository?.cpe ?? '') !== '') {
    return {
      unknown: `no stored advisory matches ${of.name}, and the packages of the product in repository.cpe are unknown: send the vulnerability exactly as in a current vulnerability report, or omit repository.cpe`,
    };
  }
  if (about.kind === 'binary' && origins.some(isBySource)) return bySource(of);
  // In Clair v4, the fixed version "0" means that no version is affected.
  if (fixedIn === '0') return { affected: [] };
  const archs = archsOf(of);
  if (archs === 'unknown') {
    return {
      unknown: `${of.name} has architectures in an unknown form (${shownArchs(of)}): set arch_op to "equals", or to "pattern match" with the architectures joined by |`,
    };
  }
  const bounds = boundsOf(fixedIn);
  if (about.module === undefined && bounds.fixed?.includes('.module') === true) {
    return { unknown: `${of.name} is fixed in a module, and the request names no module: send package.module` };
  }
  const affected: AffectedPackage[] = [];
  for (const namespace of origins) {
    const scheme = schemeOfNamespace(namespace);
    if (scheme === undefined || Object.values(bounds).some((each) => SCHEMES[scheme].keyOf(each) === undefined)) {
      return {
        unknown: `${of.name} is fixed in ${JSON.stringify(fixedIn.slice(0, 100))}, which is not a valid version in ${namespace}`,
      };
    }
    const entry = {
      namespace,
      package: nameIn(namespace, about.name),
      severity: 'Unknown',
      status: bounds.fixed === undefined ? 'open' : 'fixed',
      ...bounds,
      ...(about.module !== undefined && { module: about.module }),
      ...(archs !== undefined && { archs }),
    } as const;
    affected.push(entry);
    // An rpm advisory can name binary packages or source packages.
    if (typeOfNamespace(namespace) === 'rpm' && about.kind !== 'binary') affected.push({ ...entry, role: 'source' });
  }
  return { affected };
}

/** Returns whether the advisories of a namespace name source packages; if so, binary packages have no version lines. */
function isBySource(namespace: string): boolean {
  return ['apk', 'deb'].includes(typeOfNamespace(namespace));
}

function bySource({ name, package: about }: VulnerabilityBody): PostedPackages {
  return {
    unknown: `${name} names the binary package ${about.name}, but advisories for this release name source packages: send the source package`,
  };
}

/** Returns a package name in the spelling of the advisories of a namespace. */
function nameIn(namespace: string, name: string): string {
  const type = typeOfNamespace(namespace);
  if (type === '' || !isLibrary({ type })) return name;
  return ecosystemOf({ type }).lines({ type, name, version: '' })[0].name;
}

type Bounds = Partial<Record<'introduced' | 'fixed' | 'lastAffected', string>>;

/** Parses a fixed version. For OSV, Clair v4 encodes all bounds as a URL query, such as `fixed=1.2&introduced=1.0`. */
function boundsOf(fixedIn: string): Bounds {
  if (fixedIn === '') return {};
  if (!/^(?:introduced|fixed|lastAffected)=/.test(fixedIn)) return { fixed: fixedIn };
  const values = new URLSearchParams(fixedIn);
  const [introduced, fixed, lastAffected] = ['introduced', 'fixed', 'lastAffected'].map((key) => values.get(key) ?? '');
  return {
    // In OSV, `introduced` is 0 if the range has no lower bound.
    ...(introduced && introduced !== '0' && { introduced }),
    ...(fixed && { fixed }),
    ...(lastAffected && { lastAffected }),
  };
}

function shownArchs({ package: { arch = '' }, arch_op: operation = '' }: VulnerabilityBody): string {
  return `arch ${JSON.stringify(arch.slice(0, 100))}, arch_op ${JSON.stringify(operation.slice(0, 100))}`;
}

/** Returns the architectures in the request: undefined if absent, or `unknown` for architectures in an unknown form. */
function archsOf({
  package: { arch = '' },
  arch_op: operation = '',
}: VulnerabilityBody): readonly string[] | 'unknown' | undefined {
  if (arch === '' || operation === '') return undefined;
  if (operation === 'equals') return [arch];
  return operation === 'pattern match' && /^\w+(?:\|\w+)*$/.test(arch) ? arch.split('|') : 'unknown';
}
