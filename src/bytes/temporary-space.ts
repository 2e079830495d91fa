import { lstat, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClairError } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';

/** A folder for temporary files, and how much may lie in it. */
export type TemporarySpace = {
  readonly folder: string;
  /**
   * Passes bytes on that are written below the folder, as long as there is room for them.
   *
   * @param where what to call the bytes in messages
   * @throws ClairError `bytes/limit-exceeded` for bytes that need more than the whole room, `server/no-room` while other files
   * take what these bytes need.
   */
  readonly bounded: (bytes: ByteStream, where: string) => ByteStream;
};

/** How many bytes pass before the folder is measured again, and when a client may try again, in milliseconds. */
const MEASURED_EACH_BYTES = 8 * 1024 * 1024;
const RETRY_AFTER_MS = 10_000;

/**
 * Makes a bound for all that lies below a folder, whichever thread of whichever part wrote it: the folder itself is measured,
 * so that files of updates count, too. Writers that run at the same time may go beyond the bound by 8 MiB each.
 *
 * @param folder that for temporary files when absent
 * @param maxBytes without it there is no bound
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
          throw new ClairError('bytes/limit-exceeded', `${where} needs more than ${maxBytes} bytes of temporary space`);
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
  return new ClairError('server/no-room', `other files take the ${maxBytes} bytes of temporary space`, {
    retryAfter: RETRY_AFTER_MS,
  });
}

/** What goes while it is measured takes nothing. */
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
