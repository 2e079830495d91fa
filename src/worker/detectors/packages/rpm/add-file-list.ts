import { type FileOwner, type OwnedPathsCollector, plainPath } from '../owned-paths.ts';
import { type PathEnds, textOfBytes } from '../path-ends.ts';
import { FILE_TAGS, type IndexEntry, type OpenHeader, TYPES } from './parse-header.ts';

/**
 * Adds the wanted files of one rpm package to `files`. A header contains a base name and a directory index for each
 * file, or whole paths before rpm 4 (rpm, include/rpm/rpmtag.h, lib/tagexts.c). Like `rpm -qf`, Clair finds no owner
 * for files that are listed but not installed, such as excluded documentation.
 *
 * `number` is the number of the entry in the database. A damaged list is skipped with a diagnostic.
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

/** The maximum number of files in one package, which are in memory at once; kernel packages have 20,000. */
export const MAX_LISTED_FILES = 500_000;

/** The limit applies to base names and to directory names separately. */
export const MAX_NAMES_BYTES: number = 32 * 1024 * 1024;

const TOO_MANY = `a package lists more than ${MAX_LISTED_FILES} files`;

const DAMAGED = `the file list of a package is damaged, or its names exceed ${MAX_NAMES_BYTES} bytes`;

function addBaseNames(header: OpenHeader, number: number, files: OwnedPathsCollector): void {
  const { baseNames, dirNames, dirIndexes } = FILE_TAGS;
  const names = header.index.get(baseNames);
  const places = header.index.get(dirNames);
  const indexes = header.index.get(dirIndexes);
  const directories = textsOf(header, dirNames)?.map(plainPath);
  const count = names?.count ?? 0;
  if (!isTextArray(names) || directories === undefined || !isInt32Array(header, indexes, count)) {
    return files.skip(DAMAGED, number);
  }
  // rpm writes the directories after the names.
  const end = places !== undefined && places.offset > names.offset ? places.offset : header.data.length;
  const text = Buffer.from(header.data.buffer, header.data.byteOffset, header.data.byteLength).toString(
    'latin1',
    names.offset,
    Math.min(end, names.offset + MAX_NAMES_BYTES),
  );
  const { ends } = files;
  const view = new DataView(header.data.buffer, header.data.byteOffset, header.data.byteLength);
  const placeOf = (file: number): number => view.getUint32(indexes.offset + file * INT32_SIZE, false);
  const isAny = directories.map((directory) => ends?.mayHoldAny(directory) ?? true);
  const inAny = isAny.includes(true) ? namesInAny(text, count, (file) => isAny[placeOf(file)] ?? true) : [];
  const wanted = ends === undefined ? [] : wantedNames(text, count, ends);
  if (inAny === undefined || wanted === undefined) return files.skip(DAMAGED, number);
  const isInstalled = installedStates(header, count);
  for (const [file, name] of inOrder(inAny, wanted)) {
    const directory = directories[placeOf(file)];
    // The root directory has an empty base name.
    if (directory === undefined) files.skip(DAMAGED, number);
    else if (name !== '' && isInstalled(file) && !files.add(directory, textOfBytes(name), number)) return;
  }
}

type NumberedName = readonly [file: number, name: string];

/** Returns the names for which `isIn` is true; undefined when there are fewer than `count` names that end with NUL. */
function namesInAny(text: string, count: number, isIn: (file: number) => boolean): readonly NumberedName[] | undefined {
  const names = text.split('\0', count + 1);
  if (names.length <= count) return undefined;
  const found: NumberedName[] = [];
  for (let file = 0; file < count; file += 1) if (isIn(file)) found.push([file, names[file] ?? '']);
  return found;
}

/** Returns the names that may be wanted, without examining the other names; undefined when names are missing. */
function wantedNames(text: string, count: number, { inNames }: PathEnds): readonly NumberedName[] | undefined {
  const found: NumberedName[] = [];
  let file = 0;
  let passed = 0;
  inNames.lastIndex = 0;
  for (let match = inNames.exec(text); match !== null; match = inNames.exec(text)) {
    file += countOfEnds(text.slice(passed, match.index));
    if (file >= count) break;
    passed = match.index;
    found.push([file, text.slice(text.lastIndexOf('\0', match.index) + 1, inNames.lastIndex - 1)]);
  }
  const isWhole = found.length === 0 || file + countOfEnds(text.slice(passed)) >= count;
  return isWhole ? found : undefined;
}

function countOfEnds(text: string): number {
  return text.split('\0').length - 1;
}

function inOrder(one: readonly NumberedName[], other: readonly NumberedName[]): Iterable<NumberedName> {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  return new Map([...one, ...other].toSorted(([a], [b]) => a - b));
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

/** Returns the strings of an array; undefined when the array is damaged or too large. */
function textsOf({ data, index }: OpenHeader, tag: number): readonly string[] | undefined {
  const entry = index.get(tag);
  if (!isTextArray(entry)) return undefined;
  const limit = Math.min(data.length, entry.offset + MAX_NAMES_BYTES);
  let end = entry.offset;
  for (let ended = 0; ended < entry.count; end += 1) {
    if (end >= limit) return undefined;
    if (data[end] === 0) ended += 1;
  }
  const texts = Buffer.from(data.buffer, data.byteOffset + entry.offset, end - entry.offset - 1);
  return texts.toString().split('\0');
}

function isTextArray(entry: IndexEntry | undefined): entry is IndexEntry {
  return entry?.type === TYPES.stringArray && entry.count > 0 && entry.count <= MAX_LISTED_FILES;
}

/** The states of files on disk: normal, and on a shared file system (rpm, RPMFILE_IS_INSTALLED). */
const INSTALLED_STATES: ReadonlySet<number> = new Set([0, 3]);

/** Without file states, rpm treats all files as installed. */
function installedStates({ data, index }: OpenHeader, count: number): (file: number) => boolean {
  const entry = index.get(FILE_TAGS.states);
  const isArray = entry?.type === TYPES.char || entry?.type === TYPES.int8;
  if (!isArray || entry.count !== count || entry.offset + count > data.length) return () => true;
  return (file) => INSTALLED_STATES.has(data[entry.offset + file] ?? 0);
}
