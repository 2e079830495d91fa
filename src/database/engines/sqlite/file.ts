import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ClairError } from '../../../errors.ts';

/** Writes to a file; tests replace the function to simulate a full disk. */
type WriteFile = (
  path: string,
  bytes: Uint8Array,
  options: { readonly flag: 'wx'; readonly mode: number },
) => Promise<void>;

/** The number of bytes that a check writes; a small transaction needs about as much space in the write-ahead log. */
const PROBE_BYTES = 64 * 1024;

/**
 * Returns a check of an opened file. The file must still exist, because connections to a removed or replaced file lose
 * their writes, and its directory must have space. The check writes to no table, because a commit would invalidate the
 * cached responses of all processes, and because an import may lock the database for minutes.
 *
 * The check throws ClairError `database/unavailable`, and the errors of the file system.
 */
export function sqliteFileCheck(path: string, write: WriteFile = writeFile): () => Promise<void> {
  const checkSame = sqliteSameFile(path);
  return async () => {
    await checkSame();
    const probe = join(dirname(path), `.${basename(path)}.${randomUUID()}.probe`);
    try {
      await write(probe, Buffer.alloc(PROBE_BYTES), { flag: 'wx', mode: 0o600 });
    } finally {
      await rm(probe, { force: true });
    }
  };
}

/**
 * Returns a check that the path still refers to the same file.
 *
 * The check throws ClairError `database/unavailable`.
 */
export function sqliteSameFile(path: string): () => Promise<void> {
  const opened = statSync(path);
  return async () => {
    const now = await stat(path).catch(() => undefined);
    if (now !== undefined && now.ino === opened.ino && now.dev === opened.dev) return;
    const what = now === undefined ? 'removed' : 'replaced by another file';
    const message = `the database ${path} was ${what} while this process was using it: restart the process`;
    throw new ClairError('database/unavailable', message);
  };
}
