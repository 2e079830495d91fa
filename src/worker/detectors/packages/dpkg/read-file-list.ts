import {
  createOwnedPaths,
  type FileFilter,
  type FileOwner,
  type FileOwnership,
  LIST_PIECE_BYTES,
  type OwnedPathsCollector,
} from '../owned-paths.ts';
import { textPieces } from '../text-pieces.ts';
import { isPackageName, NAME_PATTERN } from './package-name.ts';

/**
 * Reads which wanted files a package of dpkg owns, from one of its lists:
 *
 * - `info/NAME.list` or `info/NAME:ARCH.list`: an absolute path a line, directories too (dpkg,
 *   lib/dpkg/db-fsys-files.c, fsys_list_parse_buffer);
 * - `info/NAME.md5sums`, and `status.d/NAME.md5sums` of distroless images: an MD5 digest, two blanks and a relative path a
 *   line, without configuration files (deb-md5sums(5)).
 *
 * A list names the paths of the package; {@link divertedPath} gives the place of a diverted file. A file with another name
 * lists nothing. A broken line costs itself and a diagnostic.
 */
export function readDpkgFileList(path: string, bytes: Uint8Array, wants: FileFilter): FileOwnership {
  const files = createOwnedPaths(path, wants);
  const [, base = '', form] = LIST_PATTERN.exec(path) ?? [];
  if (form === undefined) return files.collected();
  const owner = ownerOf(base);
  if (owner === undefined) files.skip('the file is not named after a package', 1);
  else addLines(bytes, form === 'md5sums', files);
  files.endPackage(owner);
  return files.collected();
}

const LIST_PATTERN = /\/([^/]+)\.(list|md5sums)$/;

/** A path stands behind 32 digits and two separators; md5sum writes an asterisk for a file that it reads as binary. */
const PATH_OFFSET = 34;
const SEPARATORS: ReadonlySet<string> = new Set(['  ', ' *']);

const DOT = 0x2e;
const SLASH = 0x2f;

function addLines(bytes: Uint8Array, hasDigests: boolean, files: OwnedPathsCollector): void {
  let line = 0;
  for (const text of textPieces(bytes, LIST_PIECE_BYTES)) {
    for (let at = 0; at < text.length; ) {
      line += 1;
      const lineFeed = text.indexOf('\n', at);
      const next = lineFeed === -1 ? text.length : lineFeed;
      const written = hasDigests ? at + PATH_OFFSET : at;
      if (written >= next || (hasDigests && !SEPARATORS.has(text.slice(written - 2, written)))) {
        files.skip(hasDigests ? 'a line has no digest and path' : 'a line is empty', line);
      } else {
        const end = text.charCodeAt(next - 1) === SLASH ? next - 1 : next;
        const start = pathStart(text, written, end);
        // Backwards by hand: lastIndexOf would not stop at the start of the line.
        let slash = end - 1;
        while (slash >= start && text.charCodeAt(slash) !== SLASH) slash -= 1;
        const directory = text.slice(start, Math.max(start, slash));
        if (start < end && !files.add(directory, text.slice(slash + 1, end), line)) return;
      }
      at = next + 1;
    }
  }
}

/** Passes over slashes and dots that mean the root, as dpkg does (lib/dpkg/path.c, path_skip_slash_dotslash). */
function pathStart(text: string, written: number, end: number): number {
  let start = written;
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
  return arch === undefined ? { name } : { name, arch };
}

/** Some distroless images have names in base64: `bGliYzY=` is libc6 (github.com/GoogleContainerTools/distroless/issues/787). */
function encodedName(written: string): string | undefined {
  const name = Buffer.from(written, 'base64').toString('latin1');
  return NAME_PATTERN.test(name) && Buffer.from(name).toString('base64') === written ? name : undefined;
}
