import type { ByteStream } from '../../bytes/byte-stream.ts';
import { ClairError } from '../../errors.ts';

/**
 * Decodes UTF-8, and yields the lines without their line feeds.
 *
 * @throws ClairError `export/invalid` for a line above `maxBytes`, a last line without a line feed, and malformed
 * UTF-8.
 */
export async function* textLines(bytes: ByteStream, where: string, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let started: Uint8Array[] = [];
  let startedBytes = 0;
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      checkLength(startedBytes + end - start);
      yield decoded([...started, chunk.subarray(start, end)]);
      [started, startedBytes, start] = [[], 0, end + 1];
    }
    startedBytes += chunk.length - start;
    checkLength(startedBytes);
    if (start < chunk.length) started.push(chunk.subarray(start));
  }
  if (startedBytes > 0) throw new ClairError('export/invalid', `${where}: the last line is incomplete`);

  function checkLength(length: number): void {
    if (length <= maxBytes) return;
    throw new ClairError('export/invalid', `${where}: a line is longer than ${maxBytes} bytes`);
  }

  function decoded(parts: readonly Uint8Array[]): string {
    try {
      return decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
    } catch (error) {
      throw new ClairError('export/invalid', `${where}: a line is not valid UTF-8`, { cause: error });
    }
  }
}

const LINE_FEED = 0x0a;
