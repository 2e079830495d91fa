import { shownName } from '../../../../bytes/tar/name.ts';
import type { ZipBytes } from '../../../../bytes/zip/bytes.ts';
import { findDirectory } from '../../../../bytes/zip/directory.ts';
import { readZip } from '../../../../bytes/zip/read.ts';
import { ZipStream } from '../../../../bytes/zip/stream.ts';
import type { ZipTotals } from '../../../../bytes/zip/totals.ts';
import { createZipUse } from '../../../../bytes/zip/use.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';
import type { FileDiagnostic } from '../../../../model/report/owned-diagnostics.ts';
import { isCertainArchive, isLibraryArchive } from './archive-names.ts';
import { type JarVisitor, jarReader } from './jar-contents.ts';
import { type JarLibrary, librariesOfJar, type UnknownVersion } from './jar-libraries.ts';

const MAX_NAMED = 20;

/** The largest products have a few thousand archives, but not in one file. */
const MAX_LIBRARIES = 5000;
const MAX_CHARACTERS = 4 * 1024 * 1024;

export type LibrariesRead = {
  readonly libraries: readonly JarLibrary[];
  readonly diagnostics: readonly FileDiagnostic[];
};

const NOTHING: LibrariesRead = { libraries: [], diagnostics: [] };

/**
 * Returns the libraries in a Java archive, and in the archives inside it.
 *
 * @param totals counts all archives of the layer against the limits
 */
export function readLibraries(path: string, bytes: ZipBytes, totals?: ZipTotals): LibrariesRead {
  if (bytes.length === 0 || !isRead(path, bytes.range(0, MARK_BYTES), () => findDirectory(bytes) !== undefined))
    return NOTHING;
  const found = findings(path);
  readZip(bytes, jarReader(path, found), createZipUse({}, totals));
  return found.end();
}

/**
 * Returns a reader of the libraries in a Java archive that is too large for memory; `write` receives the bytes as they
 * arrive, and `end` returns the result of {@link readLibraries}.
 */
export function streamLibraries(
  path: string,
  totals?: ZipTotals,
): {
  readonly write: (bytes: Buffer) => void;
  readonly end: () => LibrariesRead;
} {
  const found = findings(path);
  let zip: ZipStream | undefined;
  let start: Buffer = Buffer.alloc(0);
  return {
    write(bytes) {
      if (zip !== undefined) zip.write(bytes);
      else {
        start = Buffer.concat([start, bytes]);
        if (start.length < MARK_BYTES || !isRead(path, start)) return;
        zip = new ZipStream(jarReader(path, found), createZipUse({}, totals));
        zip.write(start);
        start = Buffer.alloc(0);
      }
    },
    end() {
      if (zip !== undefined) zip.end();
      else if (isRead(path, start)) found.fault(path, 'the archive was not read, because it is a sparse file');
      return found.end();
    },
  };
}

const MARK_BYTES = 4;

/**
 * Returns whether a file is read as an archive.
 *
 * @param hasDirectory returns whether a script contains an archive
 */
function isRead(path: string, start: Buffer, hasDirectory: () => boolean = () => true): boolean {
  if (!isLibraryArchive(path)) return false;
  const mark = start.toString('latin1', 0, 2);
  return isCertainArchive(path) || mark === 'PK' || (mark === '#!' && hasDirectory());
}

type Findings = JarVisitor & { readonly end: () => LibrariesRead };

/** Collects the libraries and diagnostics of a file, within bounds. */
function findings(file: string): Findings {
  const libraries: JarLibrary[] = [];
  const unreadable = namedDiagnostics(file);
  const unknown = namedDiagnostics(file);
  const faults: Faults = { count: 0 };
  let characters = 0;
  const fault = (path: string, what: string): void => {
    faults.count += 1;
    faults.first ??= `${shownName(path)}: ${what}`;
  };
  return {
    fault,
    end: () => ({
      libraries,
      diagnostics: [
        ...faultDiagnostics(file, faults),
        ...unreadable.end('library-unreadable', 'libraries skipped'),
        ...unknown.end('library-version-unknown', 'libraries of unknown or derived version'),
      ],
    }),
    jar(contents) {
      const jar = librariesOfJar(contents);
      for (const library of jar.libraries) {
        characters += JSON.stringify(library).length;
        if (libraries.length >= MAX_LIBRARIES) fault(file, `the archive has more than ${MAX_LIBRARIES} libraries`);
        else if (characters > MAX_CHARACTERS)
          fault(file, `the data of the libraries in the archive exceeds ${MAX_CHARACTERS} characters`);
        else libraries.push(library);
      }
      for (const path of jar.unreadable) unreadable.add(() => unreadableDescriptor(path));
      if (jar.isNameless) unreadable.add(() => namelessArchive(contents.path));
      for (const each of jar.unknown) unknown.add(() => unknownVersion(each));
    },
  };
}

/** Collects diagnostics up to a maximum, and counts further diagnostics in one diagnostic. */
function namedDiagnostics(file: string): {
  readonly add: (diagnostic: () => FileDiagnostic) => void;
  readonly end: (code: Diagnostic['code'], what: string) => readonly FileDiagnostic[];
} {
  const named: FileDiagnostic[] = [];
  let more = 0;
  return {
    add(diagnostic) {
      if (named.length < MAX_NAMED) named.push(diagnostic());
      else more += 1;
    },
    end: (code, what) => [...named, ...(more === 0 ? [] : [{ code, message: `${more} more ${what}`, where: file }])],
  };
}

type Faults = { first?: string; count: number };

/** Returns one diagnostic for a file, regardless of the number of damaged archives in the file. */
function faultDiagnostics(path: string, { first, count }: Faults): readonly Diagnostic[] {
  if (first === undefined) return [];
  const more = count === 1 ? '' : count === 2 ? ', and 1 more fault' : `, and ${count - 1} more faults`;
  return [{ code: 'archive-unreadable', message: `libraries may be missing in ${first}${more}`, where: path }];
}

function unreadableDescriptor(path: string): Diagnostic {
  return {
    code: 'library-unreadable',
    message: `${shownName(path)} was skipped: it has no valid version`,
    where: path,
  };
}

function namelessArchive(path: string): Diagnostic {
  const message = `${shownName(path)} was skipped: neither its name nor its manifest names an artifact`;
  return { code: 'library-unreadable', message, where: path };
}

function unknownVersion({ library, path, isMarked, version, candidates }: UnknownVersion): FileDiagnostic {
  if (!isMarked) {
    const message = `${shownName(path)} does not state the version of ${shownName(library)}, so the library was not matched`;
    return { code: 'library-version-unknown', message, where: path, ...(candidates !== undefined && { candidates }) };
  }
  const has = `${shownName(path)} is a class of ${library}`;
  if (version === undefined) {
    const message = `${has}, but the archive does not state the version, so the library was not matched`;
    return { code: 'library-version-unknown', message, where: path };
  }
  const message = `${has}; the version ${version} of the library was derived from META-INF/DEPENDENCIES`;
  return { code: 'library-version-uncertain', message, where: path };
}
