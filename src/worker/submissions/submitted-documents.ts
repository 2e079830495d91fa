import { createHash, type Hash } from 'node:crypto';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import pLimit from 'p-limit';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { fileBytes } from '../../bytes/file-bytes.ts';
import type { TemporarySpace } from '../../bytes/temporary-space.ts';
import type { DocumentParts, SubmissionStore } from '../../database/contracts/submissions.ts';
import { ClairError } from '../../errors.ts';
import { digestOfHex } from '../../model/digest.ts';
import { createUploadSpool, type KeptUpload, type UploadBounds } from './upload-spool.ts';

/** Moves the bytes of submitted SBOMs into the database and out of the database. */
export type SubmittedDocuments = {
  /**
   * Receives an SBOM, and returns its bytes as the database stores them.
   *
   * @param name the name of the SBOM
   * @throws ClairError `sbom/invalid` for an empty SBOM; the errors of `UploadSpool.keep`
   */
  readonly receive: (bytes: ByteStream, name: string) => Promise<Pick<DocumentParts, 'digest' | 'parts'>>;
  /**
   * Writes the stored bytes of a submission to a file, which is kept until released.
   *
   * @throws ClairError `server/no-room`, `server/disk-full`, `database/…`
   */
  readonly restore: (store: Pick<SubmissionStore, 'part'>, submission: string) => Promise<KeptUpload>;
  readonly close: () => Promise<void>;
};

/**
 * The bounds of SBOMs that clients send; an SBOM that lists the files of a large image is about 100 MB, or 10 MB
 * compressed.
 */
const DOCUMENT_BOUNDS: Partial<UploadBounds> = { what: 'SBOM', maxBytes: 64 * 1024 ** 2, maxUploads: 32 };

/**
 * Stored SBOMs were checked against the bounds when they arrived, and the database may pause, so only the size is
 * bounded.
 */
const RESTORED_BOUNDS: Partial<UploadBounds> = {
  what: 'SBOM',
  maxUploads: Number.POSITIVE_INFINITY,
  rate: { bytes: 0, window: 60_000 },
};

/** The size in bytes at which a part ends, small enough for one message to a database. */
const PART_BYTES = 512 * 1024;

/** The maximum number of SBOMs in memory at once. */
const PACKED_AT_ONCE = 2;

/** Creates the store of SBOMs on disk, in the given space. */
export function createSubmittedDocuments(
  space?: TemporarySpace,
  bounds: Partial<UploadBounds> = {},
): SubmittedDocuments {
  const received = createUploadSpool(space, { ...DOCUMENT_BOUNDS, ...bounds });
  const restored = createUploadSpool(space, RESTORED_BOUNDS);
  const packing = pLimit(PACKED_AT_ONCE);
  return {
    async receive(bytes, name) {
      // The client may be slow, so the bytes are kept on disk and not in memory.
      const { path, release } = await received.keep(bytes, name);
      try {
        const stored = await packing(async () => await packed(fileBytes(path)));
        if (stored.digest === EMPTY) throw new ClairError('sbom/invalid', `${name} is empty`);
        return stored;
      } finally {
        await release();
      }
    },
    restore: async (store, submission) => await restored.keep(unpacked(store, submission), submission),
    async close() {
      await received.close();
      await restored.close();
    },
  };
}

const EMPTY = digestOfHex(createHash('sha256').digest('hex'));

async function packed(bytes: ByteStream): Promise<Pick<DocumentParts, 'digest' | 'parts'>> {
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [];
  let waiting: Uint8Array[] = [];
  let size = 0;
  const cut = (): void => {
    if (size > 0) parts.push(Buffer.concat(waiting));
    [waiting, size] = [[], 0];
  };
  for await (const chunk of through(hashed(bytes, hash), createGzip())) {
    waiting.push(chunk);
    size += chunk.length;
    if (size >= PART_BYTES) cut();
  }
  cut();
  return { digest: digestOfHex(hash.digest('hex')), parts };
}

function unpacked(store: Pick<SubmissionStore, 'part'>, submission: string): ByteStream {
  return through(partsOf(store, submission), createGunzip());
}

async function* partsOf(store: Pick<SubmissionStore, 'part'>, submission: string): AsyncGenerator<Uint8Array> {
  for (let number = 0; ; number += 1) {
    const part = await store.part(submission, number);
    if (part === undefined) return;
    yield part;
  }
}

async function* hashed(bytes: ByteStream, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Passes bytes through a transform; an error of either destroys both. */
function through(bytes: ByteStream, transform: Transform): ByteStream {
  // The reader of the transform receives the error.
  pipeline(Readable.from(bytes, { objectMode: false }), transform, () => undefined);
  return transform;
}
