import { ecosystemOf } from '../../ecosystems/index.ts';
import type { FeatureChange, LocatedFeature } from '../../model/layer.ts';
import { type PlacedFeature, placeKey } from './feature-census.ts';

/** By {@link placeKey}. */
export type InstalledFeatures = ReadonlyMap<string, LocatedFeature>;

/** `features` are by {@link placeKey}; `namespace` is empty without a release. */
export type FeaturesAtLayer = {
  readonly features: ReadonlyMap<string, PlacedFeature>;
  readonly namespace: string;
  readonly depth: number;
};

/**
 * Returns the difference between the features of the parent and of the layer.
 *
 * Packages are matched in the operating system of the requested layer, so a layer that changes the namespace moves the
 * remaining packages to other version lines: each is removed from the old line and added to the new one, both with the
 * depth of the layer that really added it, which marks the two changes as bookkeeping.
 */
export function featureChanges(parent: InstalledFeatures, layer: FeaturesAtLayer): FeatureChange[] {
  const { features, depth } = layer;
  const changes: FeatureChange[] = [];
  for (const [key, { feature, path }] of features) {
    const before = parent.get(key);
    const namespace = ecosystemOf(feature).namespaceOf(feature, layer.namespace);
    if (before === undefined) {
      changes.push({ feature, path, namespace, originDepth: depth, change: 1 });
    } else if (before.namespace !== namespace) {
      const { owner: _, ...moved } = before;
      changes.push({ ...moved, change: -1 }, { ...moved, namespace, change: 1 });
    }
  }
  for (const [key, removed] of parent) {
    if (features.has(key)) continue;
    const { owner: _, ...gone } = removed;
    changes.push({ ...gone, originDepth: depth, change: -1 });
  }
  return changes;
}

/**
 * Applies the changes of {@link featureChanges} to the parent's features. A feature that only changed its namespace
 * keeps its origin layer.
 */
export function installedAfter(parent: InstalledFeatures, changes: readonly FeatureChange[]): InstalledFeatures {
  if (changes.length === 0) return parent;
  const installed = new Map(parent);
  for (const { change, ...each } of changes) {
    if (change === 1) installed.set(placeKey(each), each);
    else installed.delete(placeKey(each));
  }
  return installed;
}

/** Indexes installed features by their keys. */
export function installedByKey(installed: readonly LocatedFeature[]): InstalledFeatures {
  return new Map(installed.map((each) => [placeKey(each), each]));
}
