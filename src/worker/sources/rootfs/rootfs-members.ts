import type { Stats } from 'node:fs';
import { lstat, opendir, readlink, stat, statfs } from 'node:fs/promises';
import { openRegularFile, unreadableFile } from '../../../bytes/file-bytes.ts';
import { START_BYTES } from '../../../bytes/tar/entry.ts';
import { TAR_LIMITS } from '../../../bytes/tar/limits.ts';
import { ClairError } from '../../../errors.ts';
import type { Detector } from '../../detectors/detector.ts';
import { type FixedPattern, isFixed, type PathPattern, placeOf } from '../../detectors/path-pattern.ts';
import { isExecutableStart } from '../../layer/patterns/executable-start.ts';
import {
  detectorsOfName,
  indexPatterns,
  isFollowedLink,
  type PatternIndex,
} from '../../layer/patterns/pattern-index.ts';

/** One member of a root file system, with its path as in a layer. */
export type RootfsMember =
  | { readonly kind: 'file'; readonly path: string; readonly isFixed: boolean }
  /** `other` is never opened: a device, a pipe, a socket, or a file in place of a directory. */
  | { readonly kind: 'directory' | 'other'; readonly path: string }
  /** `target` is the target of the link, unresolved. */
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string; readonly isFixed: boolean };

export type RootfsMembersOptions = {
  /** The maximum number of members at and above fixed paths. */
  readonly maxMembers: number;
  readonly signal?: AbortSignal;
};

const NAMES_AT_ONCE = 64;

/** The `f_type` of virtual file systems of the kernel (statfs(2), linux/magic.h). */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0x62656570, // configfs
  0x1cd1, // devpts
  0xcafe4a11, // bpf
  0x6165676c, // pstore
  0xde5e81e4, // efivarfs
]);

/**
 * Yields the members of the directory `root` that match the patterns: members at and above fixed paths, and regular
 * files and links that are wanted in any directory. Parents come first; members are ordered by name. Yields links
 * without following them. In kernel file systems, only fixed paths are examined.
 *
 * @throws ClairError `bytes/unreachable` for inaccessible files, `bytes/limit-exceeded` for more than `maxMembers`; the
 * abort reason of the signal.
 */
export async function* rootfsMembers(
  root: string,
  wants: readonly PathPattern[],
  { maxMembers, signal }: RootfsMembersOptions,
): AsyncGenerator<RootfsMember, void, undefined> {
  const reader: Detector = { id: 'rootfs', kind: 'features', version: 0, wants, read: () => ({ diagnostics: [] }) };
  const index = indexPatterns([reader]);
  const maxNames = index.isAnywhere ? TAR_LIMITS.maxEntries : maxMembers;
  const { dev } = await stat(root === '' ? '/' : root);
  const top = { path: '', wanted: wantedTree(wants.filter(isFixed)), device: index.isAnywhere ? dev : null };
  let members = 0;
  for await (const member of membersBelow({ root, index, maxNames, signal }, top)) {
    if ((member.kind !== 'file' && member.kind !== 'symlink') || member.isFixed) members += 1;
    if (members > maxMembers) throw tooMany(root, `${maxMembers} members have paths that detectors read`);
    yield member;
  }
}

type Search = {
  readonly root: string;
  readonly index: PatternIndex;
  readonly maxNames: number;
  readonly signal: AbortSignal | undefined;
};

type Place = {
  readonly path: string;
  /** The fixed patterns below the directory; undefined if there are no such patterns. */
  readonly wanted: WantedNames | undefined;
  /** The device of the directory; null where only fixed paths are examined. */
  readonly device: number | null;
};

type WantedNames = {
  isWanted: boolean;
  /** The suffixes of wanted files in the directory; an empty suffix matches every name. */
  readonly suffixes: Set<string>;
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
    if (pattern.kind === 'children') node.suffixes.add(pattern.suffix ?? '');
    else node.isWanted = true;
  }
  return top;
}

function noNames(): WantedNames {
  return { isWanted: false, suffixes: new Set(), children: new Map() };
}

function isWantedChild(wanted: WantedNames | undefined, name: string): boolean {
  if (wanted === undefined) return false;
  for (const suffix of wanted.suffixes) if (name.endsWith(suffix)) return true;
  return false;
}

async function* membersBelow(search: Search, place: Place): AsyncGenerator<RootfsMember, void, undefined> {
  const { path, wanted, device } = place;
  const isListed = device !== null || (wanted !== undefined && wanted.suffixes.size > 0);
  const listed = isListed ? await namesIn(search, path) : [];
  const names = [...new Set([...(wanted?.children.keys() ?? []), ...listed])].toSorted();
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    search.signal?.throwIfAborted();
    const looks = names.slice(at, at + NAMES_AT_ONCE).map(async (name) => await lookAt(search, place, name));
    for (const { member, below } of await Promise.all(looks)) {
      if (member !== undefined) yield member;
      if (below !== undefined) yield* membersBelow(search, below);
    }
  }
}

type Look = { readonly member?: RootfsMember; readonly below?: Place };

async function lookAt(search: Search, { path: directory, wanted, device }: Place, name: string): Promise<Look> {
  const path = directory === '' ? name : `${directory}/${name}`;
  const place = `${search.root}/${path}`;
  const child = wanted?.children.get(name);
  const isNamed = child !== undefined || isWantedChild(wanted, name);
  try {
    const stats = await lstat(place);
    if (stats.isSymbolicLink()) {
      if (!isNamed && (device === null || !isFollowedLink(path, search.index))) return {};
      return { member: { kind: 'symlink', path, target: await readlink(place), isFixed: isNamed } };
    }
    if (stats.isDirectory()) {
      const searched = await searchedDevice(place, stats, device);
      const isEntered = child !== undefined || searched !== null;
      return {
        ...(isNamed && { member: { kind: 'directory', path } }),
        ...(isEntered && { below: { path, wanted: child, device: searched } }),
      };
    }
    const isAtFixedPath = isWantedChild(wanted, name) || child?.isWanted === true;
    if (
      stats.isFile() &&
      (isAtFixedPath || (device !== null && (await isWantedAnywhere(search.index, path, place, stats))))
    ) {
      return { member: { kind: 'file', path, isFixed: isAtFixedPath } };
    }
    return isNamed ? { member: { kind: 'other', path } } : {};
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw unreadableFile(error, place);
  }
}

/** Returns the device of a directory; null if only fixed paths are examined there, as in kernel file systems. */
async function searchedDevice(place: string, { dev }: Stats, above: number | null): Promise<number | null> {
  if (above === null || dev === above) return above;
  return KERNEL_FILE_SYSTEMS.has((await statfs(place)).type) ? null : dev;
}

async function isWantedAnywhere(index: PatternIndex, path: string, place: string, { size }: Stats): Promise<boolean> {
  if (detectorsOfName(path, index).length > 0) return true;
  if (index.executables.length === 0 || size < START_BYTES) return false;
  const file = await openRegularFile(place, 'refuse');
  try {
    const start = Buffer.alloc(START_BYTES);
    const { bytesRead } = await file.read(start, 0, START_BYTES, 0);
    return isExecutableStart(start.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

async function namesIn({ root, maxNames }: Search, directory: string): Promise<readonly string[]> {
  const place = `${root}/${directory}`;
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(place)) {
      names.push(name);
      if (names.length > maxNames) throw tooMany(place, `${maxNames} members are in this directory`);
    }
  } catch (error) {
    throw unreadableFile(error, place);
  }
  return names;
}

function tooMany(where: string, what: string): ClairError {
  return new ClairError('bytes/limit-exceeded', `${where}: more than ${what}`);
}
