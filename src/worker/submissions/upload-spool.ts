import { randomUUID } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LeastProgress } from '../../bytes/http/progress.ts';
import { atLeast } from '../../bytes/minimum-rate.ts';
import { createTemporarySpace, type TemporarySpace } from '../../bytes/temporary-space.ts';
import { asClairError, ClairError, isDiskFull } from '../../errors.ts';

/** Uploaded files, on disk until they are released. */
export type UploadSpool = {
  /**
   * Writes an upload to a separate file, which is kept until released.
   *
   * @param name the name of the archive or SBOM
   * @throws ClairError `submission/queue-full` while too many uploads are kept, `submission/too-large`,
   * `submission/upload-slow`, `submission/upload-broken` when the client disconnects, `server/no-room`,
   * `server/disk-full`.
   */
  readonly keep: (bytes: AsyncIterable<Uint8Array>, name: string) => Promise<KeptUpload>;
  readonly close: () => Promise<void>;
};

export type KeptUpload = { readonly path: string; readonly release: () => Promise<void> };

export type UploadBounds = {
  /** The kind of upload, for messages: archive, SBOM, layer. */
  readonly what: string;
  readonly maxBytes: number;
  /** The maximum number of uploads being sent, queued or read. */
  readonly maxUploads: number;
  readonly rate: LeastProgress;
};

const DEFAULT_BOUNDS: UploadBounds = {
  what: 'archive',
  maxBytes: 4 * 1024 ** 3,
  maxUploads: 32,
  rate: { bytes: 64 * 1024, window: 5000 },
};

/** The retry delay for a client when the spool is full, in milliseconds. */
const RETRY_AFTER_MS = 2000;

/**
 * Creates a spool; its folder is created with the first upload.
 *
 * @param space the parent folder and its size limit
 */
export function createUploadSpool(
  space: TemporarySpace = createTemporarySpace(),
  bounds: Partial<UploadBounds> = {},
): UploadSpool {
  const { what, maxBytes, maxUploads, rate } = { ...DEFAULT_BOUNDS, ...bounds };
  let made: Promise<string> | undefined;
  let kept = 0;

  async function write(bytes: AsyncIterable<Uint8Array>, name: string): Promise<string> {
    // After a failure, the next upload creates the folder again.
    const folder = await (made ??= mkdtemp(join(space.folder, 'clair-uploads-')).catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
    const path = join(folder, randomUUID());
    // The file is opened before the stream is created, because a stream opens its file later, perhaps after a failed
    // upload has removed the file. Other users of the machine cannot read the file.
    const file = await open(path, 'wx', 0o600);
    try {
      const sent = atLeast(bounded(bytes, maxBytes, what), rate, { code: 'submission/upload-slow', where: name });
      await pipeline(space.bounded(sent, name), file.createWriteStream());
      return path;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  return {
    async keep(bytes, name) {
      if (kept >= maxUploads) {
        const message = `${maxUploads} ${what}s are already waiting on this instance`;
        throw new ClairError('submission/queue-full', message, { retryAfter: RETRY_AFTER_MS });
      }
      kept += 1;
      try {
        const path = await write(bytes, name);
        return {
          path,
          async release() {
            kept -= 1;
            await rm(path, { force: true });
          },
        };
      } catch (error) {
        kept -= 1;
        if (isDiskFull(error)) {
          throw new ClairError('server/disk-full', 'the disk for temporary files is full', { cause: error });
        }
        throw asClairError(error, 'submission/upload-broken', `the ${what} was not received completely`);
      }
    },
    async close() {
      if (made !== undefined) await rm(await made, { recursive: true, force: true });
    },
  };
}

async function* bounded(bytes: AsyncIterable<Uint8Array>, maxBytes: number, what: string): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of bytes) {
    sum += chunk.length;
    if (sum > maxBytes) throw new ClairError('submission/too-large', `the ${what} exceeds ${maxBytes} bytes`);
    yield chunk;
  }
}
