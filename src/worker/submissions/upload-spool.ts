import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { asClairError, ClairError } from '../../errors.ts';

/** Archives that were sent here, on the disk until they are read. */
export type UploadSpool = {
  /**
   * Writes an archive to a file of its own, which is there until it is released.
   *
   * @throws ClairError `submission/queue-full` while too many are kept, `submission/too-large`, `submission/upload-broken` when
   * the client or the disk fails.
   */
  readonly keep: (bytes: AsyncIterable<Uint8Array>) => Promise<KeptUpload>;
  /** Removes all that is still there. */
  readonly close: () => Promise<void>;
};

export type KeptUpload = { readonly path: string; readonly release: () => Promise<void> };

export type UploadBounds = {
  /** The largest archive, in bytes. */
  readonly maxBytes: number;
  /** How many are kept at a time: those that are sent, wait, or are read. */
  readonly maxUploads: number;
};

const DEFAULT_BOUNDS: UploadBounds = { maxBytes: 4 * 1024 ** 3, maxUploads: 4 };

/**
 * Makes a spool in a new folder, which is made when the first archive comes.
 *
 * @param parent the folder to make it in
 */
export function createUploadSpool(parent: string, bounds: Partial<UploadBounds> = {}): UploadSpool {
  const { maxBytes, maxUploads } = { ...DEFAULT_BOUNDS, ...bounds };
  let made: Promise<string> | undefined;
  let kept = 0;

  async function write(bytes: AsyncIterable<Uint8Array>): Promise<string> {
    // One that cannot be made now may be made for the next archive.
    const folder = await (made ??= mkdtemp(join(parent, 'clair-uploads-')).catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
    const path = join(folder, randomUUID());
    try {
      // Whoever else has an account on the machine is not to read it.
      await pipeline(bounded(bytes, maxBytes), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
      return path;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  return {
    async keep(bytes) {
      if (kept >= maxUploads) {
        throw new ClairError('submission/queue-full', `${maxUploads} archives wait here already`);
      }
      kept += 1;
      try {
        const path = await write(bytes);
        return {
          path,
          async release() {
            kept -= 1;
            await rm(path, { force: true });
          },
        };
      } catch (error) {
        kept -= 1;
        throw asClairError(error, 'submission/upload-broken', 'the archive did not arrive whole');
      }
    },
    async close() {
      if (made !== undefined) await rm(await made, { recursive: true, force: true });
    },
  };
}

async function* bounded(bytes: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of bytes) {
    sum += chunk.length;
    if (sum > maxBytes) throw new ClairError('submission/too-large', `an archive may have ${maxBytes} bytes`);
    yield chunk;
  }
}
