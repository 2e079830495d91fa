import { open } from 'node:fs/promises';

/** Reads a file, of which it gives at most so many bytes: whatever the path names need not end. */
export async function firstBytes(path: string, atMost: number): Promise<Buffer> {
  const file = await open(path);
  const chunks: Buffer[] = [];
  for await (const chunk of file.createReadStream({ end: atMost - 1 })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
