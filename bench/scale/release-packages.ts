import { ClairError } from '../../src/errors.ts';
import { type SystemPackage } from '../../src/model/feature.ts';
import { dpkg } from '../../src/versions/dpkg.ts';
import type { IndexedPackage } from './packages-index.ts';
import type { TrackerFacts } from './tracker-facts.ts';

/** The packages of one release with their versions over time. */
export type ReleasePackages = {
  readonly namespace: string;
  /** The names that images install, most depended on first. */
  readonly roots: readonly string[];
  /** Returns a package on a day from 0 (the release) to 1 (now); the same object for the same version. */
  readonly at: (name: string, day: number) => SystemPackage | undefined;
  readonly dependsOn: (name: string) => readonly string[];
};

const ROOTS = 5000;

/**
 * Combines all data about a release: names and dependencies from the index; versions from the index, from real images,
 * and from the tracker, which adds each fixed version and the version before it.
 *
 * @param known the packages of real images of the release
 * @param isIndexed whether the index is of this release; otherwise only packages with a fix in this release are used
 */
export function releasePackages(
  namespace: string,
  { index, facts, known, isIndexed }: ReleaseFacts & { readonly isIndexed: boolean },
): ReleasePackages {
  const fixes = fixedVersions(facts, namespace);
  const byName = new Map<string, { of: SystemPackage; depends: readonly string[] }>();
  for (const { name, version, arch, source, depends } of index) {
    if (!isIndexed && !fixes.has(source.name)) continue;
    byName.set(name, { of: { type: 'deb', name, version, arch, source }, depends });
  }
  for (const of of known) byName.set(of.name, { of, depends: byName.get(of.name)?.depends ?? [] });
  const wanted = new Map<string, number>();
  for (const { depends } of byName.values()) {
    for (const name of depends) wanted.set(name, (wanted.get(name) ?? 0) + 1);
  }
  const versions = new Map<string, readonly SystemPackage[]>();

  function versionsOf(name: string): readonly SystemPackage[] {
    let found = versions.get(name);
    if (found === undefined) {
      const present = byName.get(name)?.of;
      found = present === undefined ? [] : packageVersions(present, fixes.get(present.source.name) ?? []);
      versions.set(name, found);
    }
    return found;
  }

  return {
    namespace,
    roots: [...byName.keys()]
      .toSorted((a, b) => (wanted.get(b) ?? 0) - (wanted.get(a) ?? 0) || (a < b ? -1 : 1))
      .slice(0, ROOTS),
    at(name, day) {
      const all = versionsOf(name);
      return all[Math.round(day * (all.length - 1))];
    },
    dependsOn: (name) => byName.get(name)?.depends ?? [],
  };
}

export type ReleaseFacts = {
  readonly index: readonly IndexedPackage[];
  readonly facts: readonly TrackerFacts[];
  readonly known: readonly SystemPackage[];
};

/**
 * Returns the version before a fix, without the suffix of an update within a release: `3.5.9-1` for `3.5.9-1~deb13u1`,
 * and `1.1.1w-0` for `1.1.1w-0+deb11u8`.
 */
export function versionBeforeFix(fixed: string): string {
  return fixed.replace(/[+~]deb\d+u\d+$/, '');
}

function fixedVersions(facts: readonly TrackerFacts[], namespace: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { fixes } of facts) {
    for (const [source, byNamespace] of fixes) {
      const fixed = byNamespace.get(namespace);
      if (fixed === undefined) continue;
      const versions = found.get(source);
      if (versions === undefined) found.set(source, [fixed]);
      else versions.push(fixed);
    }
  }
  return found;
}

/**
 * Returns the versions in ascending order of the source package. The present package keeps its binary version, such as
 * the version of a rebuild; every other version is the version of both packages.
 */
function packageVersions(present: SystemPackage, fixes: readonly string[]): readonly SystemPackage[] {
  const texts = new Set([present.source.version, ...fixes, ...fixes.map(versionBeforeFix)]);
  return [...texts]
    .flatMap((version) => keyed(version))
    .toSorted((a, b) => Buffer.compare(a.key, b.key))
    .map(({ version }) =>
      version === present.source.version ? present : { ...present, version, source: { ...present.source, version } },
    );
}

function keyed(version: string): { readonly version: string; readonly key: Uint8Array }[] {
  try {
    return [{ version, key: dpkg.key(version) }];
  } catch (error) {
    if (error instanceof ClairError && error.code === 'version/invalid') return [];
    throw error;
  }
}
