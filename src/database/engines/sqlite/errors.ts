import Database from 'better-sqlite3';
import { ClairError, missingNativeCode } from '../../../errors.ts';

/** Result codes for failures of the database instead of a statement (sqlite.org/rescode.html). */
const UNAVAILABLE =
  /^SQLITE_(BUSY|LOCKED|CANTOPEN|NOTADB|CORRUPT|FULL|IOERR|READONLY|PERM|AUTH|NOMEM|PROTOCOL|SCHEMA|MISUSE)/;

/**
 * Runs a task and converts failures of the database.
 *
 * @param path undefined for the in-memory database
 * @throws ClairError `database/unavailable`, `installation/incomplete`; otherwise the errors of the task
 */
export async function explained<T>(path: string | undefined, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof ClairError) throw error;
    if (isMissingLibrary(error)) throw missingNativeCode('better-sqlite3', error);
    const where = path === undefined ? 'the in-memory database' : `the database ${path}`;
    if (error instanceof Database.SqliteError && UNAVAILABLE.test(error.code)) {
      throw new ClairError('database/unavailable', `${where} is unavailable: ${error.message}`, { cause: error });
    }
    if (isSystemError(error)) {
      throw new ClairError('database/unavailable', `cannot open ${where}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** Returns whether an error comes from the file system, or is a TypeError of better-sqlite3 for an invalid path. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && ('syscall' in error || /directory does not exist|not open/.test(error.message));
}

/** Returns whether the native code of better-sqlite3 is absent or of another Node release; see the library `bindings`. */
function isMissingLibrary(error: unknown): boolean {
  return error instanceof Error && ('tries' in error || ('code' in error && error.code === 'ERR_DLOPEN_FAILED'));
}
