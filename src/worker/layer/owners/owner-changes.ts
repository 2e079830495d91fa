import { ecosystemOf } from '../../../ecosystems/index.ts';
import { featureIdentity, type SystemPackage } from '../../../model/feature.ts';
import { type FeatureOwner, isSameRow, type LocatedFeature, type OwnerChange } from '../../../model/layer.ts';
import { placeKey } from '../features/feature-census.ts';
import type { InstalledFeatures } from '../features/feature-changes.ts';
import { type FeatureOwners, ownersAtLayer } from './owner-evidence.ts';

/**
 * Returns the located features whose owner at a layer differs from the owner at its parent. A feature that was removed,
 * or whose row changed, loses its owner; if a later layer restores the row, the owner of the feature is unknown.
 *
 * @param installed the features at the layer, with the owners that the features had at the parent, if any
 * @param owners the packages that list the files of features
 * @param namespace the namespace of the layer's release; empty if there is no release
 */
export function ownerChanges(
  parent: InstalledFeatures,
  installed: InstalledFeatures,
  { owners, namespace }: { readonly owners: FeatureOwners; readonly namespace: string },
): OwnerChange[] {
  const changes: OwnerChange[] = [];
  for (const [key, located] of parent) {
    if (located.owner === undefined) continue;
    const now = installed.get(key);
    if (now === undefined || !isSameRow(now, located) || ownerAt(installed, owners, key) === undefined)
      changes.push(changeOf(located, null));
  }
  for (const key of owners.keys()) {
    const located = installed.get(key);
    const of = ownerAt(installed, owners, key);
    if (located === undefined || of === undefined) continue;
    const owner = { feature: of, namespace: ecosystemOf(of).namespaceOf(of, namespace) };
    const before = parent.get(key);
    const known = before !== undefined && isSameRow(before, located) ? before.owner : undefined;
    if (known === undefined || !isSame(known, owner)) changes.push(changeOf(located, owner));
  }
  return changes;
}

/** Applies owner changes to installed features; ignores the changes of features that are absent or have another row. */
export function ownedAfter(installed: InstalledFeatures, changes: readonly OwnerChange[]): InstalledFeatures {
  if (changes.length === 0) return installed;
  const owned = new Map(installed);
  for (const change of changes) {
    const key = placeKey(change);
    const located = installed.get(key);
    if (located === undefined || !isSameRow(located, change)) continue;
    const { owner: _, ...others } = located;
    owned.set(key, change.owner === null ? others : { ...others, owner: change.owner });
  }
  return owned;
}

function changeOf({ feature, namespace, judgedBy, path }: LocatedFeature, owner: FeatureOwner | null): OwnerChange {
  return { feature, namespace, ...(judgedBy !== undefined && { judgedBy }), path, owner };
}

function ownerAt(installed: InstalledFeatures, owners: FeatureOwners, key: string): SystemPackage | undefined {
  const evidence = owners.get(key);
  if (evidence === undefined || evidence.packages.length > 1) return undefined;
  return ownersAtLayer(evidence, (of) => installed.get(of)?.originDepth)[0];
}

function isSame(a: FeatureOwner, b: FeatureOwner): boolean {
  return a.namespace === b.namespace && featureIdentity(a.feature) === featureIdentity(b.feature);
}
