import { inflateRawSync } from 'node:zlib';
import crc32 from 'crc-32';
import type { Entry } from 'yauzl';
import { bounded } from '../../../bytes/compression-bounds.ts';
import { asClairError, ClairError } from '../../../errors.ts';
import { createTurns } from '../../../threads/turns.ts';
import type { DocumentIntake, FeedDocument } from '../document-intake.ts';
import { type OpenZipFile, openZipFile } from './zip-file.ts';

/**
 * Yields the wanted files of a zip archive (PKWARE APPNOTE; Zip64, stored and deflated) in the order of its central
 * directory. Verifies sizes and checksums.
 *
 * @param below the prefix of the document names
 * @throws ClairError `bytes/corrupt`, also for encrypted files and for names that lead out of the archive, and
 * `bytes/limit-exceeded`, immediately or while a document is read
 */
export async function* zipDocuments(
  path: string,
  where: string,
  below: string,
  intake: DocumentIntake,
): AsyncGenerator<FeedDocument> {
  const opened = await open(path, where);
  const { zip } = opened;
  try {
    if (zip.entryCount > intake.limits.maxDocuments) {
      throw new ClairError('bytes/limit-exceeded', `${where}: more than ${intake.limits.maxDocuments} files`);
    }
    const entries = zip.eachEntry();
    const turns = createTurns();
    for (let entry = await next(entries, where); entry !== undefined; entry = await next(entries, where)) {
      const file = entry;
      const name = `${below}${file.fileName}`;
      if (name.endsWith('/') || !intake.wants(name)) continue;
      const shown = `${file.fileName} in ${where}`;
      if (turns.areDue()) await turns.take();
      yield intake.document(name, shown, () => fileOf(opened, file, shown, intake));
    }
  } finally {
    zip.close();
  }
}

async function open(path: string, where: string): Promise<OpenZipFile> {
  try {
    return await openZipFile(path);
  } catch (error) {
    throw asClairError(error, 'bytes/corrupt', `${where} is not a complete zip archive`);
  }
}

async function next(entries: AsyncIterator<Entry>, where: string): Promise<Entry | undefined> {
  try {
    const result = await entries.next();
    return result.done === true ? undefined : result.value;
  } catch (error) {
    throw asClairError(error, 'bytes/corrupt', `the directory of ${where} is damaged`);
  }
}

/** Yields the bytes of a file and verifies the checksum, because yauzl verifies only the size. */
async function* fileOf(
  zip: OpenZipFile,
  entry: Entry,
  where: string,
  { expansion, signal }: DocumentIntake,
): AsyncGenerator<Uint8Array> {
  const input = { bytes: entry.compressedSize };
  let checksum = 0;
  for await (const chunk of bounded(inflated(zip, entry, where), input, where, expansion, signal)) {
    checksum = crc32.buf(chunk, checksum);
    yield chunk;
  }
  // `checksum` is a signed number, so convert it to an unsigned number.
  if (checksum >>> 0 !== entry.crc32) throw new ClairError('bytes/corrupt', `${where}: wrong checksum`);
}

async function* inflated({ zip, stored }: OpenZipFile, entry: Entry, where: string): AsyncGenerator<Uint8Array> {
  try {
    if (isSmall(entry)) yield inflatedWhole(await stored(entry), entry.uncompressedSize);
    else yield* await zip.openReadStreamPromise(entry);
  } catch (error) {
    throw asClairError(error, 'bytes/corrupt', `${where} cannot be read`);
  }
}

function inflatedWhole(stored: Buffer, size: number): Buffer {
  try {
    const bytes = inflateRawSync(stored, { maxOutputLength: size });
    if (bytes.length === size) return bytes;
    throw new Error(`${bytes.length} bytes instead of ${size}`);
  } catch (error) {
    const isLarger = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw isLarger ? new Error(`more than the stated ${size} bytes`, { cause: error }) : error;
  }
}

/**
 * Returns whether an entry is inflated in one call. Feeds in zip archives have hundreds of thousands of documents of a
 * few kilobytes, and a stream for each of them takes longer than the rest of the import.
 */
function isSmall(entry: Entry): boolean {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  const isWithin = Math.max(compressedSize, uncompressedSize) <= SMALL_BYTES;
  return compressionMethod === DEFLATED && isWithin && uncompressedSize > 0 && !entry.isEncrypted();
}

/** APPNOTE section 4.4.5. */
const DEFLATED = 8;

const SMALL_BYTES = 256 * 1024;
