import { MAX_FIELD_LENGTH } from '../database-diagnostics.ts';
import {
  createOwnedPaths,
  type FileFilter,
  type FileOwner,
  type FileOwnership,
  LIST_PIECE_BYTES,
  plainPath,
} from '../owned-paths.ts';
import { textPieces } from '../text-pieces.ts';

/**
 * Reads which wanted files the packages of apk own, from its database: in the record of a package, a line `F:` names a
 * directory, and each line `R:` behind it a file in that directory (apk-tools, src/database.c, apk_db_fdb_read). A line of
 * less than two characters ends a record, as in {@link readApkInstalled}.
 *
 * A record without a name and a file without a directory cost themselves and a diagnostic.
 */
export function readApkFileLists(path: string, bytes: Uint8Array, wants: FileFilter): FileOwnership {
  const files = createOwnedPaths(path, wants);
  let fields: RecordFields = {};
  let directory: string | undefined;
  let hasFiles = false;
  let isFull = false;
  let line = 0;

  function endRecord(): void {
    const owner = ownerOf(fields);
    if (owner === undefined && hasFiles)
      files.skip('a record with files has no name, or a name that is too long', line);
    files.endPackage(owner);
    fields = {};
    directory = undefined;
    hasFiles = false;
  }

  for (const text of textPieces(bytes, LIST_PIECE_BYTES)) {
    if (isFull) break;
    for (let at = 0; at < text.length && !isFull; ) {
      line += 1;
      const lineFeed = text.indexOf('\n', at);
      const next = lineFeed === -1 ? text.length : lineFeed;
      const end = next > at && text.charCodeAt(next - 1) === CARRIAGE_RETURN ? next - 1 : next;
      if (end - at < MIN_LINE_LENGTH) endRecord();
      else if (text.charCodeAt(at + 1) === COLON) {
        const field = text.charAt(at);
        const value = at + MIN_LINE_LENGTH;
        if (field === 'R') {
          hasFiles = true;
          if (directory === undefined) files.skip('a file comes before its directory', line);
          else isFull = !files.add(directory, text.slice(value, end), line);
        } else if (field === 'F') directory = plainPath(text.slice(value, end));
        else if (field === 'P') fields = { name: text.slice(value, end).trim(), ...fields };
        else if (field === 'A') fields = { arch: text.slice(value, end).trim(), ...fields };
      }
      at = next + 1;
    }
  }
  endRecord();
  return files.collected();
}

/** The first value of each field; a record that repeats one is skipped by the reader of packages. */
type RecordFields = { readonly name?: string; readonly arch?: string };

function ownerOf({ name = '', arch = '' }: RecordFields): FileOwner | undefined {
  if (name === '' || name.length > MAX_FIELD_LENGTH || arch.length > MAX_FIELD_LENGTH) return undefined;
  return { name, ...(arch !== '' && { arch }) };
}

/** A letter and a colon. */
const MIN_LINE_LENGTH = 2;

const CARRIAGE_RETURN = 0x0d;
const COLON = 0x3a;
