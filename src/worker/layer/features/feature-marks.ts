import { flagsOf, isSystemPackage, LIBRARY_FLAGS, type SystemPackageType } from '../../../model/feature.ts';
import type { DistributionName, FeatureMark, FileFacts } from '../../detectors/detector.ts';
import { parentOf } from '../patterns/pattern-index.ts';
import type { PlacedFeature } from './feature-census.ts';

export type MarkedFeatures = {
  /** The features by `placeKey()`; the map in the argument if no mark changes a feature. */
  readonly features: ReadonlyMap<string, PlacedFeature>;
  /** The package manager that a mark names as the installer of the feature, by `placeKey()`. */
  readonly installers: ReadonlyMap<string, SystemPackageType>;
};

/**
 * Applies the marks of files to features: adds flags, and leaves out features whose Python distributions are all
 * listed.
 *
 * @param features the features by `placeKey()`
 */
export function markedFeatures(
  features: ReadonlyMap<string, PlacedFeature>,
  files: ReadonlySet<FileFacts>,
): MarkedFeatures {
  const marks = marksByPath(files);
  const installers = new Map<string, SystemPackageType>();
  if (marks.size === 0) return { features, installers };
  const listed = listedDistributions(features, marks);
  const marked = new Map<string, PlacedFeature>();
  let isMarked = false;
  for (const [key, each] of features) {
    const ofPath = each.path === '' ? NO_MARKS : (marks.get(each.path) ?? NO_MARKS);
    if (ofPath.some(({ distributions = [] }) => areListed(distributions, listed))) {
      isMarked = true;
      continue;
    }
    for (const { installer } of ofPath) if (installer !== undefined) installers.set(key, installer);
    const flagged = withFlags(each, ofPath);
    isMarked ||= flagged !== each;
    marked.set(key, flagged);
  }
  return { features: isMarked ? marked : features, installers };
}

const NO_MARKS: readonly FeatureMark[] = [];

function marksByPath(files: ReadonlySet<FileFacts>): ReadonlyMap<string, readonly FeatureMark[]> {
  const marks = new Map<string, FeatureMark[]>();
  for (const { marks: ofFile = NO_MARKS } of files) {
    for (const mark of ofFile) {
      const known = marks.get(mark.path);
      if (known === undefined) marks.set(mark.path, [mark]);
      else known.push(mark);
    }
  }
  return marks;
}

/** Returns the keys of the Python distributions in the image, if a mark names distributions. */
function listedDistributions(
  features: ReadonlyMap<string, PlacedFeature>,
  marks: ReadonlyMap<string, readonly FeatureMark[]>,
): ReadonlySet<string> {
  const listed = new Set<string>();
  if (![...marks.values()].some((all) => all.some(({ distributions }) => distributions !== undefined))) return listed;
  for (const { feature, path } of features.values()) {
    if (feature.type !== 'pypi') continue;
    const { name } = feature;
    // The evidence is `NAME.egg-info`, or a file in `NAME.dist-info`.
    for (const directory of [parentOf(path), parentOf(parentOf(path))])
      listed.add(distributionKey({ directory, name }));
  }
  return listed;
}

function areListed(distributions: readonly DistributionName[], listed: ReadonlySet<string>): boolean {
  return distributions.length > 0 && distributions.every((each) => listed.has(distributionKey(each)));
}

function distributionKey({ directory, name }: DistributionName): string {
  return `${name}\n${directory}`;
}

function withFlags(each: PlacedFeature, marks: readonly FeatureMark[]): PlacedFeature {
  const { feature, path } = each;
  const added = new Set(marks.flatMap(({ flags = [] }) => flags));
  if (added.size === 0 || isSystemPackage(feature)) return each;
  const own = flagsOf(feature);
  const flags = LIBRARY_FLAGS.filter((flag) => added.has(flag) || own.includes(flag));
  return flags.length === own.length ? each : { feature: { ...feature, flags }, path };
}
