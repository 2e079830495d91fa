import { ecosystemOf } from '../../../ecosystems/index.ts';
import { featureIdentity, type SystemPackage } from '../../../model/feature.ts';
import type { FeatureOwner, OwnerChange } from '../../../model/layer.ts';
import { placeKey } from '../feature-census.ts';
import type { InstalledFeatures } from '../feature-changes.ts';
import type { FeatureOwners } from './file-owners.ts';

/**
 * Returns the located features whose owner at a layer differs from the owner at its parent. A removed feature, or one
 * that changed its namespace, loses its owner; if it returns later, nothing is known of it. A package does not own a
 * feature added by a layer above the package's own: that layer replaced the file without the package manager.
 *
 * @param installed the features at the layer, with at most the owners of the parent
 * @param owners the packages that list the files of features
 * @param namespace the namespace of the layer's release; empty for none
 */
export function ownerChanges(
  parent: InstalledFeatures,
  installed: InstalledFeatures,
  { owners, namespace }: { readonly owners: FeatureOwners; readonly namespace: string },
): OwnerChange[] {
  const changes: OwnerChange[] = [];
  for (const [key, { feature, namespace: before, path, owner }] of parent) {
    if (owner === undefined) continue;
    const stays = installed.get(key)?.namespace === before;
    if (!stays || ownerAt(installed, owners, key) === undefined)
      changes.push({ feature, namespace: before, path, owner: null });
  }
  for (const key of owners.keys()) {
    const located = installed.get(key);
    const of = ownerAt(installed, owners, key);
    if (located === undefined || of === undefined) continue;
    const owner = { feature: of, namespace: ecosystemOf(of).namespaceOf(of, namespace) };
    const before = parent.get(key);
    const known = before?.namespace === located.namespace ? before.owner : undefined;
    const { feature, namespace: ownNamespace, path } = located;
    if (known === undefined || !isSame(known, owner)) changes.push({ feature, namespace: ownNamespace, path, owner });
  }
  return changes;
}

/** Applies owner changes to installed features. */
export function ownedAfter(installed: InstalledFeatures, changes: readonly OwnerChange[]): InstalledFeatures {
  if (changes.length === 0) return installed;
  const owned = new Map(installed);
  for (const change of changes) {
    const key = placeKey(change);
    const located = installed.get(key);
    if (located === undefined || located.namespace !== change.namespace) continue;
    const { owner: _, ...others } = located;
    owned.set(key, change.owner === null ? others : { ...others, owner: change.owner });
  }
  return owned;
}

function ownerAt(installed: InstalledFeatures, owners: FeatureOwners, key: string): SystemPackage | undefined {
  const owner = owners.get(key);
  const feature = installed.get(key);
  const by = owner && installed.get(placeKey({ feature: owner, path: '' }));
  return feature !== undefined && by !== undefined && feature.originDepth <= by.originDepth ? owner : undefined;
}

function isSame(a: FeatureOwner, b: FeatureOwner): boolean {
  return a.namespace === b.namespace && featureIdentity(a.feature) === featureIdentity(b.feature);
}
