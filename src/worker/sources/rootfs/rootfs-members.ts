import { lstat, opendir, readlink } from 'node:fs/promises';
import { unreadableFile } from '../../../bytes/file-bytes.ts';
import { ClairError } from '../../../errors.ts';
import { type FixedPattern, isFixed, type PathPattern, placeOf } from '../../detectors/path-pattern.ts';

/** One member of a root file system, by its path from the root, as a layer would have it. */
export type RootfsMember =
  /** `other` is all that nobody opens: a device, a pipe, a socket, or a file where a directory is wanted. */
  | { readonly kind: 'file' | 'directory' | 'other'; readonly path: string }
  /** `target` as it is written. */
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string };

/**
 * Gives what stands at wanted paths of the directory `root`, and at the paths above them; parents first, in the order of
 * their names. Links are given, never followed, so that nothing is looked at behind them.
 *
 * @throws ClairError `bytes/unreachable` for what may not be looked at, `bytes/limit-exceeded` for more than `maxMembers`.
 */
export async function* rootfsMembers(
  root: string,
  wants: readonly PathPattern[],
  maxMembers: number,
): AsyncGenerator<RootfsMember, void, undefined> {
  let members = 0;
  for await (const member of membersBelow(root, '', wantedTree(wants.filter(isFixed)), maxMembers)) {
    members += 1;
    if (members > maxMembers) throw tooMany(root, maxMembers);
    yield member;
  }
}

/** The names in a directory that are wanted, or lead to what is. */
type WantedNames = {
  isWanted: boolean;
  everyFile: boolean;
  readonly children: Map<string, WantedNames>;
};

function wantedTree(patterns: readonly FixedPattern[]): WantedNames {
  const top = noNames();
  for (const pattern of patterns) {
    const place = placeOf(pattern);
    let node = top;
    for (const name of place === '' ? [] : place.split('/')) {
      const child = node.children.get(name) ?? noNames();
      node.children.set(name, child);
      node = child;
    }
    if (pattern.kind === 'children') node.everyFile = true;
    else node.isWanted = true;
  }
  return top;
}

function noNames(): WantedNames {
  return { isWanted: false, everyFile: false, children: new Map() };
}

async function* membersBelow(
  root: string,
  directory: string,
  wanted: WantedNames,
  maxNames: number,
): AsyncGenerator<RootfsMember, void, undefined> {
  const listed = wanted.everyFile ? await namesIn(root, directory, maxNames) : [];
  for (const name of [...new Set([...wanted.children.keys(), ...listed])].toSorted()) {
    const child = wanted.children.get(name);
    const path = directory === '' ? name : `${directory}/${name}`;
    const isWanted = wanted.everyFile || child?.isWanted === true;
    const member = await memberAt(root, path, isWanted);
    if (member === undefined) continue;
    yield member;
    if (member.kind === 'directory' && child !== undefined) yield* membersBelow(root, path, child, maxNames);
  }
}

async function memberAt(root: string, path: string, isWanted: boolean): Promise<RootfsMember | undefined> {
  const place = `${root}/${path}`;
  try {
    const stats = await lstat(place);
    if (stats.isSymbolicLink()) return { kind: 'symlink', path, target: await readlink(place) };
    if (stats.isDirectory()) return { kind: 'directory', path };
    return { kind: stats.isFile() && isWanted ? 'file' : 'other', path };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadableFile(error, place);
  }
}

async function namesIn(root: string, directory: string, maxNames: number): Promise<readonly string[]> {
  const place = `${root}/${directory}`;
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(place)) {
      names.push(name);
      if (names.length > maxNames) throw tooMany(place, maxNames);
    }
  } catch (error) {
    throw unreadableFile(error, place);
  }
  return names;
}

function tooMany(where: string, most: number): ClairError {
  return new ClairError('bytes/limit-exceeded', `${where}: more than ${most} members at paths that detectors want`);
}
