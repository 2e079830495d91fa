import type { Digest } from '../../model/digest.ts';
import type { Distribution } from '../../model/releases/distribution.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import type { Detector, FileFacts } from '../detectors/detector.ts';
import { patternText } from '../detectors/path-pattern.ts';
import { thirdPartyDiagnostic } from '../detectors/packages/third-party-diagnostic.ts';
import { emptyTree, type FileTree, isExhausted, layOver, lookUp, withAllSteps } from './tree/file-tree.ts';
import type { LayerContents } from './layer-contents.ts';
import { identifyDistribution } from './release/distribution.ts';
import { MAX_FOLLOWED_CHARACTERS, type TreeLimits } from './limits.ts';
import { gapsOfEntries, gapsOfTree } from './link-gaps.ts';
import { indexTargets, type LinkTarget, unitedTargets } from './link-targets.ts';
import { type LoggedDatabase, type LoggedPlace, loggedDatabases, loggedDigest } from '../logged/logged-databases.ts';
import { ownersOf } from './owners/file-owners.ts';
import { installerOwners } from './owners/installer-owners.ts';
import type { FeatureOwners } from './owners/owner-evidence.ts';
import { type FoundDiagnostic, pathsOfDiagnostics, withOwnership } from './owners/owned-diagnostics.ts';
import { markedFeatures } from './features/feature-marks.ts';
import { type FeatureCensus, NO_FEATURES, type PlacedFeature, takeCensus } from './features/feature-census.ts';
import { type UnknownExecutables, unexplainedExecutables } from './executables/executable-groups.ts';
import { type Programs, programsOf } from './programs.ts';
import type { PatternIndex } from './patterns/pattern-index.ts';
import { shownPath } from './shown-path.ts';
import { readFeatures, readFiles } from './wanted-files.ts';
import { NO_PARTS, partsDiagnostics, type PartsRead, partsRead } from '../parts/parts-diagnostics.ts';
import { countOf } from '../../model/counted-noun.ts';

/** No vendor has as many repositories; the limit bounds the data that a malicious image can store in the database. */
const MAX_SETS_OF_IMAGE = 10_000;

export type LayerState = {
  readonly tree: FileTree;
  readonly targets: readonly LinkTarget[];
  /** The number of applied layers that were not read for the targets. */
  readonly unread: number;
  readonly hadPackages: boolean;
  readonly outside: number;
  readonly areLinksCut: boolean;
  /** The reasons why applied layers could not be read. */
  readonly absent: readonly string[];
  readonly parts: PartsRead;
  /** The facts of databases with logs, by `loggedDigest()`. */
  readonly logged: ReadonlyMap<Digest, FileFacts>;
  /** The result derived from the tree; layers that do not change the tree reuse the result. */
  readonly sight: Sight | undefined;
};

type Sight = LayerConclusion & {
  readonly census: FeatureCensus;
  readonly damage: readonly Diagnostic[];
  readonly gaps: readonly LinkTarget[];
  readonly logged: LayerState['logged'];
};

/** The contents of an image at one of its layers. */
export type LayerConclusion = {
  readonly distribution: Distribution | null;
  /**
   * The features by `placeKey()`; the same map as in the layer below if the layer changes nothing that detectors read.
   */
  readonly features: ReadonlyMap<string, PlacedFeature>;
  /**
   * The packages that own the files of `features`; the same map as in the layer below if the layer changes nothing that
   * detectors read.
   */
  readonly owners: FeatureOwners;
  /** The Go programs; the same map as in the layer below if the programs are the same. */
  readonly programs: Programs;
  /** The content sets, sorted, without duplicates. */
  readonly contentSets: readonly string[];
  readonly diagnostics: readonly FoundDiagnostic[];
  readonly executables: UnknownExecutables;
};

/** Returns the state below the base layer; limits and targets apply to all layers above. */
export function initialState(limits?: Partial<TreeLimits>, targets: readonly LinkTarget[] = []): LayerState {
  const tree = emptyTree(limits);
  const counts = { unread: 0, hadPackages: false, outside: 0, areLinksCut: false };
  return { tree, targets, ...counts, absent: [], parts: NO_PARTS, logged: new Map(), sight: undefined };
}

