import { ecosystemOf } from '../../../ecosystems/index.ts';
import type { Feature } from '../../../model/feature.ts';
import { type FeatureChange, isSameRow, type LocatedFeature } from '../../../model/layer.ts';
import { type PlacedFeature, placeKey } from './feature-census.ts';
import { type FeatureOwners, judgeAtLayer } from '../owners/owner-evidence.ts';

/** Installed features by {@link placeKey}. */
export type InstalledFeatures = ReadonlyMap<string, LocatedFeature>;

/** The features of a layer. {@link placeKey} returns the keys; `namespace` is empty if there is no release. */
export type FeaturesAtLayer = {
  readonly features: ReadonlyMap<string, PlacedFeature>;
  readonly owners: FeatureOwners;
  readonly namespace: string;
  readonly depth: number;
};

/**
 * Returns the difference between the features of the parent and of the layer.
 *
 * Packages are matched in the operating system of the requested layer, so a layer that changes the namespace moves the
 * remaining packages to other version lines: each package is removed from the old version line and added to the new
 * version line. Both changes have the depth of the layer that added the package, so that readers can tell that this
 * layer did not change the package itself. Layers that change the flags of a library, or whether the advisories of the
 * distribution apply to the library, move the library in the same way.
 */
export function featureChanges(parent: InstalledFeatures, layer: FeaturesAtLayer): FeatureChange[] {
  const { features, depth } = layer;
  const changes: FeatureChange[] = [];
  for (const [key, { feature, path }] of features) {
    const before = parent.get(key);
    const namespace = ecosystemOf(feature).namespaceOf(feature, layer.namespace);
    const judgedBy = judgedByOf(parent, layer, key);
    // The distribution's package represents the program, so the program gets no row. The loop below removes the row of
    // the parent, if any.
    if (judgedBy !== '' && isRecognisedProgram(feature)) continue;
    const row = { feature, path, namespace, ...(judgedBy !== '' && { judgedBy }) };
    if (before === undefined) changes.push({ ...row, originDepth: depth, change: 1 });
    else if (!isSameRow(before, row)) {
      const { owner: _, ...gone } = before;
      changes.push({ ...gone, change: -1 }, { ...row, originDepth: before.originDepth, change: 1 });
    }
  }
  for (const [key, removed] of parent) {
    const isOwned = isRecognisedProgram(removed.feature) && judgedByOf(parent, layer, key) !== '';
    if (features.has(key) && !isOwned) continue;
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

/** Indexes installed features by {@link placeKey}. */
export function installedByKey(installed: readonly LocatedFeature[]): InstalledFeatures {
  return new Map(installed.map((each) => [placeKey(each), each]));
}

/** Programs are recognised by their content, even if a package manager installed them. */
function isRecognisedProgram({ type }: Feature): boolean {
  return type === 'generic';
}

/**
 * Returns the namespace of the owner of a feature's file; empty if there is no owner, or if no feed can cover the
 * owner.
 */
function judgedByOf(
  parent: InstalledFeatures,
  { owners, features, namespace, depth }: FeaturesAtLayer,
  key: string,
): string {
  const evidence = owners.get(key);
  if (evidence === undefined) return '';
  const originOf = (of: string): number | undefined =>
    features.has(of) ? (parent.get(of)?.originDepth ?? depth) : undefined;
  return judgeAtLayer(evidence, originOf, namespace);
}
