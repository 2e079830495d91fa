import {
  createOwnedPaths,
  type FileFilter,
  type FileOwner,
  type FileOwnership,
  LIST_PIECE_BYTES,
  type OwnedPathsCollector,
} from '../owned-paths.ts';
import { textOfBytes } from '../path-ends.ts';
import type { LineNumber } from '../skipped-entries.ts';
import { bytePieces, lineAt } from '../text-pieces.ts';
import { isPackageName, NAME_PATTERN } from './package-name.ts';

/**
 * Reads which wanted files a dpkg package owns, from one of its lists:
 *
 * - `info/NAME.list` or `info/NAME:ARCH.list`: an absolute path on each line, including directories (dpkg,
 *   lib/dpkg/db-fsys-files.c, fsys_list_parse_buffer);
 * - `status.d/NAME.md5sums` of distroless images, or another `NAME.md5sums`: an MD5 digest, two blanks and a relative
 *   path on each line, without configuration files (deb-md5sums(5)).
 *
 * A list contains the paths of the package; {@link divertedPath} returns the real path of a diverted file. Files with
 * other names are ignored. Skips a broken line with a diagnostic.
 */
export function readDpkgFileList(path: string, bytes: Uint8Array, wants: FileFilter): FileOwnership {
  const files = createOwnedPaths(path, wants);
  const [, base = '', form] = LIST_PATTERN.exec(path) ?? [];
  if (form === undefined) return files.collected();
  const owner = ownerOf(base);
  if (owner === undefined) files.skip('the file name is not a package name', 1);
  else if (form === 'md5sums') addDigested(bytes, files);
  else addListed(bytes, wants, files);
  files.endPackage(owner);
  return files.collected();
}

const LIST_PATTERN = /\/([^/]+)\.(list|md5sums)$/;

/** The path follows 32 digits and two separators. */
const PATH_OFFSET = 34;
const SEPARATORS: ReadonlySet<string> = new Set(['  ', ' *']);

const DOT = 0x2e;
const SLASH = 0x2f;

const ANY_LINE = /[^\n]\n/g;

/** Adds the paths of a list with one path per line. Examines only lines that may contain a wanted path. */
function addListed(bytes: Uint8Array, { ends }: FileFilter, files: OwnedPathsCollector): void {
  const wanted = ends?.inLines ?? ANY_LINE;
  let place = 0;
  /** The number of the current line, computed only for diagnostics. */
  const line = (): number => lineAt(bytes, place);
  for (const { text, start } of bytePieces(bytes, LIST_PIECE_BYTES)) {
    for (let at = emptyLine(text, 0); at !== -1; at = emptyLine(text, at + 1)) {
      place = start + at;
      files.skip('a line is empty', line);
    }
    wanted.lastIndex = 0;
    for (let found = wanted.exec(text); found !== null; found = wanted.exec(text)) {
      const from = text.lastIndexOf('\n', found.index) + 1;
      const end = text.indexOf('\n', found.index);
      place = start + from;
      if (!addPath(text.slice(from, end), line, files)) return;
      wanted.lastIndex = end + 1;
    }
  }
}

/** Returns the position of the next empty line; -1 when there is no empty line. */
function emptyLine(text: string, from: number): number {
  if (from === 0 && text.startsWith('\n')) return 0;
  const before = text.indexOf('\n\n', Math.max(0, from - 1));
  return before === -1 ? -1 : before + 1;
}

/** Adds the paths after digests; md5sum writes two blanks, or a blank and an asterisk for a file read as binary. */
function addDigested(bytes: Uint8Array, files: OwnedPathsCollector): void {
  let line = 0;
  for (const { text } of bytePieces(bytes, LIST_PIECE_BYTES)) {
    for (let at = 0; at < text.length; ) {
      line += 1;
      const next = text.indexOf('\n', at);
      const written = at + PATH_OFFSET;
      if (written >= next || !SEPARATORS.has(text.slice(written - 2, written))) {
        files.skip('a line is not an MD5 digest, two blanks and a path', line);
      } else if (!addPath(text.slice(written, next), line, files)) return;
      at = next + 1;
    }
  }
}

function addPath(bytes: string, line: LineNumber, files: OwnedPathsCollector): boolean {
  const written = textOfBytes(bytes);
  const end = written.charCodeAt(written.length - 1) === SLASH ? written.length - 1 : written.length;
  const start = pathStart(written, end);
  if (start >= end) return true;
  const slash = written.lastIndexOf('/', end - 1);
  return files.add(written.slice(start, Math.max(start, slash)), written.slice(Math.max(start, slash + 1), end), line);
}

/** Skips slashes and dots that mean the root, as dpkg does (lib/dpkg/path.c, path_skip_slash_dotslash). */
function pathStart(text: string, end: number): number {
  let start = 0;
  while (start < end) {
    const isDot = text.charCodeAt(start) === DOT && (start + 1 === end || text.charCodeAt(start + 1) === SLASH);
    if (!isDot && text.charCodeAt(start) !== SLASH) break;
    start += 1;
  }
  return start;
}

function ownerOf(base: string): FileOwner | undefined {
  const colon = base.indexOf(':');
  const written = colon === -1 ? base : base.slice(0, colon);
  const arch = colon === -1 ? undefined : base.slice(colon + 1);
  const name = NAME_PATTERN.test(written) ? written : (encodedName(written) ?? written);
  if (!isPackageName(name) || (arch !== undefined && !NAME_PATTERN.test(arch))) return undefined;
  return { type: 'deb', name, ...(arch !== undefined && { arch }) };
}

/**
 * Some distroless images have names in base64: `bGliYzY=` is libc6
 * (github.com/GoogleContainerTools/distroless/issues/787).
 */
function encodedName(written: string): string | undefined {
  const name = Buffer.from(written, 'base64').toString('latin1');
  return NAME_PATTERN.test(name) && Buffer.from(name).toString('base64') === written ? name : undefined;
}