export type NextState = {
  readonly state: LayerState;
  readonly conclusion: LayerConclusion;
  /** Link targets that no layer was read for. The layers must be read for these targets and then applied again. */
  readonly gaps: readonly LinkTarget[];
  /** Databases with a log that were not read together with the log yet. */
  readonly unlogged: readonly LoggedDatabase[];
};

/**
 * Applies a layer's contents to a state without modifying it.
 *
 * @param isRead whether the layer was read for the targets of the state
 * @throws ClairError `bytes/limit-exceeded` when the layers together exceed the limits.
 */
export function nextState(
  below: LayerState,
  contents: LayerContents,
  detectors: readonly Detector[],
  isRead = true,
): NextState {
  const tree = layOver(below.tree, contents);
  const isSame = tree.root === below.tree.root && below.sight !== undefined;
  const { targets } = below;
  const places = isSame ? [] : loggedDatabases(tree, detectors, targets);
  const sight = isSame ? below.sight : sightOf(tree, contents, detectors, below, places);
  const unread = below.unread + (isRead ? 0 : 1);
  const outside = below.outside + contents.outside;
  const areLinksCut = below.areLinksCut || contents.areLinksCut === true;
  const absent = contents.absent === undefined ? below.absent : [...below.absent, contents.absent];
  const parts = partsRead(below.parts, contents, below.tree.layers);
  const hadPackages = below.hadPackages || sight.census.systemPackages > 0;
  const isWithoutSystem = !below.hadPackages && isOfLibrariesAlone(sight);
  const diagnostics = [
    ...(isWithoutSystem ? sight.diagnostics.map(withoutSystem) : sight.diagnostics),
    ...unreadDiagnostic(targets, unread),
    ...outsideDiagnostic(outside),
    ...(areLinksCut ? [LINKS_CUT] : []),
    ...absent.map(absentDiagnostic),
    ...partsDiagnostics(parts),
    ...(sight.census.systemPackages === 0 && !isWithoutSystem ? emptinessDiagnostic(below.hadPackages, sight) : []),
  ];
  const { distribution, features, owners, programs, contentSets, logged } = sight;
  // Programs beyond the limits do not change the tree.
  const executables = { ...sight.executables, more: tree.moreExecutables };
  const conclusion = { distribution, features, owners, programs, contentSets, diagnostics, executables };
  return {
    state: { tree, targets, unread, hadPackages, outside, areLinksCut, absent, parts, logged, sight },
    conclusion,
    gaps: sight.gaps,
    unlogged: places.filter((each) => !logged.has(loggedDigest(each))),
  };
}

/**
 * Returns whether an image has language packages and no trace of an operating system: an application directory, or an
 * image `FROM scratch`. In such an image, only the language packages need to be checked.
 */
function isOfLibrariesAlone({ census, distribution, damage, diagnostics }: Sight): boolean {
  return (
    distribution === null &&
    census.systemPackages === 0 &&
    census.features.size > 0 &&
    damage.length === 0 &&
    diagnostics.every(({ code }) => code !== 'release-file-unreadable' && code !== 'link-unresolved')
  );
}

function withoutSystem(diagnostic: FoundDiagnostic): FoundDiagnostic {
  if (diagnostic.code !== 'distribution-unknown') return diagnostic;
  const message = 'no operating system was found, so only language packages were checked';
  return { ...diagnostic, code: 'distribution-absent', message };
}

function unreadDiagnostic(targets: readonly LinkTarget[], unread: number): readonly Diagnostic[] {
  if (targets.length === 0 || unread === 0) return [];
  const layers = unread === 1 ? '1 layer' : `${unread} layers`;
  const message = `links lead to ${shownTargets(targets)}, but ${layers} could not be read again, so files behind these links may be missing`;
  return [{ code: 'link-unresolved', message, where: 'layers' }];
}

/** Returns the diagnostic for a layer that is stored although its links lead to unread targets. */
export function gapsDiagnostic(gaps: readonly LinkTarget[]): readonly Diagnostic[] {
  if (gaps.length === 0) return [];
  const message = `links lead to ${shownTargets(gaps)}, but not all layers could be read again, so files behind these links may be missing`;
  return [{ code: 'link-unresolved', message, where: 'layers' }];
}

