import type { Digest } from '../../model/digest.ts';
import type { Detector, FileFacts } from '../detectors/detector.ts';
import { type FileTree, trace } from '../layer/tree/file-tree.ts';
import { digestOfText } from '../layer/layer-layout.ts';
import { knownPaths, type LinkTarget } from '../layer/link-targets.ts';

/**
 * A database and its log of later changes. Digests identify the two files, because the files may be in different
 * layers.
 */
export type LoggedDatabase = {
  readonly detector: string;
  /** The path that identifies the database for the detector. */
  readonly path: string;
  readonly database: Digest;
  readonly log: Digest;
};

export type LoggedPlace = LoggedDatabase & {
  readonly alone: { readonly database: FileFacts; readonly log: FileFacts };
};

/** Finds the databases of a tree that have a log with changes. A log is next to the real file of its database. */
export function loggedDatabases(
  tree: FileTree,
  detectors: readonly Detector[],
  targets: readonly LinkTarget[],
): readonly LoggedPlace[] {
  const places = new Map<string, LoggedPlace>();
  const knownPath = knownPaths(targets);
  for (const { id, logged, wants } of detectors) {
    if (logged === undefined) continue;
    for (const pattern of wants) {
      if (pattern.kind !== 'exact' || pattern.path.endsWith(logged.suffix)) continue;
      const { path } = pattern;
      const database = contentAt(tree, path);
      const log = database && contentAt(tree, `${database.path}${logged.suffix}`);
      if (database === undefined || log === undefined || places.has(database.path)) continue;
      places.set(database.path, {
        detector: id,
        path: knownPath(id, database.path),
        database: database.content,
        log: log.content,
        alone: { database: database.facts, log: log.facts },
      });
    }
  }
  return [...places.values()];
}

/**
 * Returns the key for the facts of a database with its log; equal bytes at the same path in other layers and images
 * have the same key.
 */
export function loggedDigest({ detector, path, database, log }: LoggedDatabase): Digest {
  return digestOfText(`logged ${JSON.stringify([detector, path, database, log])}`);
}

type Content = { readonly path: string; readonly facts: FileFacts; readonly content: Digest };

function contentAt(tree: FileTree, path: string): Content | undefined {
  const { node, path: end } = trace(tree, path);
  const facts = node?.kind === 'file' ? node.facts : undefined;
  return facts?.content === undefined ? undefined : { path: end, facts, content: facts.content };
}
