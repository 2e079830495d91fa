import { MAX_FIELD_LENGTH } from '../database-diagnostics.ts';
import {
  createOwnedPaths,
  type FileFilter,
  type FileOwner,
  type FileOwnership,
  LIST_PIECE_BYTES,
  plainPath,
} from '../owned-paths.ts';
import { textOfBytes } from '../path-ends.ts';
import { bytePieces, lineAt } from '../text-pieces.ts';

/**
 * Reads which wanted files apk packages own, from apk's database: in a package's record, a line `F:` names a directory,
 * and each following line `R:` names a file in the directory (apk-tools, src/database.c, apk_db_fdb_read). A line of
 * fewer than two characters ends a record, as in {@link readApkInstalled}.
 *
 * Skips a file that is listed before any directory, and the files of a record that has no name or has a field that is
 * too long. Adds a diagnostic for skipped files.
 */
export function readApkFileLists(path: string, bytes: Uint8Array, wants: FileFilter): FileOwnership {
  const files = createOwnedPaths(path, wants);
  const { ends } = wants;
  const everyFile = recordLines('');
  const wantedFiles = ends === undefined ? everyFile : recordLines(ends.names);
  let fields: RecordFields = {};
  let directory: string | undefined;
  /** Whether a file in the directory may be wanted regardless of the end of its name. */
  let isAny = ends === undefined;
  let hasFiles = false;
  let isFull = false;
  /** The offset of the current line; the line number is computed only for diagnostics. */
  let place = 0;
  const line = (): number => lineAt(bytes, place);

  function endRecord(): void {
    const owner = ownerOf(fields);
    if (owner === undefined && hasFiles) files.skip((fields.name ?? '') === '' ? NAMELESS : TOO_LONG, line);
    files.endPackage(owner);
    fields = {};
    directory = undefined;
    hasFiles = false;
  }

  for (const { text: piece, start } of bytePieces(bytes, LIST_PIECE_BYTES)) {
    // The regular expression finds each line by the preceding line feed.
    const text = `\n${piece}`;
    for (let at = 0; at < text.length && !isFull; ) {
      const lines = isAny ? everyFile : wantedFiles;
      lines.lastIndex = at;
      // `test()` is faster than `exec()`, which spends a third of its time on lists of groups.
      if (!lines.test(text)) break;
      at = lines.lastIndex;
      const lineFeed = text.lastIndexOf('\n', at - 1);
      place = start + lineFeed;
      const written = text.slice(lineFeed + 1, text[at - 1] === '\r' ? at - 1 : at);
      const field = written[0];
      const value = textOfBytes(written.slice(2));
      if (written.length < 2) endRecord();
      else if (field === 'R') {
        hasFiles = true;
        if (directory === undefined) files.skip('a file is listed before its directory', line);
        else isFull = !files.add(plainPath(directory), value, line);
      } else if (field === 'F') {
        directory = value;
        isAny = ends === undefined || value.endsWith('/') || ends.mayHoldAny(value);
      } else if (field === 'P') fields = { name: value.trim(), ...fields };
      else if (field === 'V') fields = { version: value.trim(), ...fields };
      else fields = { arch: value.trim(), ...fields };
    }
    if (isFull) break;
  }
  endRecord();
  return files.collected();
}

/** The first value of each field; the package reader skips a record that repeats a field. */
type RecordFields = { readonly name?: string; readonly version?: string; readonly arch?: string };

const NAMELESS = 'an entry has files, but no name';
const TOO_LONG = `the name, version or architecture of an entry is longer than ${MAX_FIELD_LENGTH} characters`;

function ownerOf({ name = '', version = '', arch = '' }: RecordFields): FileOwner | undefined {
  if (name === '' || [name, version, arch].some(({ length }) => length > MAX_FIELD_LENGTH)) return undefined;
  return { type: 'apk', name, ...(version !== '' && { version }), ...(arch !== '' && { arch }) };
}

/**
 * Matches the lines to read, each with the preceding line feed: fields, files with names ending in `names`, and lines
 * of fewer than two characters.
 */
function recordLines(names: string): RegExp {
  return new RegExp(`\\n(?:[FPVA]:[^\\n]*|R:[^\\n]*${names}\\r?(?=\\n)|[^\\n]?\\r?(?=\\n))`, 'g');
}
