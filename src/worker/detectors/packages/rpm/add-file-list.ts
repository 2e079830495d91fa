import { type FileOwner, type OwnedPathsCollector, plainPath } from '../owned-paths.ts';
import { FILE_TAGS, type IndexEntry, type OpenHeader, TYPES } from './parse-header.ts';

/**
 * Adds the wanted files of one rpm package to `files`. A header has for each file a base name and the index of its directory;
 * before rpm 4 it has whole paths (rpm, include/rpm/rpmtag.h, lib/tagexts.c). A package does not own a file that it lists but
 * did not install, such as documentation that was left out; `rpm -qf` says the same.
 *
 * `number` is the number of the entry in the database. A damaged list costs the files of the package, and a diagnostic.
 */
export function addFileList(
  header: OpenHeader,
  { owner, number }: { readonly owner: FileOwner; readonly number: number },
  files: OwnedPathsCollector,
): void {
  const { baseNames, oldFileNames } = FILE_TAGS;
  const names = header.index.get(baseNames) ?? header.index.get(oldFileNames);
  if (names !== undefined && names.count > MAX_LISTED_FILES) files.skip(TOO_MANY, number);
  else if (header.index.has(baseNames)) addBaseNames(header, number, files);
  else if (names !== undefined) addOldFileNames(header, number, files);
  files.endPackage(owner);
}

/** Bound on the files of one package, whose names are in memory at once: packages of kernels have 20,000. */
export const MAX_LISTED_FILES = 500_000;

/** Bound on the bytes of the base names of one package, and on those of its directories. */
export const MAX_NAMES_BYTES: number = 32 * 1024 * 1024;

const TOO_MANY = `a package lists more than ${MAX_LISTED_FILES} files`;

const DAMAGED = 'the file list of a package is damaged, or its names are too long';

function addBaseNames(header: OpenHeader, number: number, files: OwnedPathsCollector): void {
  const baseNames = textsOf(header, FILE_TAGS.baseNames);
  const dirNames = textsOf(header, FILE_TAGS.dirNames);
  const indexes = header.index.get(FILE_TAGS.dirIndexes);
  if (baseNames === undefined || dirNames === undefined || !isInt32Array(header, indexes, baseNames.length)) {
    return files.skip(DAMAGED, number);
  }
  const isInstalled = installedStates(header, baseNames.length);
  const view = new DataView(header.data.buffer, header.data.byteOffset, header.data.byteLength);
  const directories = dirNames.map(plainPath);
  for (let file = 0; file < baseNames.length; file += 1) {
    const baseName = baseNames[file] ?? '';
    const directory = directories[view.getUint32(indexes.offset + file * INT32_SIZE, false)];
    // The root itself has an empty base name.
    if (directory === undefined) files.skip(DAMAGED, number);
    else if (baseName !== '' && isInstalled(file) && !files.add(directory, baseName, number)) return;
  }
}

function addOldFileNames(header: OpenHeader, number: number, files: OwnedPathsCollector): void {
  const names = textsOf(header, FILE_TAGS.oldFileNames);
  if (names === undefined) return files.skip(DAMAGED, number);
  const isInstalled = installedStates(header, names.length);
  for (let file = 0; file < names.length; file += 1) {
    const name = names[file] ?? '';
    const slash = name.lastIndexOf('/');
    const baseName = name.slice(slash + 1);
    const directory = plainPath(name.slice(0, slash + 1));
    if (baseName !== '' && isInstalled(file) && !files.add(directory, baseName, number)) return;
  }
}

const INT32_SIZE = 4;

function isInt32Array({ data }: OpenHeader, entry: IndexEntry | undefined, count: number): entry is IndexEntry {
  return entry?.type === TYPES.int32 && entry.count === count && entry.offset + count * INT32_SIZE <= data.length;
}

/** Returns the texts of an array of texts; undefined when the array is damaged or beyond the bounds. */
function textsOf({ data, index }: OpenHeader, tag: number): readonly string[] | undefined {
  const entry = index.get(tag);
  if (entry?.type !== TYPES.stringArray || entry.count === 0 || entry.count > MAX_LISTED_FILES) return undefined;
  const limit = Math.min(data.length, entry.offset + MAX_NAMES_BYTES);
  let end = entry.offset;
  for (let ended = 0; ended < entry.count; end += 1) {
    if (end >= limit) return undefined;
    if (data[end] === 0) ended += 1;
  }
  const texts = Buffer.from(data.buffer, data.byteOffset + entry.offset, end - entry.offset - 1);
  return texts.toString().split('\0');
}

/** The states of files that are on the disk: normal, and on a shared file system (rpm, RPMFILE_IS_INSTALLED). */
const INSTALLED_STATES: ReadonlySet<number> = new Set([0, 3]);

/** Returns whether the file of a number is on the disk. Without states rpm takes all files as installed. */
function installedStates({ data, index }: OpenHeader, count: number): (file: number) => boolean {
  const entry = index.get(FILE_TAGS.states);
  const isArray = entry?.type === TYPES.char || entry?.type === TYPES.int8;
  if (!isArray || entry.count !== count || entry.offset + count > data.length) return () => true;
  return (file) => INSTALLED_STATES.has(data[entry.offset + file] ?? 0);
}
