import { createHash } from 'node:crypto';
import type { Store } from '../../../src/database/contracts/store.ts';
import type { AffectedPackage } from '../../../src/model/advisories/advisory.ts';
import { type DatabaseScheme, hasDatabase, type ListedPackage } from './package-databases.ts';

/** The packages of a namespace, at versions from the feeds of the namespace. */
export type NamespacePackages = {
  readonly namespace: string;
  readonly scheme: DatabaseScheme;
  readonly packages: readonly ListedPackage[];
  /** Red Hat repositories of the products to which the feeds limit advisories. */
  readonly contentSets: readonly string[];
};

const PACKAGES_PER_NAMESPACE = 60;
const CONTENT_SETS_PER_NAMESPACE = 10;

type Line = Pick<AffectedPackage, 'package' | 'role' | 'module'> & {
  /** A hash of the name, which selects names and versions. */
  readonly hash: Buffer;
  readonly versions: Set<string>;
  arch: string | undefined;
};

/**
 * Selects package names of every namespace of a package manager, each at a version that is equal to or just below a
 * bound of an affected range. The same advisories always produce the same packages.
 */
export async function packagesOfFeeds(store: Store, feeds: readonly string[]): Promise<readonly NamespacePackages[]> {
  const lines = new Map<string, Map<string, Line>>();
  const products = new Map<string, Set<string>>();
  const repositories = new Map<string, readonly string[]>();
  await store.feedSnapshot(async (snapshot) => {
    for (const feed of feeds) {
      for await (const { advisory } of snapshot.advisories(feed)) {
        for (const affected of advisory.affected) {
          addLine(
            grouped(lines, affected.namespace, () => new Map<string, Line>()),
            affected,
          );
          if (affected.cpe !== undefined) {
            grouped(products, affected.namespace, () => new Set<string>()).add(affected.cpe);
          }
        }
      }
      for (const [name, cpes] of await snapshot.repositories(feed)) repositories.set(name, cpes);
    }
  });
  const schemes = new Map((await store.namespaces.all()).map(({ name, scheme }) => [name, scheme]));
  return [...lines.keys()].toSorted().flatMap((namespace) => {
    const scheme = schemes.get(namespace);
    if (!hasDatabase(scheme)) return [];
    const packages = [...(lines.get(namespace)?.values() ?? [])].map((line) => listedPackage(line, scheme));
    const contentSets = repositoriesOf(products.get(namespace) ?? new Set(), repositories);
    return [{ namespace, scheme, packages: packages.toSorted(byName), contentSets }];
  });
}

function grouped<Value>(groups: Map<string, Value>, name: string, create: () => Value): Value {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const made = create();
  groups.set(name, made);
  return made;
}

/**
 * Adds the advisory data of a name if its hash is among the smallest. A name in the final selection has been selected
 * since its first advisory, so its data is complete.
 */
function addLine(lines: Map<string, Line>, { package: name, role, module, archs, ...range }: AffectedPackage): void {
  const key = [name, role ?? '', module ?? ''].join(' ');
  const hash = createHash('sha256').update(`${range.namespace} ${key}`).digest();
  if (!lines.has(key) && lines.size >= PACKAGES_PER_NAMESPACE) {
    const [largest, line] = [...lines].reduce((one, other) => (one[1].hash.compare(other[1].hash) > 0 ? one : other));
    if (line.hash.compare(hash) < 0) return;
    lines.delete(largest);
  }
  const line = grouped(lines, key, () => ({
    package: name,
    ...(role !== undefined && { role }),
    ...(module !== undefined && { module }),
    hash,
    versions: new Set<string>(),
    arch: undefined,
  }));
  line.arch ??= archs?.[0];
  for (const version of [range.introduced, range.fixed, range.lastAffected]) {
    if (version !== undefined) line.versions.add(version);
  }
}

const ARCHITECTURE: Readonly<Record<DatabaseScheme, string>> = { dpkg: 'amd64', apk: 'x86_64', rpm: 'x86_64' };

function listedPackage(
  { package: name, role, module, hash, versions, arch }: Line,
  scheme: DatabaseScheme,
): ListedPackage {
  const [first = 0, second = 0, third = 0] = hash;
  const known = versions.size === 0 ? ['1.0-1'] : [...versions].toSorted();
  const bound = known[first % known.length] ?? '1.0-1';
  // A tilde sorts below the end of a version in dpkg and rpm; apk has no tilde.
  const version = second % 2 === 0 || scheme === 'apk' ? bound : `${bound}~`;
  const isSource = scheme === 'rpm' ? role === 'source' : third % 2 === 0;
  return {
    name: isSource ? `${name}-libs` : name,
    version,
    arch: arch ?? ARCHITECTURE[scheme],
    source: { name, version },
    ...(module !== undefined && module !== '' && { module }),
  };
}

function byName(one: ListedPackage, other: ListedPackage): number {
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  return a < b ? -1 : Number(a > b);
}

function repositoriesOf(
  products: ReadonlySet<string>,
  repositories: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const fitting = [...repositories].filter(([, cpes]) => cpes.some((cpe) => products.has(cpe)));
  return fitting
    .map(([name]) => name)
    .toSorted()
    .slice(0, CONTENT_SETS_PER_NAMESPACE);
}
