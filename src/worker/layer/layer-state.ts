import type { Distribution } from '../../model/distribution.ts';
import { type Package, packageIdentity } from '../../model/package.ts';
import type { Problem } from '../../model/problem.ts';
import type { Detector, FileFindings } from '../detectors/detector.ts';
import { identifyDistribution } from '../detectors/os/distribution.ts';
import { applyLayer, copyTree, emptyTree, type FileTree, listDirectory, type Lookup, lookUp } from './file-tree.ts';
import type { LayerFindings } from './layer-findings.ts';

/** An image built from more repositories than a vendor has is made to fill databases. */
const MAX_CONTENT_SETS = 10_000;

/** All that must be carried from a layer to the ones above it. */
export type LayerState = {
  readonly tree: FileTree;
  /** Whether this layer or one below it had packages. */
  readonly hadPackages: boolean;
  /** Members with names that climb out, over all layers so far. */
  readonly outside: number;
  /** Why layers could not be had, over all layers so far. */
  readonly absent: readonly string[];
};

/** What an image is at one of its layers. */
export type LayerConclusion = {
  readonly distribution: Distribution | null;
  readonly packages: readonly Package[];
  /** Sorted, each once. */
  readonly contentSets: readonly string[];
  readonly problems: readonly Problem[];
};

/** The state below the base layer. */
export function initialState(): LayerState {
  return { tree: emptyTree(), hadPackages: false, outside: 0, absent: [] };
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
  const { contentSets, problems: gaps } = repositories(tree, detectors);
  const outside = below.outside + findings.outside;
  const absent = findings.absent === undefined ? below.absent : [...below.absent, findings.absent];
  const problems = [...doubts, ...damage, ...gaps, ...outsideProblem(outside), ...absent.map(absentProblem)];
  if (packages.length === 0) problems.push(...emptinessProblem(below.hadPackages, damage));
  const hadPackages = below.hadPackages || packages.length > 0;
  const conclusion = { distribution, packages, contentSets, problems };
  return { state: { tree, hadPackages, outside, absent }, conclusion };
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

function absentProblem(message: string): Problem {
  return { code: 'layer-absent', message, where: 'layers' };
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
  const { findings, problems } = readFiles(tree, detectors, 'packages');
  const packages = new Map<string, Package>();
  for (const each of findings.flatMap((file) => file.packages ?? [])) packages.set(packageIdentity(each), each);
  return { packages: [...packages.values()], problems };
}

function repositories(
  tree: FileTree,
  detectors: readonly Detector[],
): { readonly contentSets: readonly string[]; readonly problems: readonly Problem[] } {
  const { findings, problems } = readFiles(tree, detectors, 'repositories');
  const all = [...new Set(findings.flatMap(({ contentSets = [] }) => contentSets))].toSorted();
  if (all.length <= MAX_CONTENT_SETS) return { contentSets: all, problems };
  const message = `of ${all.length} content sets only the first ${MAX_CONTENT_SETS} by name were taken`;
  const { code } = UNREADABLE.repositories;
  return { contentSets: all.slice(0, MAX_CONTENT_SETS), problems: [...problems, { code, message, where: 'layers' }] };
}

/** Release files are none of these: identifyDistribution tells what is wrong with them. */
type FileKind = Exclude<Detector['kind'], 'os'>;

const UNREADABLE = {
  packages: { code: 'package-database-unreadable', what: 'the package database' },
  repositories: { code: 'content-manifest-unreadable', what: 'the content manifest' },
} as const satisfies Record<FileKind, { code: Problem['code']; what: string }>;

/** What the files of one kind say, and what is wrong with them. */
function readFiles(
  tree: FileTree,
  detectors: readonly Detector[],
  kind: FileKind,
): { readonly findings: readonly FileFindings[]; readonly problems: readonly Problem[] } {
  const findings: FileFindings[] = [];
  const problems: Problem[] = [];
  const read = new Set<string>();
  const paths = detectors.flatMap((detector) => (detector.kind === kind ? wantedPaths(tree, detector) : []));
  for (const path of paths) {
    const found = lookUp(tree, path);
    if (found.kind === 'unresolved') problems.push(unresolved(path, found, kind));
    if (found.kind === 'other') problems.push(noFile(path, kind));
    // The image's directories may be links to each other: what is the same file is read once.
    if (found.kind !== 'file' || read.has(found.path)) continue;
    read.add(found.path);
    findings.push(found.findings);
    problems.push(...found.findings.problems);
  }
  return { findings, problems };
}

function wantedPaths(tree: FileTree, { paths }: Detector): readonly string[] {
  return paths.flatMap((path) => {
    if (!path.endsWith('/*')) return [path];
    const directory = path.slice(0, -'/*'.length);
    // A link that leads nowhere lists nothing: it is looked up itself, so that it is told.
    return lookUp(tree, directory).kind === 'unresolved' ? [directory] : listDirectory(tree, directory);
  });
}

function unresolved(path: string, found: Extract<Lookup, { kind: 'unresolved' }>, kind: FileKind): Problem {
  const { code, what } = UNREADABLE[kind];
  const message = `${found.link} is a link to ${found.target}, which the layers do not show: ${what} cannot be read`;
  return { code, message, where: path };
}

function noFile(path: string, kind: FileKind): Problem {
  const { code, what } = UNREADABLE[kind];
  return { code, message: `${path} is neither a file nor a directory: ${what} cannot be read`, where: path };
}
