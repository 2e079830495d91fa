import { type Feature, featureIdentity, isSystemPackage, withoutFlags } from '../../../model/feature.ts';
import type { FileFacts } from '../../detectors/detector.ts';

/** A feature with its path; the path is empty for packages of a package manager, and if an SBOM names no path. */
export type PlacedFeature = { readonly feature: Feature; readonly path: string };

/**
 * The features of a set of files, updated incrementally: the census of the next layer normally counts only the features
 * of the added and removed files.
 */
export type FeatureCensus = {
  readonly files: ReadonlySet<FileFacts>;
  /** The features by {@link placeKey}: a feature that several files list at the same path counts once. */
  readonly features: ReadonlyMap<string, PlacedFeature>;
  /** How often the files list a feature, by {@link placeKey}, for features that are listed more than once. */
  readonly repeated: ReadonlyMap<string, number>;
  /** The number of packages from a distribution's package manager. */
  readonly systemPackages: number;
  readonly isCut: boolean;
};

export const NO_FEATURES: FeatureCensus = {
  files: new Set(),
  features: new Map(),
  repeated: new Map(),
  systemPackages: 0,
  isCut: false,
};

/**
 * Returns the key of a feature at its path. The key of a library omits the flags, because the flags may change without
 * a new installation.
 */
export function placeKey({ feature, path }: PlacedFeature): string {
  return path === '' ? featureIdentity(feature) : `${featureIdentity(withoutFlags(feature))}\n\n${path}`;
}

/** Returns the features of `files`, at most `limit`, computed from the census of the layer below. */
export function takeCensus(below: FeatureCensus, files: ReadonlySet<FileFacts>, limit: number): FeatureCensus {
  const added = [...files].filter((file) => !below.files.has(file));
  const gone = [...below.files].filter((file) => !files.has(file));
  const isAnew = below.isCut || below.files.size === 0 || added.length + gone.length > files.size;
  const counts: Counts = {
    features: new Map(isAnew ? [] : below.features),
    repeated: new Map(isAnew ? [] : below.repeated),
    systemPackages: isAnew ? 0 : below.systemPackages,
  };
  if (!isAnew) for (const file of gone) leave(counts, file);
  let isCut = false;
  for (const file of isAnew ? files : added) isCut = !enter(counts, file, limit) || isCut;
  // The order of the files, not the order of the layers, determines which features exceed the limit.
  return isCut && !isAnew ? takeCensus(NO_FEATURES, files, limit) : { files, ...counts, isCut };
}

type Counts = {
  readonly features: Map<string, PlacedFeature>;
  readonly repeated: Map<string, number>;
  systemPackages: number;
};

function enter(counts: Counts, file: FileFacts, limit: number): boolean {
  const { features, repeated } = counts;
  let hasRoom = true;
  for (const each of featuresOf(file)) {
    const key = placeKey(each);
    if (features.has(key)) repeated.set(key, (repeated.get(key) ?? 1) + 1);
    else if (features.size >= limit) hasRoom = false;
    else {
      features.set(key, each);
      if (each.path === '' && isSystemPackage(each.feature)) counts.systemPackages += 1;
    }
  }
  return hasRoom;
}

function leave(counts: Counts, file: FileFacts): void {
  const { features, repeated } = counts;
  for (const each of featuresOf(file)) {
    const key = placeKey(each);
    const files = repeated.get(key) ?? 1;
    if (files > 2) repeated.set(key, files - 1);
    else if (!repeated.delete(key) && features.delete(key) && each.path === '' && isSystemPackage(each.feature)) {
      counts.systemPackages -= 1;
    }
  }
}

function* featuresOf({ packages = [], features = [] }: FileFacts): Generator<PlacedFeature> {
  for (const feature of packages) yield { feature, path: '' };
  yield* features;
}
