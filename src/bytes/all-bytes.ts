import type { ByteStream } from './byte-stream.ts';

/** Reads a whole stream into memory; stops and returns undefined if the stream exceeds `maxBytes`. */
export async function allBytes(stream: ByteStream, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