function shownTargets([first, ...others]: readonly LinkTarget[]): string {
  const more = others.length === 0 ? '' : ` and ${countOf(others.length, 'more path')}`;
  return `${first === undefined ? '' : shownPath(patternText(first.wants))}${more}`;
}

function sightOf(
  tree: FileTree,
  { entries }: LayerContents,
  detectors: readonly Detector[],
  { sight, targets, logged: known }: LayerState,
  places: readonly LoggedPlace[],
): Sight {
  const { logged, replaced } = readTogether(places, known);
  const { distribution, diagnostics: ofRelease } = identifyDistribution(tree);
  const context = { detectors, targets, index: indexTargets(detectors, targets) };
  const installed = installedFeatures(tree, context, sight, replaced);
  const { contentSets, diagnostics: unreadable } = repositories(tree, detectors);
  const gaps = unitedTargets(gapsOfTree(tree, context), gapsOfEntries(entries, context));
  const { features } = installed;
  const foreign = thirdPartyDiagnostic(features.values(), distribution);
  const diagnostics = [
    ...(isExhausted(tree) ? [exhaustion(tree)] : []),
    ...ofRelease,
    ...foreign,
    ...installed.diagnostics,
    ...unreadable,
  ];
  return {
    distribution,
    features,
    owners: installed.owners,
    programs: installed.programs,
    contentSets,
    diagnostics,
    executables: installed.executables,
    census: installed.census,
    damage: installed.damage,
    gaps,
    logged,
  };
}

/** The facts of a log that was merged into its database. */
const READ_LOG: FileFacts = { diagnostics: [] };

/**
 * Returns the facts of databases that were read with their logs; `replaced` maps the facts of single files to these
 * facts.
 */
function readTogether(
  places: readonly LoggedPlace[],
  known: LayerState['logged'],
): { readonly logged: LayerState['logged']; readonly replaced: ReadonlyMap<FileFacts, FileFacts> } {
  const logged = new Map<Digest, FileFacts>();
  const replaced = new Map<FileFacts, FileFacts>();
  for (const place of places) {
    const name = loggedDigest(place);
    const together = known.get(name);
    if (together === undefined) continue;
    logged.set(name, together);
    replaced.set(place.alone.database, together).set(place.alone.log, READ_LOG);
  }
  return { logged, replaced };
}

function exhaustion({ limits }: FileTree): Diagnostic {
  const message = `following the links at the paths that Clair reads takes more than ${limits.maxSteps} steps, so packages may be missing`;
  return { code: 'link-unresolved', message, where: 'layers' };
}

const REMOVED: Diagnostic = {
  code: 'package-database-removed',
  message:
    'a lower layer had packages, but the package database was removed, emptied or damaged, so the installed packages are unknown',
  where: 'package database',
};

const MISSING: Diagnostic = {
  code: 'package-database-missing',
  message: 'no package database was found, or it is empty, so no distribution packages were matched',
  where: 'package database',
};

/** Without a release, an image may be a source code directory without installed packages. */
const NOTHING: Diagnostic = {
  ...MISSING,
  message:
    'no packages were found: no package database and no installed language packages. Lock files are not read; ' +
    'install the dependencies of the application first',
};

/** Returns a diagnostic about missing packages, because an image without packages has no findings. */
function emptinessDiagnostic(
  hadPackages: boolean,
  { damage, census, distribution }: Pick<Sight, 'damage' | 'census' | 'distribution'>,
): readonly Diagnostic[] {
  if (hadPackages) return [REMOVED];
  if (damage.some(({ code }) => code === 'package-database-unreadable')) return [];
  return [distribution === null && census.features.size === 0 ? NOTHING : MISSING];
}

function absentDiagnostic(message: string): Diagnostic {
  return { code: 'layer-absent', message, where: 'layers' };
}

function outsideDiagnostic(outside: number): readonly Diagnostic[] {
  if (outside === 0) return [];
  const message =
    outside === 1
      ? '1 archive member with a path outside the root was ignored'
      : `${outside} archive members with paths outside the root were ignored`;
  return [{ code: 'entries-outside-root', message, where: 'layers' }];
}

