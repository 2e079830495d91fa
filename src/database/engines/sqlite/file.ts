import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ClairError } from '../../../errors.ts';

/** Writes a new file; that of Node, but for tests of what a full disk does. */
type WriteFile = (
  path: string,
  bytes: Uint8Array,
  options: { readonly flag: 'wx'; readonly mode: number },
) => Promise<void>;

/** As much as the smallest transaction may need of the write-ahead log. */
const PROBE_BYTES = 64 * 1024;

/**
 * Makes a check of the file that was just opened at a path: it must still be there, since connections go on with a file that
 * was removed or replaced and what they write is lost; and beside it there must be room to write. No table is written to:
 * each commit would make all processes forget their cached answers, and an import may hold the database for minutes.
 *
 * The check throws ClairError `database/unavailable`, and what the file system throws.
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
 * Creates the check that the file at a path is still the one that was there when the check was created.
 *
 * The check throws ClairError `database/unavailable`.
 */
export function sqliteSameFile(path: string): () => Promise<void> {
  const opened = statSync(path);
  return async () => {
    const now = await stat(path).catch(() => undefined);
    if (now !== undefined && now.ino === opened.ino && now.dev === opened.dev) return;
    const what = now === undefined ? 'removed' : 'replaced by another file';
    const message = `the database ${path} was ${what} while this process uses it: restart the process`;
    throw new ClairError('database/unavailable', message);
  };
}
