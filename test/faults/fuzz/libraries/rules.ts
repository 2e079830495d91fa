/**
 * The rules of docs/reference/coverage.md for files that are not evidence. Of the detectors, only the reader of
 * executables is used.
 */
import { createHash } from 'node:crypto';
import {
  type Executable,
  contentOf,
  sectionNamed,
} from '../../../../src/worker/detectors/libraries/executables/executable.ts';
import { ChunkedBytes } from '../../../../src/bytes/chunks/chunked-bytes.ts';
import { readExecutables } from '../../../../src/worker/detectors/libraries/executables/read-executables.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Returns whether a file is a package.json without a name or version, or the manifest of a VS Code extension or Unity
 * package.
 */
export function isNoNpm(bytes: Buffer): boolean {
  const manifest = objectIn(bytes);
  if (manifest === undefined) return false;
  const { name, version, engines, unity } = manifest;
  const isNameless = [name, version].some((each) => each === undefined || each === null || each === '');
  return isNameless || typeof unity === 'string' || (isObject(engines) && engines['vscode'] !== undefined);
}

/** Returns whether a file lists no package in `node_modules` that is marked as `dev`. */
export function isNoLockfile(bytes: Buffer): boolean {
  const packages = objectIn(bytes)?.['packages'];
  if (!isObject(packages)) return false;
  const listed = Object.entries(packages);
  return !listed.some(([key, entry]) => {
    return /^node_modules\/[a-z]$/.test(key) && isObject(entry) && entry['dev'] === true && entry['link'] !== true;
  });
}

/** Returns whether a file is the metadata of the interpreter. */
export function isNoPypi(bytes: Buffer): boolean {
  return /^name:\s*python\s*$/im.test(bytes.toString('latin1'));
}

/** Returns whether a file names no repository and no directory as the origin, so that the version is exact. */
export function isNoOrigin(bytes: Buffer): boolean {
  const origin = objectIn(bytes);
  return origin === undefined || !(isObject(origin['vcs_info']) || isObject(origin['dir_info']));
}

/** Returns whether a file is a list without entries. */
export function isNoComposer(bytes: Buffer): boolean {
  const value = jsonIn(bytes);
  const { packages = value } = isObject(value) ? value : {};
  return typeof packages === 'object' && packages !== null && Object.keys(packages).length === 0;
}

/** Returns whether a file has no line that states a Java version. */
export function isNoJava(bytes: Buffer): boolean {
  return !/^JAVA_(?:RUNTIME_)?VERSION=/m.test(bytes.toString('utf8'));
}

/**
 * Returns whether a file has no package of a registry (`npm:`), or a list of packages that contains only the project
 * itself.
 */
export function isNoPlugAndPlay(bytes: Buffer): boolean {
  return (
    !bytes.includes('npm:') ||
    /'\{\\\n"packageRegistryData": \[\[null, \[\[null(?:, \{\})?\]\]\]\]\}'/.test(bytes.toString())
  );
}

/** Returns whether a list has no package with files, as in a list of projects. */
export function isNoNuget(bytes: Buffer): boolean {
  const list = objectIn(bytes);
  const libraries = list?.['libraries'];
  const packages = isObject(libraries) ? Object.entries(libraries) : [];
  const isListed = packages.some(
    ([key, of]) => /^.+\/.+$/.test(key) && isObject(of) && /^package$/i.test(String(of['type'])),
  );
  return list !== undefined && (!isListed || !bytes.includes('"runtime":{"') || !bytes.includes('.dll":'));
}

/** Returns whether the data of a program has no bundle mark, or the list of the bundle has no packages. */
export function isNoBundle(bytes: Buffer): boolean {
  const mark = createHash('sha256').update('.net core bundle\n').digest();
  const isMarked = executablesIn(bytes).some(({ segments }) => {
    return segments.some(
      ({ start, end, isWritableData }) => isWritableData && bytes.subarray(start, end).includes(mark),
    );
  });
  const at = bytes.indexOf(mark);
  if (!isMarked || at < 8 || bytes.readBigUInt64LE(at - 8) === 0n) return true;
  const text = bytes.subarray(bytes.indexOf('{"'), bytes.lastIndexOf('}') + 1);
  return isNoNuget(text);
}

/** Returns whether a program does not contain the name of nginx before a version. */
export function isNoNginx(bytes: Buffer): boolean {
  return !/(?:nginx version: (?:nginx|openresty)|\0Server: nginx)\/\d{1,9}\.\d/.test(bytes.toString('latin1'));
}

/** Returns whether a file does not start like a zip archive. */
export function isNotPacked(bytes: Buffer): boolean {
  return bytes.subarray(0, 4).toString('latin1') !== 'PK\x03\x04';
}

/** Returns whether a file contains no `pom.properties`, class or inner archive, so that no Java library can be found. */
export function isNoJar(bytes: Buffer): boolean {
  return namesInZip(bytes).every(
    (name) => !/^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$|\.class$|\.jar$/.test(name),
  );
}

/** Returns whether a file contains no inner archive, or no class, so that it is not a Spring Boot archive. */
export function isNoBoot(bytes: Buffer): boolean {
  const names = namesInZip(bytes);
  return !names.some((name) => /\.jar$/i.test(name)) || !names.some((name) => name.endsWith('.class'));
}

/** Returns the names in the headers of central directories; stored archives inside have headers too. */
function namesInZip(bytes: Buffer): readonly string[] {
  const names: string[] = [];
  for (let at = bytes.indexOf(DIRECTORY); at !== -1; at = bytes.indexOf(DIRECTORY, at + 1)) {
    if (at + 46 > bytes.length) break;
    names.push(bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28)));
  }
  return names;
}

const DIRECTORY = Buffer.from('PK\u0001\u0002', 'latin1');

/** Returns whether a file is a program without Go's sections, and without Go's mark in writable data. */
export function isNoGo(bytes: Buffer): boolean {
  return executablesIn(bytes).every((executable) => {
    if (sectionNamed(executable, '.go.buildinfo', '__go_buildinfo', '.gopclntab', '__gopclntab')) return false;
    const isWithoutSections = executable.format === 'pe' || executable.sections.length === 0;
    const data = isWithoutSections ? executable.segments.find(({ isWritableData }) => isWritableData) : undefined;
    if (data === undefined) return true;
    const at = contentOf(executable, data).indexOf(Buffer.from('\xff Go buildinf:', 'latin1'), 0);
    return at === -1 || (data.address + at) % 16 !== 0;
  });
}

/** Returns whether a file is a program without the section of crates. */
export function isNoCargo(bytes: Buffer): boolean {
  return executablesIn(bytes).every((executable) => sectionNamed(executable, '.dep-v0') === undefined);
}

function executablesIn(bytes: Buffer): readonly Executable[] {
  return readExecutables(new ChunkedBytes([bytes]));
}

function objectIn(bytes: Buffer): Fields | undefined {
  const value = jsonIn(bytes);
  return isObject(value) ? value : undefined;
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
