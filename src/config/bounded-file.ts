import { open } from 'node:fs/promises';

/** Reads up to `atMost` bytes of a file. The limit also protects against endless files such as `/dev/zero`. */
export async function firstBytes(path: string, atMost: number): Promise<Buffer> {
  const file = await open(path);
  const chunks: Buffer[] = [];
  for await (const chunk of file.createReadStream({ end: atMost - 1 })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
