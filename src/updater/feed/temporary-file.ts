import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { ClairError } from '../../errors.ts';

/** A private temporary file, which the caller must remove. */
export type TemporaryFile = { readonly path: string; readonly remove: () => Promise<void> };

/**
 * Writes `stream` to a temporary file, for example for the random access that archives need.
 *
 * @throws ClairError `bytes/limit-exceeded` above `maxBytes`; the errors of `stream`, and the abort reason of `signal`.
 * Removes the file after an error.
 */
export async function writeTemporaryFile(
  stream: ByteStream,
  where: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), 'clair-feed-'));
  const remove = async (): Promise<void> => await rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'archive');
    await pipeline(limited(stream, where, maxBytes), createWriteStream(path, { mode: 0o600 }), {
      ...(signal && { signal }),
    });
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function* limited(stream: ByteStream, where: string, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) throw new ClairError('bytes/limit-exceeded', `${where}: more than ${maxBytes} bytes`);
    yield chunk;
  }
}
