import { isSystemPackage, type SystemPackage } from '../../../model/feature.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import { textOrder } from '../../../model/text-order.ts';
import type { FileFacts } from '../../detectors/detector.ts';
import { divertedPath } from '../../detectors/packages/dpkg/parse-diversions.ts';
import type { Diversion, FileOwner } from '../../detectors/packages/owned-paths.ts';
import type { PlacedFeature } from '../features/feature-census.ts';
import { parentOf } from '../patterns/pattern-index.ts';
import { type FileTree, isExhausted, withAllSteps } from '../tree/file-tree.ts';
import { createRealPaths, type RealPaths } from '../tree/real-paths.ts';
import type { Directory } from '../tree/tree-nodes.ts';
import type { FeatureOwners, OwnerEvidence } from './owner-evidence.ts';

const NO_PATHS: ReadonlySet<string> = new Set();

const NO_OWNERS: FileOwners = { owners: new Map(), ofPaths: new Map(), diagnostics: [] };

/** The files to find owners for. */
export type OwnedFiles = {
  /** All installed features, including distribution packages, by `placeKey()`. */
  readonly features: ReadonlyMap<string, PlacedFeature>;
  /** The facts of package databases and file lists in the tree. */
  readonly files: readonly FileFacts[];
  /** The paths of other files, which need not contain a feature. */
  readonly paths?: ReadonlySet<string>;
};

