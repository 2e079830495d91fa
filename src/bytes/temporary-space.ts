import { lstat, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClairError } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';

export type TemporarySpace = {
  readonly folder: string;
  /**
   * Passes bytes through while the caller writes them below the folder, and fails if the folder is full.
   *
   * @param where the name of the data in messages
   * @throws ClairError `bytes/limit-exceeded` for more bytes than the limit; `server/no-room` while other files occupy
   *   the space; errors of `bytes`
   */
  readonly bounded: (bytes: ByteStream, where: string) => ByteStream;
};

/** The number of bytes between two measurements. */
const MEASURED_EACH_BYTES = 8 * 1024 * 1024;

/** The retry delay for clients. */
const RETRY_AFTER_MS = 10_000;

/**
 * Creates a limit for the total size of the files below a folder. Measures the folder itself, so that the size includes
 * the files of all threads and of feed updates. Each concurrent writer can exceed the limit by up to 8 MiB.
 *
 * @param folder the folder; by default, the system's folder for temporary files
 * @param maxBytes the limit in bytes; no limit when absent
 */
export function createTemporarySpace({
  folder = tmpdir(),
  maxBytes = Number.POSITIVE_INFINITY,
}: {
  readonly folder?: string;
  readonly maxBytes?: number | undefined;
} = {}): TemporarySpace {
  if (maxBytes === Number.POSITIVE_INFINITY) return { folder, bounded: (bytes) => bytes };
  return {
    folder,
    async *bounded(bytes, where) {
      let passed = 0;
      let measuredAt = Number.NEGATIVE_INFINITY;
      for await (const chunk of bytes) {
        passed += chunk.length;
        if (passed > maxBytes) {
          throw new ClairError(
            'bytes/limit-exceeded',
            `${where} needs more than ${maxBytes} bytes of temporary space (worker.temporarySpace)`,
          );
        }
        if (passed - measuredAt >= MEASURED_EACH_BYTES) {
          measuredAt = passed;
          if ((await bytesBelow(folder)) + chunk.length > maxBytes) throw noRoom(maxBytes);
        }
        yield chunk;
      }
    },
  };
}

function noRoom(maxBytes: number): ClairError {
  return new ClairError('server/no-room', `the temporary files of the server would exceed ${maxBytes} bytes`, {
    retryAfter: RETRY_AFTER_MS,
  });
}

/** Returns the total size of the files below a folder. Files that are deleted during the measurement count as empty. */
async function bytesBelow(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await bytesBelow(path);
    else
      sum += await lstat(path).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return sum;
}
