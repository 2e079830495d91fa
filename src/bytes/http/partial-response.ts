import { ClairError } from '../../errors.ts';
import type { ByteStream } from '../byte-stream.ts';
import type { HttpRange } from './client.ts';

/** A part of a body of `size` bytes; `end` is exclusive. */
export type BodyRange = HttpRange & { readonly size: number };

/**
 * Reads the body of a response to a request for a part of a body (RFC 9110 section 14.4).
 *
 * @throws ClairError `bytes/unreachable` for a response that contains another part or too many bytes, is encoded, or
 *   states another size of the body; `bytes/truncated` for too few bytes; errors of the body
 */
export async function partOf(
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: ByteStream },
  { start, end, size }: BodyRange,
  where: string,
): Promise<Uint8Array> {
  const expected = `bytes ${start}-${end - 1}/${size}`;
  const range = headers['content-range'];
  const encoding = headers['content-encoding'] ?? 'identity';
  const length = end - start;
  let bytes = new Uint8Array(0);
  let at = 0;
  for await (const chunk of body) {
    if (range !== expected)
      throw refused(
        `${where}: the response has ${range === undefined ? 'no Content-Range; expected' : `the Content-Range "${range}" instead of`} "${expected}"`,
      );
    if (encoding !== 'identity')
      throw refused(
        `${where}: a part of a file must not be encoded, but the response has the content coding ${encoding}`,
      );
    if (at + chunk.length > length)
      throw refused(`${where}: the response is longer than the requested ${length} bytes`);
    if (at === 0) bytes = new Uint8Array(length);
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at === length) return bytes;
  throw new ClairError('bytes/truncated', `${where}: the response has ${at} of the requested ${length} bytes`);
}

function refused(message: string): ClairError {
  return new ClairError('bytes/unreachable', message);
}
