import { randomUUID } from 'node:crypto';
import { type FileHandle, lstat, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { ClairError } from '../../errors.ts';

/**
 * Writes a file completely or not at all. Writes and syncs a part file in the same directory, then renames the part
 * file. If the path is a link, replaces the target of the link. Returns the number of bytes.
 *
 * @throws ClairError `export/unwritable`; the errors of `bytes`. Removes the part file after an error.
 */
export async function replaceFile(path: string, bytes: ByteStream): Promise<number> {
  const target = await targetOf(path);
  const folder = dirname(target);
  await removeLeftParts(folder, basename(target));
  const part = join(folder, `.${basename(target)}.${randomUUID()}.part`);
  const file = await writing(path, () => open(part, 'wx'));
  try {
    const size = await fill(file, bytes, path);
    await writing(path, () => rename(part, target));
    await writing(path, () => syncFolder(folder));
    return size;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** The time without a write, in milliseconds, after which the process of a part file counts as dead. */
const PART_AGE_MS = 15 * 60 * 1000;

/**
 * Removes the part files of a file that dead processes left in its folder. Keeps files that cannot be removed, such as
 * the files of another user in `/tmp`, because they do not prevent the creation of the new file.
 */
export async function removeLeftParts(folder: string, name: string): Promise<void> {
  for (const entry of await readdir(folder).catch(() => [])) {
    if (!entry.startsWith(`.${name}.`) || !PART.test(entry.slice(name.length + 2))) continue;
    const path = join(folder, entry);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs <= PART_AGE_MS) continue;
    await rm(path, { force: true }).catch(() => undefined);
  }
}

const PART = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part(?:-(?:wal|shm|journal))?$/;

/** Returns the path without links. Accepts only regular files, because a rename would replace a pipe or a device. */
async function targetOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return path;
  if (!found.isFile()) throw new ClairError('export/unwritable', `${path} is not a regular file`);
  return await writing(path, () => realpath(path));
}

async function fill(file: FileHandle, bytes: ByteStream, path: string): Promise<number> {
  let written: Promise<void> = Promise.resolve();
  try {
    let size = 0;
    for await (const chunk of bytes) {
      await written;
      // `writeFile` appends the whole chunk at the current position; `bytes` creates the next chunk in the meantime.
      written = writing(path, () => file.writeFile(chunk));
      // The next `await` throws the error.
      written.catch(() => undefined);
      size += chunk.length;
    }
    await written;
    await writing(path, () => file.sync());
    return size;
  } finally {
    await written.catch(() => undefined);
    await file.close();
  }
}

/** Syncs a directory, because a rename is durable only after the directory is synced (fsync(2)). */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Runs a task that writes a file. @throws ClairError `export/unwritable` for any error of the task */
export async function writing<T>(path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClairError('export/unwritable', `cannot write ${path}: ${reason}`, { cause: error });
  }
}
