import { createHash } from 'node:crypto';
import { ClairError } from '../../../../errors.ts';
import { type Digest, digestOfHex } from '../../../../model/digest.ts';
import type { Diagnostic } from '../../../../model/report/diagnostic.ts';
import type { FileFacts } from '../../detector.ts';
import type { FileFilter } from '../owned-paths.ts';
import { applyWriteAheadLog } from './apply-wal.ts';
import { parseWriteAheadLog } from './parse-wal.ts';
import { readRpmDatabase } from './read-database.ts';

export const WAL_SUFFIX = '-wal';

/**
 * Reads a write-ahead log by itself. A log with transactions gets a content digest, so that the log can be read
 * together with its database, and a diagnostic that applies until the log is read together with its database. A log
 * without transactions changes nothing; a damaged or too large log results only in a diagnostic.
 */
export function readWriteAheadLog(path: string, bytes: Uint8Array): FileFacts {
  const database = path.slice(0, -WAL_SUFFIX.length);
  try {
    if (parseWriteAheadLog(bytes) === undefined) return { diagnostics: [] };
  } catch (error) {
    if (!(error instanceof ClairError)) throw error;
    const message = `${path} cannot be read: ${error.message}; without this log, ${database} may be outdated`;
    return { diagnostics: [unreadable(path, message)] };
  }
  const message = `${path} has changes to ${database} that were not read`;
  return { content: digestOf(bytes), diagnostics: [unreadable(path, message)] };
}

/**
 * Reads a database by itself as {@link readRpmDatabase} does, and adds its content digest, except for an empty file,
 * where SQLite ignores the log.
 */
export function readLoggableDatabase(path: string, bytes: Uint8Array, wants?: FileFilter): FileFacts {
  const facts = readRpmDatabase(path, bytes, wants);
  return bytes.length === 0 ? facts : { ...facts, content: digestOf(bytes) };
}

/**
 * Reads a database together with its write-ahead log. If the log is damaged, too large or incomplete, or does not
 * belong to the database, reads the database alone and adds a diagnostic.
 */
export function readLoggedDatabase(path: string, bytes: Uint8Array, log: Uint8Array, wants?: FileFilter): FileFacts {
  let whole: Uint8Array;
  try {
    const parsed = parseWriteAheadLog(log);
    whole = parsed === undefined ? bytes : applyWriteAheadLog(bytes, log, parsed);
  } catch (error) {
    if (!(error instanceof ClairError)) throw error;
    const { diagnostics, ...alone } = readRpmDatabase(path, bytes, wants);
    const message = `${path} was read without its write-ahead log: ${error.message}`;
    return { ...alone, diagnostics: [...diagnostics, unreadable(path, message)] };
  }
  return readRpmDatabase(path, whole, wants);
}

function digestOf(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

function unreadable(path: string, message: string): Diagnostic {
  return { code: 'package-database-unreadable', message, where: path };
}
