import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { ClairError } from '../../../errors.ts';

/** The maximum size of an error that is recognised at the end of an image. */
const MAX_ERROR_BYTES = 16 * 1024;

/**
 * Passes through a saved image. Docker reports an error that occurs after the first bytes as a JSON line at the end of
 * the bytes, and ends the response normally (moby, api/server/router/image, `FormatError`), whereas a complete tar
 * archive ends with zeros.
 *
 * @param where the address of the daemon, for messages
 * @throws ClairError `daemon/failed` at the end of the stream, with the daemon's message
 */
export async function* withoutDaemonError(bytes: ByteStream, where: string): AsyncGenerator<Uint8Array> {
  let end = Buffer.alloc(0);
  for await (const chunk of bytes) {
    end = Buffer.concat([chunk.length < MAX_ERROR_BYTES ? end : end.subarray(0, 0), chunk.subarray(-MAX_ERROR_BYTES)]);
    end = end.subarray(-MAX_ERROR_BYTES);
    yield chunk;
  }
  const message = errorAtEnd(end);
  if (message === undefined) return;
  throw new ClairError('daemon/failed', `the daemon at ${where} could not save the image: ${message}`);
}

const STREAMED_ERROR = Type.Object({ error: Type.String() });

function errorAtEnd(end: Buffer): string | undefined {
  const start = end.lastIndexOf('{"errorDetail"');
  if (start === -1) return undefined;
  try {
    const error: unknown = JSON.parse(end.toString('utf8', start));
    return Value.Check(STREAMED_ERROR, error) ? error.error : undefined;
  } catch {
    return undefined;
  }
}