export type FileOwners = {
  readonly owners: FeatureOwners;
  /** The owners of the other files, by path. */
  readonly ofPaths: ReadonlyMap<string, OwnerEvidence>;
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * Finds the owners of the files that contain features, by real paths: resolves directory links on both sides, after
 * dpkg's diversions. Only an installed package owns a file. A package that lists the path itself is preferred to a
 * package that lists a path through links; then the first owner by name, architecture and version is used. Beyond the
 * tree's limits no file has an owner, so that the result never depends on the order of paths.
 */
export function ownersOf(tree: FileTree, { features, files, paths = NO_PATHS }: OwnedFiles): FileOwners {
  if (files.every(({ ownedPaths }) => ownedPaths === undefined)) return NO_OWNERS;
  const own = withAllSteps(tree);
  const real = createRealPaths(own);
  const places = placesOf(real, features, paths);
  if (places.names.size > 0) {
    const known = { packages: packagesByOwner(features), pathOf: pathsByKey(features, paths) };
    const owners = ownersAt(places, real, known, files);
    if (!real.isExhausted()) {
      const ofPaths = new Map<string, OwnerEvidence>();
      for (const path of paths) {
        const owner = owners.get(keyOfPath(path));
        if (owner !== undefined) ofPaths.set(path, owner);
        owners.delete(keyOfPath(path));
      }
      return { owners, ofPaths, diagnostics: [] };
    }
  }
  return real.isExhausted() ? { ...NO_OWNERS, diagnostics: [exhaustion(own)] } : NO_OWNERS;
}

/** The files that contain features: the keys of the features by directory and file name, and all file names. */
type Places = {
  readonly inDirectory: ReadonlyMap<Directory, ReadonlyMap<string, readonly string[]>>;
  readonly names: ReadonlySet<string>;
};

function placesOf(real: RealPaths, features: ReadonlyMap<string, PlacedFeature>, paths: ReadonlySet<string>): Places {
  const inDirectory = new Map<Directory, Map<string, string[]>>();
  const names = new Set<string>();
  const add = (key: string, path: string): void => {
    const file = path === '' ? undefined : real.fileAt(path);
    if (file === undefined) return;
    const { directory, name } = file;
    const files = inDirectory.get(directory) ?? new Map<string, string[]>();
    inDirectory.set(directory, files);
    const keys = files.get(name);
    if (keys === undefined) files.set(name, [key]);
    else keys.push(key);
    names.add(name);
  };
  for (const [key, { path }] of features) add(key, path);
  for (const path of paths) add(keyOfPath(path), path);
  return { inDirectory, names };
}

/** Returns a key that differs from the keys of all features, which start with the type of the feature. */
function keyOfPath(path: string): string {
  return `\n${path}`;
}

function ownersAt(
  { inDirectory, names }: Places,
  real: RealPaths,
  { packages, pathOf }: { readonly packages: ReadonlyMap<string, SystemPackage>; readonly pathOf: PathsByKey },
  files: readonly FileFacts[],
): Map<string, OwnerEvidence> {
  const owners = new Map<string, OwnerEvidence>();
  /** The keys whose owner lists the path itself, not a path through links. */
  const direct = new Set<string>();
  const diversions = new Map(files.flatMap(({ diversions: all = [] }) => all).map((each) => [each.from, each]));
  for (const { owner, paths } of files.flatMap(({ ownedPaths = [] }) => ownedPaths)) {
    const installed = packages.get(ownerKey(owner));
    if (installed === undefined) continue;
    for (const listed of paths) {
      const path = placeOfFile(listed, installed, diversions);
      const name = nameOf(path);
      if (!names.has(name)) continue;
      if (real.isExhausted()) return new Map();
      const directory = real.directoryAt(parentOf(path));
      const keys = directory === undefined ? undefined : inDirectory.get(directory)?.get(name);
      if (directory === undefined || keys === undefined) continue;
      const depth = Math.max(depthOf(directory, name), real.linkDepthAt(parentOf(path)));
      for (const key of keys) {
        const other = owners.get(key);
        const isDirect = isInFile(pathOf.get(key) ?? '', path);
        const rank = Number(direct.has(key)) - Number(isDirect);
        if (other !== undefined && (rank || ownerOrder(installed, other.packages[0])) >= 0) continue;
        owners.set(key, { packages: [installed], depth });
        if (isDirect) direct.add(key);
      }
    }
  }
  return owners;
}

function depthOf({ children }: Directory, name: string): number {
  const node = children.get(name);
  return node?.kind === 'file' ? node.depth : 0;
}

type PathsByKey = ReadonlyMap<string, string>;

function pathsByKey(features: ReadonlyMap<string, PlacedFeature>, paths: ReadonlySet<string>): PathsByKey {
  return new Map([
    ...[...features].flatMap(([key, { path }]) => (path === '' ? [] : [[key, path] as const])),
    ...[...paths].map((path) => [keyOfPath(path), path] as const),
  ]);
}

/** Returns whether a path is the path of a file, or of a file inside an archive: `a.jar!/b.jar` is inside `a.jar`. */
function isInFile(path: string, file: string): boolean {
  return path.startsWith(file) && (path.length === file.length || path.startsWith('!/', file.length));
}

/**
 * Indexes the installed packages by the fields that a list may name; the first package in order is used if a name is
 * ambiguous.
 */
function packagesByOwner(features: ReadonlyMap<string, PlacedFeature>): ReadonlyMap<string, SystemPackage> {
  const packages = new Map<string, SystemPackage>();
  for (const { feature, path } of features.values()) {
    if (path !== '' || !isSystemPackage(feature)) continue;
    const { type, name, version, arch } = feature;
    for (const named of [{}, { version }, { arch }, { version, arch }]) {
      const key = ownerKey({ type, name, ...named });
      const other = packages.get(key);
      if (other === undefined || ownerOrder(feature, other) < 0) packages.set(key, feature);
    }
  }
  return packages;
}

function ownerKey({ type, name, version, arch }: FileOwner): string {
  return JSON.stringify([type, name, version, arch]);
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

function exhaustion(tree: FileTree): Diagnostic {
  const { maxSteps, maxListedDirectories } = tree.limits;
  const excess = isExhausted(tree)
    ? `takes more than ${maxSteps} steps`
    : `reaches more than ${maxListedDirectories} directories`;
  const message = `looking up the paths of package file lists ${excess}; it is unknown which packages own the files`;
  return { code: 'file-list-limit-reached', message, where: 'layers' };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
