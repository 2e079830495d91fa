import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { type Compression, decompress } from '../../bytes/compression.ts';
import { fileBytes, openRegularFile, unreadableFile } from '../../bytes/file-bytes.ts';
import { BLOCK_BYTES, isChecksumRight } from '../../bytes/tar/header.ts';
import { ClairError } from '../../errors.ts';
import { ACCEPTED_COMPRESSIONS, DocumentIntake, type DocumentOptions, type FeedDocument } from './document-intake.ts';
import { localPath } from '../../bytes/local-path.ts';
import { tarDocuments } from './archives/tar-documents.ts';
import { writeTemporaryFile } from './temporary-file.ts';
import { zipDocuments } from './archives/zip-documents.ts';

/**
 * Yields the documents of a local feed:
 *
 * - For a file, yields one document; the name of the file does not matter.
 * - For a tar or a zip, recognised by its bytes, yields the wanted files in the order of the archive.
 * - For a directory, yields the wanted files below the directory, by name, including files in archives (as
 *   `archive.zip/NAME`). Follows links to files inside the directory, but not links to directories.
 *
 * Archives and documents may be compressed with gzip, xz, zstd or bzip2. A compressed archive is unpacked to a
 * temporary file, which is removed when the iteration ends. Archives inside archives are treated as plain documents.
 *
 * @param from a path or a `file:` URL
 * @throws ClairError `bytes/…` during iteration and while a document is read; the abort reason of the signal.
 */
export async function* localDocuments(from: string, options: DocumentOptions = {}): AsyncGenerator<FeedDocument> {
  const path = localPath(from);
  const intake = new DocumentIntake(options);
  if (await isDirectory(path)) yield* directoryDocuments(await realpath(path), path, '', intake);
  else yield* fileDocuments(path, path, intake);
}

/**
 * Yields the documents of one file, as {@link localDocuments} does.
 *
 * @param below the name of the file in its directory; absent for a file that was named directly
 */
export async function* fileDocuments(
  path: string,
  where: string,
  intake: DocumentIntake,
  below?: string,
): AsyncGenerator<FeedDocument> {
  const small = await smallFile(path);
  const bytes = small === undefined ? (): ByteStream => fileBytes(path) : (): ByteStream => once(small);
  const { form, compression } = await recognise(bytes(), where, intake.signal);
  if (form === 'document') {
    const name = below ?? basename(path);
    if (below === undefined || intake.wants(name)) yield intake.document(name, where, bytes);
    return;
  }
  const documents = form === 'zip' ? zipDocuments : tarDocuments;
  const names = below === undefined ? '' : `${below}/`;
  if (compression === 'none') {
    yield* documents(path, where, names, intake);
    return;
  }
  const { stream } = await decompress(bytes(), { where, accept: ACCEPTED_COMPRESSIONS });
  const plain = await writeTemporaryFile(stream, where, intake.limits.maxArchiveBytes, intake.signal);
  try {
    yield* documents(plain.path, where, names, intake);
  } finally {
    await plain.remove();
  }
}

/** Files up to this size are read completely into memory. */
const SMALL_FILE_BYTES = 256 * 1024;

/**
 * Matches the names of archives. In a directory, archives are opened even if their own names are not wanted, because
 * they can contain wanted documents.
 */
const NAME_OF_ARCHIVE = /\.(?:zip|tar|tgz|tbz2?|txz|tar\.(?:gz|xz|zst|bz2))$/i;

/**
 * @param root the resolved path of the directory
 * @param below the current path in the directory
 */
async function* directoryDocuments(
  root: string,
  where: string,
  below: string,
  intake: DocumentIntake,
  depth: number = 1,
): AsyncGenerator<FeedDocument> {
  if (depth > intake.limits.maxDepth) {
    throw new ClairError('bytes/limit-exceeded', `${where} is more than ${intake.limits.maxDepth} directories deep`);
  }
  for (const entry of await entriesOf(join(root, below))) {
    intake.signal?.throwIfAborted();
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    const shown = join(where, entry.name);
    if (entry.isDirectory()) yield* directoryDocuments(root, shown, name, intake, depth + 1);
    else if (intake.wants(name) || NAME_OF_ARCHIVE.test(name)) {
      const path = entry.isSymbolicLink() ? await targetInside(root, name, shown) : join(root, name);
      if (path !== undefined) yield* fileDocuments(path, shown, intake, name);
    }
  }
}

type DirectoryEntry = {
  readonly name: string;
  readonly isDirectory: () => boolean;
  readonly isSymbolicLink: () => boolean;
};

/** Returns the entries of a directory, sorted by code units, which is independent of the locale. */
async function entriesOf(path: string): Promise<readonly DirectoryEntry[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw unreadableFile(error, path);
  }
}

/**
 * Returns the real path of a linked file; undefined for a link to a directory, because a directory below the root is
 * read at its real path.
 */
async function targetInside(root: string, name: string, where: string): Promise<string | undefined> {
  try {
    const path = await realpath(join(root, name));
    if (!path.startsWith(root + sep))
      throw new ClairError('bytes/unreachable', `${where} is a link that leads outside ${root}`);
    return (await stat(path)).isDirectory() ? undefined : path;
  } catch (error) {
    throw unreadableFile(error, where);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw unreadableFile(error, path);
  }
}

/**
 * Returns the bytes of a small file; undefined for a larger file. A directory can contain very many small files, and
 * each file is needed twice, to recognise its format and to parse it.
 */
async function smallFile(path: string): Promise<Buffer | undefined> {
  const file = await openRegularFile(path);
  try {
    return (await file.stat()).size > SMALL_FILE_BYTES ? undefined : await file.readFile();
  } catch (error) {
    throw unreadableFile(error, path);
  } finally {
    await file.close();
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

type Recognised = { readonly form: 'document' | 'tar' | 'zip'; readonly compression: Compression };

async function recognise(bytes: ByteStream, where: string, signal: AbortSignal | undefined): Promise<Recognised> {
  const options = { where, accept: ACCEPTED_COMPRESSIONS, ...(signal && { signal }) };
  const { compression, stream } = await decompress(bytes, options);
  let head = Buffer.alloc(0);
  for await (const chunk of stream) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= BLOCK_BYTES) break;
  }
  return { form: formOf(head), compression };
}

/**
 * Recognises a zip by a local file header or the end record of an empty archive (APPNOTE 4.3.7, 4.3.16), and a tar by a
 * valid header checksum.
 */
function formOf(head: Buffer): Recognised['form'] {
  const signature = head.toString('latin1', 0, 4);
  if (signature === 'PK\u0003\u0004' || signature === 'PK\u0005\u0006') return 'zip';
  return head.length >= BLOCK_BYTES && isChecksumRight(head, 0) ? 'tar' : 'document';
}
