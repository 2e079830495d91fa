import type { PackageUrl } from '../../ecosystems/package-url.ts';
import { isSystem, type SbomComponent } from './sbom-document.ts';
import {
  distributionId,
  isKnown,
  isSameFamily,
  namespaceOfRelease,
  releaseOfPurl,
  releaseOfSystem,
  type SbomRelease,
} from './sbom-release.ts';

/** The operating systems of a document, and, if there are several, the system that each package belongs to. */
export type SbomSystems = {
  /** The different releases of the operating systems. */
  readonly releases: readonly SbomRelease[];
  /** The names of the images that have an operating system of their own. */
  readonly images: readonly string[];
  /**
   * Returns the release of a package, the first of: the release in its package URL, the release of the system or image
   * that contains the package, or the release of the only system of its vendor. Returns undefined if the document does
   * not state the system, and always for a document with fewer than two releases.
   */
  readonly releaseOf: (component: SbomComponent, purl: PackageUrl) => SbomRelease | undefined;
};

/**
 * Returns the operating systems of the components.
 *
 * @param parents the identifiers of the components that contain a component, or depend on it
 */
export function systemsOf(
  components: readonly SbomComponent[],
  parents: ReadonlyMap<string, readonly string[]>,
): SbomSystems {
  const found = components.filter(isSystem).flatMap((component) => {
    const release = releaseOfSystem(component);
    return release === undefined ? [] : [{ ref: component.ref, release }];
  });
  const releases = new Map(found.map(({ release }) => [namespaceOfRelease(release), release]));
  if (releases.size < 2) return { releases: [...releases.values()], images: [], releaseOf: () => undefined };
  const holders = new Map<string, Set<string>>();
  for (const { ref, release } of found) {
    for (const parent of parents.get(ref) ?? []) {
      const held = holders.get(parent) ?? new Set();
      holders.set(parent, held.add(namespaceOfRelease(release)));
    }
  }
  const starts = new Map(
    found.filter(({ ref }) => ref !== '').map((each) => [each.ref, namespaceOfRelease(each.release)]),
  );
  for (const [ref, [first, ...others]] of holders) {
    if (first !== undefined && others.length === 0 && !starts.has(ref)) starts.set(ref, first);
  }
  const namespaces = below(starts, childrenOf(parents));
  return {
    releases: [...releases.values()],
    images: components.filter(({ ref, type }) => holders.get(ref)?.size === 1 && isImage(type)).map(({ name }) => name),
    releaseOf({ ref }, purl) {
      const stated = releaseOfPurl(purl);
      if (stated !== undefined && stated.version !== '') return stated;
      const namespace = namespaces.get(ref);
      if (namespace !== undefined) return namespace === null ? undefined : releases.get(namespace);
      const vendor = distributionId(purl.namespace);
      const ofVendor = [...releases.values()].filter(({ id }) => id === vendor || isSameFamily(id, vendor));
      return isKnown(vendor) && ofVendor.length === 1 ? ofVendor[0] : undefined;
    },
  };
}

function isImage(type: string): boolean {
  return type.toLowerCase() === 'container';
}

function childrenOf(parents: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const [child, of] of parents) {
    for (const parent of of) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [child]);
      else known.push(child);
    }
  }
  return children;
}

/**
 * Returns the namespace of the nearest operating system above each component; null if several operating systems are
 * equally near.
 */
function below(
  starts: ReadonlyMap<string, string>,
  children: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, string | null> {
  const nearest = new Map<string, string | null>(starts);
  for (let level = new Map<string, string | null>(starts); level.size > 0; ) {
    const next = new Map<string, string | null>();
    for (const [ref, namespace] of level) {
      for (const child of namespace === null ? [] : (children.get(ref) ?? [])) {
        if (nearest.has(child)) continue;
        next.set(child, next.has(child) && next.get(child) !== namespace ? null : namespace);
      }
    }
    for (const [ref, namespace] of next) nearest.set(ref, namespace);
    level = next;
  }
  return nearest;
}
