import { isSystemPackage, type SystemPackage } from '../../../model/feature.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import { textOrder } from '../../../model/text-order.ts';
import type { FileFacts } from '../../detectors/detector.ts';
import { divertedPath } from '../../detectors/packages/dpkg/parse-diversions.ts';
import type { Diversion, FileOwner } from '../../detectors/packages/owned-paths.ts';
import type { PlacedFeature } from '../feature-census.ts';
import { parentOf } from '../patterns/pattern-index.ts';
import { type FileTree, isExhausted, withAllSteps } from '../tree/file-tree.ts';
import { createRealPaths, type RealPaths } from '../tree/real-paths.ts';

/** The installed packages that own the files of located features, by `placeKey()`. */
export type FeatureOwners = ReadonlyMap<string, SystemPackage>;

/** The owners of no features. */
export const NO_OWNERS: FeatureOwners = new Map();

/**
 * Finds the owners of the files in which features lie, on real paths: links of directories are followed on both sides, and the
 * diversions of dpkg come first. Only an installed package owns a file. Of several owners the first by name, architecture and
 * version counts, whatever the order of the lists.
 *
 * @param features what is installed, packages of distributions included
 * @param files what the package databases and file lists of the tree say
 */
export function ownersOf(
  tree: FileTree,
  features: ReadonlyMap<string, PlacedFeature>,
  files: readonly FileFacts[],
): { readonly owners: FeatureOwners; readonly diagnostics: readonly Diagnostic[] } {
  if (files.every(({ ownedPaths }) => ownedPaths === undefined)) return { owners: NO_OWNERS, diagnostics: [] };
  const walked = withAllSteps(tree);
  const real = createRealPaths(walked);
  const places = placesOf(real, features);
  if (places.byPath.size === 0) return { owners: NO_OWNERS, diagnostics: [] };
  const owners = new Map<string, SystemPackage>();
  const packages = packagesByName(features);
  const diversions = new Map(files.flatMap(({ diversions: all = [] }) => all).map((each) => [each.from, each]));
  for (const { owner, paths } of files.flatMap(({ ownedPaths = [] }) => ownedPaths)) {
    const installed = packages.get(owner.name)?.find((each) => isOwner(each, owner));
    if (installed === undefined) continue;
    for (const listed of paths) {
      const path = placeOfFile(listed, installed, diversions);
      const name = nameOf(path);
      if (!places.names.has(name)) continue;
      const directory = real.ofDirectory(parentOf(path));
      const keys = directory === undefined ? [] : (places.byPath.get(joined(directory, name)) ?? []);
      for (const key of keys) {
        const other = owners.get(key);
        if (other === undefined || ownerOrder(installed, other) < 0) owners.set(key, installed);
      }
    }
  }
  return { owners, diagnostics: isExhausted(walked) ? [exhaustion(tree)] : [] };
}

/** The files in which features lie: the keys of these features by the real path of each file, and the names of the files. */
type Places = { readonly byPath: ReadonlyMap<string, readonly string[]>; readonly names: ReadonlySet<string> };

function placesOf(real: RealPaths, features: ReadonlyMap<string, PlacedFeature>): Places {
  const byPath = new Map<string, string[]>();
  const known = new Map<string, string | undefined>();
  for (const [key, { path }] of features) {
    if (path === '') continue;
    if (!known.has(path)) known.set(path, real.ofFile(path));
    const file = known.get(path);
    if (file === undefined) continue;
    const keys = byPath.get(file);
    if (keys === undefined) byPath.set(file, [key]);
    else keys.push(key);
  }
  return { byPath, names: new Set([...byPath.keys()].map(nameOf)) };
}

function packagesByName(features: ReadonlyMap<string, PlacedFeature>): ReadonlyMap<string, readonly SystemPackage[]> {
  const byName = new Map<string, SystemPackage[]>();
  for (const { feature, path } of features.values()) {
    if (path !== '' || !isSystemPackage(feature)) continue;
    const others = byName.get(feature.name);
    if (others === undefined) byName.set(feature.name, [feature]);
    else others.push(feature);
  }
  return byName;
}

function isOwner(installed: SystemPackage, { type, version, arch }: FileOwner): boolean {
  if (installed.type !== type || (version !== undefined && installed.version !== version)) return false;
  return arch === undefined || installed.arch === arch;
}

function placeOfFile(
  listed: string,
  { type, name }: SystemPackage,
  diversions: ReadonlyMap<string, Diversion>,
): string {
  return type === 'deb' && diversions.size > 0 ? divertedPath(listed, name, diversions) : listed;
}

function ownerOrder(a: SystemPackage, b: SystemPackage): number {
  return textOrder(a.name, b.name) || textOrder(a.arch, b.arch) || textOrder(a.version, b.version);
}

function exhaustion({ limits }: FileTree): Diagnostic {
  const message = `the links on the paths of packages take more than ${limits.maxSteps} steps to follow`;
  return { code: 'file-list-limit-reached', message, where: 'layers' };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
