import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, link, mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decompress } from '../../bytes/compression.ts';
import { fileBytes } from '../../bytes/file-bytes.ts';
import { checkBaseFile, sqliteSchemaVersion } from '../../database/engines/sqlite/base-file.ts';
import { removeLeftParts, writing } from '../exchange/replaced-file.ts';
import { invalid, type PublishedBase } from './artifact-config.ts';
import { type Artifact, downloadLayer } from './artifact-reader.ts';
import type { ArtifactPlace } from './artifact-registry.ts';

/**
 * Creates an SQLite database from the file of a published database, unless the database exists. Downloads, verifies and
 * unpacks the file beside the database, then links the file to the name of the database, so that the database appears
 * complete or not at all. Returns whether the database was created. The caller must pull the feeds in either case.
 *
 * @throws ClairError `artifact/invalid`, `database/unavailable` for a file that is not a database, `export/unwritable`,
 * `registry/…`, `bytes/…`; the abort reason of the signal
 */
export async function placeBase(
  path: string,
  place: ArtifactPlace,
  { config }: Artifact,
  options: { readonly signal: AbortSignal; readonly received?: (bytes: number) => void },
): Promise<boolean> {
  const { base } = config;
  const folder = dirname(path);
  // Also if the database exists, because the next pull after a kill often starts before the part file counts as left.
  await removeLeftParts(folder, basename(path));
  // Skip a file with another schema, because a migration would run on unchecked tables. Pulling the feeds stores the
  // same data.
  if (base === undefined || base.schema !== sqliteSchemaVersion() || (await isTaken(path))) return false;
  const file = await downloadLayer(place, base, options);
  const part = join(folder, `.${basename(path)}.${randomUUID()}.part`);
  try {
    await writing(path, async () => await mkdir(folder, { recursive: true }));
    await unpack(file.path, part, base, { where: place.where, signal: options.signal });
    await checkBaseFile(part);
    return await writing(path, async () => await linked(part, path, folder));
  } finally {
    await file.remove();
    for (const end of ['', '-wal', '-shm', '-journal']) await rm(`${part}${end}`, { force: true });
  }
}

/**
 * Returns whether a file of a database exists. Includes logs, because SQLite would apply the write-ahead log of a
 * removed database to a new database with the same name.
 */
async function isTaken(path: string): Promise<boolean> {
  for (const end of ['', '-wal', '-shm', '-journal']) {
    const isThere = await access(`${path}${end}`, constants.F_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
  }
  return false;
}

async function unpack(
  from: string,
  part: string,
  { bytes, digest }: PublishedBase,
  { where, signal }: { readonly where: string; readonly signal: AbortSignal },
): Promise<void> {
  const limits = { maxUncompressedBytes: bytes };
  const { stream } = await decompress(fileBytes(from), { where: digest, accept: ['zstd'], limits, signal });
  const file = await writing(part, async () => await open(part, 'wx', 0o600));
  try {
    let size = 0;
    for await (const chunk of stream) {
      await writing(part, async () => await file.writeFile(chunk));
      size += chunk.length;
    }
    if (size !== bytes) throw invalid(where, `the SQLite file is ${size} bytes instead of ${bytes}`);
    await writing(part, async () => await file.sync());
  } finally {
    await file.close();
  }
}

/**
 * Links instead of renaming, because a rename would replace a database that another process has created in the
 * meantime.
 */
async function linked(part: string, path: string, folder: string): Promise<boolean> {
  try {
    await link(part, path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return true;
}
