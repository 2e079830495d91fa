import type { FileNode } from '../tree/tree-nodes.ts';
import { type FileTree, visitFiles } from '../tree/file-tree.ts';
import type { PlacedFeature } from '../features/feature-census.ts';
import type { OwnerEvidence } from '../owners/owner-evidence.ts';
import { languageHomes } from './language-homes.ts';
import { type FileRecord, recordedFiles } from './recorded-files.ts';

/** One program: a file with all its hard links. */
export type ExecutableGroup = {
  /** The index of the layer that added the program. */
  readonly layer: number;
  /** The paths of the program; the path with the content in the archive comes first, if it still exists. */
  readonly paths: readonly [string, ...string[]];
};

/** The programs of unknown origin, and the distribution packages that may own these programs. */
export type UnknownExecutables = {
  /** The result of {@link unexplainedExecutables}. */
  readonly groups: readonly ExecutableGroup[];
  /** The packages that may own the files, by path. */
  readonly owners: ReadonlyMap<string, OwnerEvidence>;
  /**
   * Whether package file lists were read: `unlisted` if the installed packages have no lists, `unknown` if the lists
   * were read only in part.
   */
  readonly lists: 'read' | 'unlisted' | 'unknown';
  /** The number of programs that were not examined, by the index of the layer. */
  readonly more: ReadonlyMap<number, number>;
};

/**
 * Returns the programs of a tree whose origin is unknown: no package was found in the program, no installer recorded
 * the program, and the program is not in a directory of a language package.
 */
export function unexplainedExecutables(
  tree: FileTree,
  features: ReadonlyMap<string, PlacedFeature>,
): readonly ExecutableGroup[] {
  const programs = new Map<string, { readonly layer: number; readonly paths: [string, ...string[]] }>();
  const explained = new Set<string>();
  const records = new Map<string, FileRecord>();
  visitFiles(tree, (path, file) => {
    for (const [evidence, files] of recordsOf(file)) records.set(evidence, { files, layer: file.depth });
    const executable = executableOf(file);
    if (executable === undefined) return;
    const { of = path, layer = file.depth } = executable;
    const key = `${layer} ${executable.start} ${of}`;
    const known = programs.get(key);
    if (known === undefined) programs.set(key, { layer, paths: [path] });
    else if (executable.of === undefined) known.paths.unshift(path);
    else known.paths.push(path);
    if (isExplained(file)) explained.add(key);
  });
  if (programs.size === explained.size) return [];
  const recorded = recordedFiles(records, features.values());
  const isInHome = languageHomes(features.values(), recorded.isRecorded);
  return [...programs].flatMap(([key, program]) => {
    const isKnown = (path: string): boolean => recorded.contain(path, program.layer) || isInHome(path);
    return explained.has(key) || program.paths.some(isKnown) ? [] : [program];
  });
}

/** Returns the installer's records in a file, by the path of the file that describes the package. */
function recordsOf({ byDetector = {} }: FileNode): readonly (readonly [evidence: string, files: readonly string[]])[] {
  return Object.values(byDetector).flatMap(({ marks = [] }) => {
    return marks.flatMap(({ path, files }) => (files === undefined ? [] : [[path, files] as const]));
  });
}

function executableOf({ byDetector }: FileNode) {
  if (byDetector === undefined) return undefined;
  for (const { executable } of Object.values(byDetector)) if (executable !== undefined) return executable;
  return undefined;
}

/** Returns whether a detector found packages in a program. */
function isExplained({ byDetector = {} }: FileNode): boolean {
  return Object.values(byDetector).some(({ features = [] }) => features.length > 0);
}
