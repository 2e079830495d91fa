import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';
import { openRegularFile, unreadableFile } from '../../../bytes/file-bytes.ts';
import { ClairError } from '../../../errors.ts';
import type { PathPattern } from '../../detectors/path-pattern.ts';
import { LAYER_LIMITS, type LayerLimits } from '../../layer/limits.ts';
import { type RootfsMember, rootfsMembers } from './rootfs-members.ts';

export type RootfsTarOptions = {
  readonly wants: readonly PathPattern[];
  /** Defaults to the limits of a layer. */
  readonly limits?: Partial<RootfsLimits>;
  readonly signal?: AbortSignal;
};

export type RootfsLimits = Pick<LayerLimits, 'maxWantedFiles' | 'maxFileBytes' | 'maxWantedBytes'>;

/**
 * Writes the `rootfsMembers()` of the directory `root` as a layer tar. Omits times, owners and modes, so that equal
 * files produce equal bytes; members other than files, directories and links become pipes.
 *
 * @throws ClairError `bytes/unreachable` for inaccessible files, `bytes/not-found`, `bytes/truncated` and
 * `bytes/corrupt` for files that change while they are read, `bytes/limit-exceeded`; the abort reason of `signal`.
 */
export async function* rootfsTar(root: string, options: RootfsTarOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const archive = pack();
  const failures: unknown[] = [];
  const written = writeMembers(archive, root, options).catch((error: unknown) => {
    failures.push(error);
    archive.destroy();
  });
  try {
    // The types of tar-stream allow other chunks, which never occur.
    for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    // The first failure, which destroyed the archive, is more helpful than this failure.
    failures.push(error);
  } finally {
    archive.destroy();
    await written;
  }
  if (failures.length > 0) throw failures[0];
}

async function writeMembers(archive: Pack, root: string, options: RootfsTarOptions): Promise<void> {
  const { wants, signal } = options;
  const limits: RootfsLimits = { ...LAYER_LIMITS, ...options.limits };
  let bytes = 0;
  const bounds = { maxMembers: limits.maxWantedFiles, ...(signal && { signal }) };
  for await (const member of rootfsMembers(root, wants, bounds)) {
    signal?.throwIfAborted();
    if (member.kind === 'file' && member.isFixed) {
      bytes += await writeFile(archive, root, member.path, limits, limits.maxWantedBytes - bytes);
    } else if (member.kind === 'file') {
      // The file is written whole; the layer reader rejects a file that is too big and reads the other files.
      await writeFile(archive, root, member.path, UNBOUNDED, Number.POSITIVE_INFINITY);
    } else await writeEmpty(archive, headerOf(member));
  }
  archive.finalize();
}

/** Writes one file, and returns its size, which is at most `room`. */
async function writeFile(
  archive: Pack,
  root: string,
  path: string,
  { maxFileBytes, maxWantedBytes }: RootfsLimits,
  room: number,
): Promise<number> {
  const place = `${root}/${path}`;
  const file = await openRegularFile(place, 'refuse');
  try {
    const { size } = await file.stat();
    if (size > maxFileBytes) throw tooLarge(`${place} is larger than ${maxFileBytes} bytes`);
    if (size > room) throw tooLarge(`${root}: the files to read exceed ${maxWantedBytes} bytes`);
    await pipeline(contentOf(file, place, size), archive.entry({ ...BARE, name: path, type: 'file', size }));
    return size;
  } finally {
    await file.close();
  }
}

/** Yields the bytes of a file, which must match the stated size, because a tar header precedes them. */
async function* contentOf(file: FileHandle, place: string, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  try {
    for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) {
      bytes += chunk.length;
      if (bytes > size)
        throw new ClairError('bytes/corrupt', `${place} is larger than its stated size of ${size} bytes`);
      yield chunk;
    }
  } catch (error) {
    throw unreadableFile(error, place);
  }
  if (bytes < size) throw new ClairError('bytes/truncated', `${place} shrank while it was being read`);
}

async function writeEmpty(archive: Pack, header: TarHeader): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    archive.entry(header, (error) => (error ? reject(error) : resolve()));
  });
}

/** The limits for files that are wanted in any directory: none, because the layer reader limits these files. */
const UNBOUNDED: RootfsLimits = {
  maxWantedFiles: Number.POSITIVE_INFINITY,
  maxFileBytes: Number.POSITIVE_INFINITY,
  maxWantedBytes: Number.POSITIVE_INFINITY,
};

type TarHeader = Partial<Header> & Pick<Header, 'name'>;

/** tar-stream would use the current time by default. */
const BARE = { mode: 0o644, mtime: new Date(0) };

function headerOf(member: RootfsMember): TarHeader {
  const header = { ...BARE, name: member.path };
  if (member.kind === 'symlink') return { ...header, type: 'symlink', linkname: member.target };
  return { ...header, type: member.kind === 'directory' ? 'directory' : 'fifo' };
}

function tooLarge(message: string): ClairError {
  return new ClairError('bytes/limit-exceeded', message);
}