const LINKS_CUT: Diagnostic = {
  code: 'file-list-limit-reached',
  message: `the links in the top two directory levels of a layer exceed ${MAX_FOLLOWED_CHARACTERS} characters, so the owners of files behind links may be unknown`,
  where: 'layers',
};

function installedFeatures(
  tree: FileTree,
  { detectors, index }: { readonly detectors: readonly Detector[]; readonly index: PatternIndex },
  below: Sight | undefined,
  replaced: ReadonlyMap<FileFacts, FileFacts>,
): Pick<Sight, 'census' | 'features' | 'owners' | 'programs' | 'damage' | 'diagnostics' | 'executables'> {
  const { maxPackages } = tree.limits;
  const packages = readFiles(tree, detectors, 'packages', replaced);
  const located = readFeatures(tree, detectors, index);
  const census = takeCensus(below?.census ?? NO_FEATURES, new Set([...packages.facts, ...located.facts]), maxPackages);
  const message = `the image has more than ${maxPackages} packages; the rest were not matched`;
  const cut: readonly Diagnostic[] = census.isCut ? [{ code: 'package-limit-reached', message, where: 'layers' }] : [];
  const lists = readFiles(tree, detectors, 'owners');
  // A file of `status.d` is read for packages and for owners, but its diagnostics are listed once.
  const listed = lists.diagnostics.filter((diagnostic) => !packages.diagnostics.includes(diagnostic));
  const { features, installers } = markedFeatures(census.features, located.facts);
  const groups = unexplainedExecutables(tree, features);
  const paths = new Set([...pathsOfDiagnostics(located.diagnostics), ...groups.flatMap((group) => group.paths)]);
  const files = [...packages.facts, ...lists.facts];
  const looked = withAllSteps(tree);
  const { owners, ofPaths, diagnostics } = ownersOf(tree, { features, files, paths });
  const read = [...packages.diagnostics, ...listed, ...diagnostics];
  return {
    census,
    features,
    executables: {
      groups,
      owners: ofPaths,
      lists: readingOfLists(files, read, census),
      more: tree.moreExecutables,
    },
    owners: installerOwners(features, installers, owners, { files, depthOf: (path) => depthOfFile(looked, path) }),
    programs: programsOf(located.facts, below?.programs ?? NO_PROGRAMS),
    damage: packages.diagnostics,
    diagnostics: [
      ...cut,
      ...packages.diagnostics,
      ...withOwnership(located.diagnostics, ofPaths),
      ...listed,
      ...diagnostics,
    ],
  };
}

function readingOfLists(
  files: readonly FileFacts[],
  diagnostics: readonly Diagnostic[],
  { systemPackages }: FeatureCensus,
): UnknownExecutables['lists'] {
  if (diagnostics.some(({ code }) => code === 'file-list-limit-reached')) return 'unknown';
  return systemPackages > 0 && files.every(({ ownedPaths }) => ownedPaths === undefined) ? 'unlisted' : 'read';
}

/** Returns the depth of a file; a file that is not found is treated as replaced. */
function depthOfFile(tree: FileTree, path: string): number {
  const found = lookUp(tree, path);
  return found.kind === 'file' ? found.depth : tree.layers;
}

const NO_PROGRAMS: Programs = new Map();

function repositories(
  tree: FileTree,
  detectors: readonly Detector[],
): { readonly contentSets: readonly string[]; readonly diagnostics: readonly Diagnostic[] } {
  const { facts, diagnostics } = readFiles(tree, detectors, 'repositories');
  const all = [...new Set([...facts].flatMap(({ contentSets = [] }) => contentSets))].toSorted();
  if (all.length <= MAX_SETS_OF_IMAGE) return { contentSets: all, diagnostics };
  const message = `only the first ${MAX_SETS_OF_IMAGE} of ${all.length} content sets, in alphabetical order, were used`;
  const diagnostic = { code: 'content-manifest-unreadable', message, where: 'layers' } as const;
  return { contentSets: all.slice(0, MAX_SETS_OF_IMAGE), diagnostics: [...diagnostics, diagnostic] };
}
