import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { allBytes } from '../../../bytes/all-bytes.ts';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { type Compression, decompress } from '../../../bytes/compression.ts';
import { type FilePart, type FileRange, fileBytes } from '../../../bytes/file-bytes.ts';
import { walkTarFile } from '../../../bytes/tar/file.ts';
import { createTemporarySpace, type TemporarySpace } from '../../../bytes/temporary-space.ts';
import { ClairError } from '../../../errors.ts';
import type { ImageFiles } from '../image/image-files.ts';

const ACCEPTED: readonly Compression[] = ['none', 'gzip', 'xz', 'zstd', 'bzip2'];

/** An image archive contains a few files for each layer; the limit bounds the memory for names. */
const MAX_FILES = 100_000;

/** In old archives, a repeated layer is a link to its first copy, without chains of links. */
const MAX_LINK_HOPS = 8;

/**
 * Opens the files of an image in a tar archive. Reads only the headers of an uncompressed archive. A compressed archive
 * is first written to a temporary file, because the layers precede the manifest that orders them; closing the files
 * deletes the temporary file.
 *
 * @throws ClairError `bytes/…` when the archive cannot be read, `server/no-room`; the abort reason of `signal`.
 */
export async function openArchiveFiles(
  where: string,
  { signal, space = createTemporarySpace() }: OpenArchiveOptions = {},
): Promise<ImageFiles> {
  const options = { where, accept: ACCEPTED, ...(signal && { signal }) };
  const { compression, stream } = await decompress(fileBytes(where), options);
  if (compression === 'none') {
    // This call only closes the stream: `allBytes` stops at the first byte beyond the limit.
    await allBytes(stream, 0);
    return await indexArchive(where, where, async () => {}, signal);
  }
  return await openArchiveStream(stream, where, { signal, space });
}

/**
 * Opens the files of an image in an uncompressed tar archive, which is first written to a temporary file. Closing the
 * files deletes the temporary file; after an error, no file remains.
 *
 * @throws ClairError `bytes/…` when the archive cannot be read, `server/no-room`; errors of the stream; the abort
 * reason of `signal`.
 */
export async function openArchiveStream(
  stream: ByteStream,
  where: string,
  { signal, space = createTemporarySpace() }: OpenArchiveOptions = {},
): Promise<ImageFiles> {
  const folder = await mkdtemp(join(space.folder, 'clair-image-'));
  const close = async (): Promise<void> => await rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'image.tar');
    await pipeline(space.bounded(stream, where), createWriteStream(path, { mode: 0o600 }));
    return await indexArchive(where, path, close, signal);
  } catch (error) {
    await close();
    throw error;
  }
}

export type OpenArchiveOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly space?: TemporarySpace | undefined;
};

async function indexArchive(
  where: string,
  path: string,
  close: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<ImageFiles> {
  const places = new Map<string, FileRange>();
  const links = new Map<string, string>();
  await walkTarFile(
    path,
    {
      entry(entry, offset) {
        // If two members have the same name, the later member is used.
        places.delete(entry.path);
        links.delete(entry.path);
        if (entry.kind === 'file') places.set(entry.path, { start: offset, length: entry.size });
        if (entry.kind === 'hardlink') links.set(entry.path, entry.target);
        if (entry.kind === 'symlink') links.set(entry.path, linkTarget(entry.path, entry.target));
        return false;
      },
      content() {},
    },
    { where, limits: { maxEntries: MAX_FILES }, ...(signal && { signal }) },
  );
  const find = (name: string): FileRange | undefined => {
    let target = posix.normalize(name);
    for (let hops = 0; hops < MAX_LINK_HOPS && !places.has(target); hops += 1) target = links.get(target) ?? target;
    return places.get(target);
  };
  const part = (name: string): FilePart => {
    const range = find(name);
    if (range === undefined) throw new ClairError('image/unreadable', `${where} has no ${name}`);
    return { path, range };
  };
  return {
    where,
    has: (name) => find(name) !== undefined,
    open: (name) => fileBytes(path, part(name).range),
    part,
    close,
  };
}

/** Returns the target of a symbolic link, from the root of the archive; `..` at the root stays there. */
function linkTarget(path: string, target: string): string {
  return posix.resolve('/', posix.dirname(path), target).slice(1);
}
