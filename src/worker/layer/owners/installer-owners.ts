import { isSystemPackage, type SystemPackage, type SystemPackageType } from '../../../model/feature.ts';
import type { FileFacts } from '../../detectors/detector.ts';
import type { PlacedFeature } from '../features/feature-census.ts';
import type { FeatureOwners } from './owner-evidence.ts';

/**
 * Adds the owners of Python distributions that no file list contains, if the metadata names a package manager as the
 * installer, such as `INSTALLER` with `debian` (PEP 376). The owner is the installed package that is named after the
 * Python distribution, such as `python3-NAME`, or otherwise any package of a source package with such a name. Packages
 * with a file list, and features outside the directories of distribution packages, are ignored.
 *
 * @param features all installed features, by `placeKey()`
 * @param installers the package managers of features, by `placeKey()`
 * @param listed the owners that list the files
 * @param files the facts of the file lists, and the depths of the layers that added the files of features
 */
export function installerOwners(
  features: ReadonlyMap<string, PlacedFeature>,
  installers: ReadonlyMap<string, SystemPackageType>,
  listed: FeatureOwners,
  { files, depthOf }: { readonly files: readonly FileFacts[]; readonly depthOf: (path: string) => number },
): FeatureOwners {
  const wanted = [...installers].filter(([key]) => !listed.has(key) && DIRECTORY.test(features.get(key)?.path ?? ''));
  if (wanted.length === 0) return listed;
  const installed = packagesByName(features, namesWithLists(files));
  const owners = new Map(listed);
  for (const [key, type] of wanted) {
    const placed = features.get(key);
    const [first, ...others] = placed === undefined ? [] : ownersOf(placed.feature.name, type, installed);
    if (placed === undefined || first === undefined) continue;
    owners.set(key, { packages: [first, ...others], depth: depthOf(placed.path) });
  }
  return owners;
}

/**
 * The directories into which distribution packages install Python distributions. A Python distribution in any other
 * directory has no owner.
 */
const DIRECTORY = /^usr\/lib(?:64)?\/python3(?:\.\d+)?\/(?:dist|site)-packages\//;

function namesWithLists(files: readonly FileFacts[]): ReadonlySet<string> {
  return new Set(files.flatMap(({ ownedPaths = [] }) => ownedPaths.map(({ owner }) => `${owner.type} ${owner.name}`)));
}

type PackagesByName = {
  readonly names: ReadonlyMap<string, SystemPackage>;
  readonly sources: ReadonlyMap<string, readonly SystemPackage[]>;
};

/** The name prefixes of distribution packages for Python, most likely first. */
const PREFIXES = ['python3-', 'py3-', 'python-', ''];

/** Returns the package with a name, or all packages of the source package with the name. */
function ownersOf(name: string, type: SystemPackageType, { names, sources }: PackagesByName): readonly SystemPackage[] {
  const candidates = PREFIXES.map((prefix) => `${type} ${prefix}${name}`);
  for (const candidate of candidates) {
    const named = names.get(candidate);
    if (named !== undefined) return [named];
  }
  for (const candidate of candidates) {
    const ofSource = sources.get(candidate);
    if (ofSource !== undefined) return ofSource;
  }
  return [];
}

function packagesByName(features: ReadonlyMap<string, PlacedFeature>, withLists: ReadonlySet<string>): PackagesByName {
  const names = new Map<string, SystemPackage>();
  const sources = new Map<string, SystemPackage[]>();
  for (const { feature, path } of features.values()) {
    if (path !== '' || !isSystemPackage(feature)) continue;
    if (withLists.has(`${feature.type} ${feature.name}`)) continue;
    names.set(`${feature.type} ${feature.name}`, feature);
    const source = `${feature.type} ${feature.source.name}`;
    const known = sources.get(source);
    if (known === undefined) sources.set(source, [feature]);
    else known.push(feature);
  }
  return { names, sources };
}
