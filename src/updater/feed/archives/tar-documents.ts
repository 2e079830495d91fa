import type { FileHandle } from 'node:fs/promises';
import { type FileRange, fileBytes, openRegularFile, unreadableFile } from '../../../bytes/file-bytes.ts';
import { walkTarFile } from '../../../bytes/tar/file.ts';
import { ClairError } from '../../../errors.ts';
import type { DocumentIntake, FeedDocument } from '../document-intake.ts';
import { countOf } from '../../../model/counted-noun.ts';

/**
 * Yields the wanted files of an uncompressed tar archive in the order of the archive. If two files have the same name,
 * yields the later file. Skips links, because their targets are documents themselves.
 *
 * @param below the prefix of the document names
 * @throws ClairError the errors of `walkTarFile()` and `fileBytes()`, immediately or while a document is read;
 * `bytes/truncated`, even for an archive that is truncated between two files, `bytes/corrupt` for names that lead out
 * of the archive.
 */
export async function* tarDocuments(
  path: string,
  where: string,
  below: string,
  intake: DocumentIntake,
): AsyncGenerator<FeedDocument> {
  const places = new Map<string, FileRange>();
  const { outside, isEnded } = await walkTarFile(
    path,
    {
      entry(entry, offset) {
        const name = `${below}${entry.path}`;
        places.delete(name);
        if (entry.kind === 'file' && intake.wants(name)) places.set(name, { start: offset, length: entry.size });
        return false;
      },
      content() {},
    },
    { where, limits: { maxEntries: intake.limits.maxDocuments }, ...(intake.signal && { signal: intake.signal }) },
  );
  if (outside > 0) throw new ClairError('bytes/corrupt', `${where} has ${countOf(outside, 'member')} outside its root`);
  if (!isEnded) throw new ClairError('bytes/truncated', `${where} ends without end-of-archive blocks`);
  const file = await openRegularFile(path);
  try {
    for (const [name, place] of places) {
      const shown = `${name.slice(below.length)} in ${where}`;
      const isSmall = place.length <= SMALL_MEMBER_BYTES;
      yield intake.document(name, shown, () => (isSmall ? smallMember(file, place, shown) : fileBytes(path, place)));
    }
  } finally {
    await file.close();
  }
}

/** Members up to this size are read completely into memory, because a feed may have very many small members. */
const SMALL_MEMBER_BYTES = 256 * 1024;

async function* smallMember(file: FileHandle, place: FileRange, where: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.allocUnsafe(place.length);
  const { bytesRead } = await file.read(bytes, 0, place.length, place.start).catch((error: unknown) => {
    throw unreadableFile(error, where);
  });
  if (bytesRead < place.length) throw new ClairError('bytes/truncated', `${where} is truncated`);
  yield bytes;
}
