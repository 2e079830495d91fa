import { zipInMemory } from '../bytes.ts';
import type { ZipLimits } from '../limits.ts';
import { readZip } from '../read.ts';
import { ZipStream } from '../stream.ts';
import { createZipUse } from '../use.ts';
import type { ZipVisitor } from '../visitor.ts';

/** Reads an archive in memory, and returns the read members and faults. */
export function inMemory(zip: Buffer, limits: Partial<ZipLimits> = {}): readonly string[] {
  const { found, visitor } = recorder();
  readZip(zipInMemory(zip), visitor, createZipUse(limits));
  return found;
}

/** Reads an archive as a stream of chunks, and returns the read members and faults. */
export function streamed(
  zip: Buffer,
  limits: Partial<ZipLimits> = {},
  chunkBytes: number = zip.length,
): readonly string[] {
  const { found, visitor } = recorder();
  const stream = new ZipStream(visitor, createZipUse(limits));
  for (let at = 0; at < zip.length; at += chunkBytes) stream.write(zip.subarray(at, at + chunkBytes));
  stream.end();
  return found;
}

/**
 * Creates a visitor that reads `.txt` members as content and `.zip` members as archives. `found` receives the read
 * members, and faults with the prefix `!`.
 */
function recorder(): { readonly found: string[]; readonly visitor: ZipVisitor } {
  const found: string[] = [];
  const visitor = (path: string): ZipVisitor => ({
    member: (name) => (name.endsWith('.txt') ? 'content' : name.endsWith('.zip') ? 'archive' : 'skip'),
    content: (name, bytes) => void found.push(`${path}${name}: ${Buffer.from(bytes).toString('latin1')}`),
    archive: (name) => visitor(`${path}${name}/`),
    fault: (what) => void found.push(`!${path} ${what}`),
    end: () => void found.push(`${path} ends`),
  });
  return { found, visitor: visitor('') };
}
