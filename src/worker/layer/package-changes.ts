import type { InstalledPackage, PackageChange } from '../../model/layer.ts';
import { type Package, packageIdentity } from '../../model/package.ts';
import { judgedNamespace } from '../detectors/packages/judged-namespace.ts';

/** What is installed at a layer, by the identity of each package. */
export type InstalledPackages = ReadonlyMap<string, InstalledPackage>;

/** The packages that a layer shows, by identity, the namespace of its release (empty for none), and its depth. */
export type PackagesAtLayer = {
  readonly packages: ReadonlyMap<string, Package>;
  readonly namespace: string;
  readonly depth: number;
};

/**
 * The difference between what is installed at the parent and at the layer.
 *
 * Packages are judged by the operating system of the layer that is asked about, so when the layer changes the
 * namespace, a package that stays moves to another stream: it is taken from the old one and put on the new one, both
 * with the depth of the layer that really brought it, which marks the two changes as bookkeeping. Packages of third
 * parties are judged in no namespace.
 */
export function packageChanges(parent: InstalledPackages, layer: PackagesAtLayer): PackageChange[] {
  const { packages, depth } = layer;
  const changes: PackageChange[] = [];
  for (const [identity, each] of packages) {
    const before = parent.get(identity);
    const namespace = judgedNamespace(each, layer.namespace);
    if (before === undefined) {
      changes.push({ package: each, namespace, originDepth: depth, change: 1 });
    } else if (before.namespace !== namespace) {
      changes.push({ ...before, change: -1 }, { ...before, namespace, change: 1 });
    }
  }
  for (const [identity, removed] of parent) {
    if (!packages.has(identity)) changes.push({ ...removed, originDepth: depth, change: -1 });
  }
  return changes;
}

/**
 * What is installed at a layer: what is installed at its parent, changed by {@link packageChanges}. A package that only
 * changed its namespace keeps the layer that brought it.
 */
export function installedAfter(parent: InstalledPackages, changes: readonly PackageChange[]): InstalledPackages {
  if (changes.length === 0) return parent;
  const installed = new Map(parent);
  for (const { change, ...each } of changes) {
    const identity = packageIdentity(each.package);
    if (change === 1) installed.set(identity, each);
    else installed.delete(identity);
  }
  return installed;
}

/** Gives installed packages by the identity of each. */
export function installedById(installed: readonly InstalledPackage[]): InstalledPackages {
  return new Map(installed.map((each) => [packageIdentity(each.package), each]));
}
