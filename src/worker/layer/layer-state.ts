import type { Distribution } from '../../model/distribution.ts';
import { type Package, packageIdentity } from '../../model/package.ts';
import type { Problem } from '../../model/problem.ts';
import type { Detector } from '../detectors/detector.ts';
import { identifyDistribution } from '../detectors/os/distribution.ts';
import { applyLayer, copyTree, emptyTree, type FileTree, listDirectory, type Lookup, lookUp } from './file-tree.ts';
import type { LayerFindings } from './layer-findings.ts';

/** All that must be carried from a layer to the ones above it. */
export type LayerState = {
  readonly tree: FileTree;
  /** Whether this layer or one below it had packages. */
  readonly hadPackages: boolean;
  /** Members with names that climb out, over all layers so far. */
  readonly outside: number;
};

/** What an image is at one of its layers. */
export type LayerConclusion = {
  readonly distribution: Distribution | null;
  readonly packages: readonly Package[];
  readonly problems: readonly Problem[];
};

/** The state below the base layer. */
export function initialState(): LayerState {
  return { tree: emptyTree(), hadPackages: false, outside: 0 };
}

/** Lays a layer's findings over a state, which stays as it was. */
export function nextState(
  below: LayerState,
  findings: LayerFindings,
  detectors: readonly Detector[],
): { readonly state: LayerState; readonly conclusion: LayerConclusion } {
  const tree = copyTree(below.tree);
  applyLayer(tree, findings);
  const { distribution, problems: doubts } = identifyDistribution(tree);
  const { packages, problems: damage } = installedPackages(tree, detectors);
  const outside = below.outside + findings.outside;
  const problems = [...doubts, ...damage, ...outsideProblem(outside)];
  if (packages.length === 0) problems.push(...emptinessProblem(below.hadPackages, damage));
  const hadPackages = below.hadPackages || packages.length > 0;
  return { state: { tree, hadPackages, outside }, conclusion: { distribution, packages, problems } };
}

const REMOVED: Problem = {
  code: 'package-database-removed',
  message: 'a layer below had packages, but their database is gone or empty: what is still on disk cannot be told',
  where: 'package database',
};

const MISSING: Problem = {
  code: 'package-database-missing',
  message: 'no package database was found, or an empty one: whatever is on disk came without a package manager',
  where: 'package database',
};

/** No packages is never the same as nothing to say: without them there is nothing that could be matched. */
function emptinessProblem(hadPackages: boolean, damage: readonly Problem[]): readonly Problem[] {
  if (hadPackages) return [REMOVED];
  return damage.some(({ code }) => code === 'package-database-unreadable') ? [] : [MISSING];
}

function outsideProblem(outside: number): readonly Problem[] {
  if (outside === 0) return [];
  const message = `${outside} archive members have names that climb out of the root; they were ignored`;
  return [{ code: 'entries-outside-root', message, where: 'layers' }];
}

function installedPackages(
  tree: FileTree,
  detectors: readonly Detector[],
): { readonly packages: readonly Package[]; readonly problems: readonly Problem[] } {
  const packages = new Map<string, Package>();
  const problems: Problem[] = [];
  const read = new Set<string>();
  for (const path of detectors.flatMap((detector) => databasePaths(tree, detector))) {
    const found = lookUp(tree, path);
    if (found.kind === 'unresolved') problems.push(unresolved(path, found));
    if (found.kind === 'other') problems.push(noFile(path));
    // The image's directories may be links to each other: what is the same file is read once.
    if (found.kind !== 'file' || read.has(found.path)) continue;
    read.add(found.path);
    for (const each of found.findings.packages ?? []) packages.set(packageIdentity(each), each);
    problems.push(...found.findings.problems);
  }
  return { packages: [...packages.values()], problems };
}

/** The paths of package databases; release files are none, and identifyDistribution tells what is wrong with them. */
function databasePaths(tree: FileTree, detector: Detector): readonly string[] {
  if (detector.kind !== 'packages') return [];
  return detector.paths.flatMap((path) => {
    if (!path.endsWith('/*')) return [path];
    const directory = path.slice(0, -'/*'.length);
    // A link that leads nowhere lists nothing: it is looked up itself, so that it is told.
    return lookUp(tree, directory).kind === 'unresolved' ? [directory] : listDirectory(tree, directory);
  });
}

function unresolved(path: string, { link, target }: Extract<Lookup, { kind: 'unresolved' }>): Problem {
  const message = `${link} is a link to ${target}, which the layers do not show: the package database cannot be read`;
  return { code: 'package-database-unreadable', message, where: path };
}

function noFile(path: string): Problem {
  const message = `${path} is neither a file nor a directory: the package database cannot be read`;
  return { code: 'package-database-unreadable', message, where: path };
}
