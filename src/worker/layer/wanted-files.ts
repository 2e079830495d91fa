import type { Diagnostic, DiagnosticCode } from '../../model/report/diagnostic.ts';
import type { FileDiagnostic } from '../../model/report/owned-diagnostics.ts';
import type { Detector, FileFacts } from '../detectors/detector.ts';
import { isFixed, placeOf } from '../detectors/path-pattern.ts';
import { detectorsOfName, type PatternIndex } from './patterns/pattern-index.ts';
import { type FileTree, type Lookup, lookUp, type UnresolvedLink, visitEntries, visitFiles } from './tree/file-tree.ts';
import { unresolvedLinkText } from './tree/unresolved-link.ts';

export type FilesRead = { readonly facts: ReadonlySet<FileFacts>; readonly diagnostics: readonly FileDiagnostic[] };

/** A kind of wanted files other than release files; `identifyDistribution` reports the diagnostics of release files. */
type FileKind = Exclude<Detector['kind'], 'os'>;

const UNREADABLE = {
  packages: { code: 'package-database-unreadable', what: 'the package database' },
  owners: { code: 'file-list-unreadable', what: 'the package file list' },
  repositories: { code: 'content-manifest-unreadable', what: 'the content manifest' },
  features: { code: 'link-unresolved', what: 'the package' },
} as const satisfies Record<FileKind, { code: DiagnosticCode; what: string }>;

/**
 * Reads the files of one kind that fixed patterns match.
 *
 * @param replaced facts to use instead of the facts of a file
 */
export function readFiles(
  tree: FileTree,
  detectors: readonly Detector[],
  kind: Exclude<FileKind, 'features'>,
  replaced: ReadonlyMap<FileFacts, FileFacts> = new Map(),
): FilesRead {
  const files = new FileList();
  const note = (path: string, found: Lookup): void => {
    if (found.kind === 'unresolved') files.diagnostics.push(unresolved(path, found, kind));
    if (found.kind === 'other') files.diagnostics.push(noFile(path, kind));
    if (found.kind !== 'file') return;
    if (found.facts === undefined) files.diagnostics.push(unread(path, kind));
    else files.add(replaced.get(found.facts) ?? found.facts);
  };
  for (const detector of detectors) if (detector.kind === kind) visitWanted(tree, detector, note);
  return files;
}

/**
 * Reads the files with features: first the files at fixed paths, then the files that are wanted in any directory, in
 * the order of their paths. Takes from each file only the facts of the detectors that want the file at this path. A
 * directory or device causes no diagnostic.
 */
export function readFeatures(tree: FileTree, detectors: readonly Detector[], index: PatternIndex): FilesRead {
  const files = new FileList();
  for (const detector of detectors) {
    if (detector.kind !== 'features') continue;
    visitWanted(tree, detector, (path, found) => {
      if (found.kind === 'unresolved') files.diagnostics.push(unresolved(path, found, 'features'));
      if (found.kind === 'file') files.add(found.byDetector?.[detector.id]);
    });
  }
  if (!index.isAnywhere) return files;
  const executables = new Set(index.executables.map(({ id }) => id));
  visitFiles(tree, (path, { byDetector }) => {
    if (byDetector === undefined) return;
    const named = detectorsOfName(path, index);
    for (const [id, facts] of Object.entries(byDetector)) {
      if (executables.has(id) || named.some((detector) => detector.id === id)) files.add(facts);
    }
  });
  return files;
}

/** The facts of files with their diagnostics. Directories may be links to each other, so each file is added once. */
class FileList implements FilesRead {
  readonly facts = new Set<FileFacts>();
  readonly diagnostics: FileDiagnostic[] = [];

  add(facts: FileFacts | undefined): void {
    if (facts === undefined || this.facts.has(facts)) return;
    this.facts.add(facts);
    for (const diagnostic of facts.diagnostics) this.diagnostics.push(diagnostic);
  }
}

function visitWanted(tree: FileTree, { wants }: Detector, visit: (path: string, found: Lookup) => void): void {
  for (const pattern of wants.filter(isFixed)) {
    const place = placeOf(pattern);
    const found = lookUp(tree, place);
    // A dangling link lists no entries; visit the link itself, so that it is reported.
    if (pattern.kind === 'exact' || found.kind === 'unresolved') visit(place, found);
    else {
      const { suffix = '' } = pattern;
      visitEntries(tree, place, (path, entry) => void (path.endsWith(suffix) && visit(path, entry)));
    }
  }
}

function unresolved(path: string, found: UnresolvedLink, kind: FileKind): Diagnostic {
  const { code, what } = UNREADABLE[kind];
  return { code, message: `${unresolvedLinkText(found)}, so ${what} is not readable`, where: path };
}

/** Reports a link to a file in a layer that could not be read again for the link. */
function unread(path: string, kind: FileKind): Diagnostic {
  const { code, what } = UNREADABLE[kind];
  return { code, message: `${path} is a link to a file that was not read, so ${what} is not readable`, where: path };
}

function noFile(path: string, kind: FileKind): Diagnostic {
  const { code, what } = UNREADABLE[kind];
  return { code, message: `${path} is neither a file nor a directory, so ${what} is not readable`, where: path };
}
