import { describe, expect, it } from 'vitest';
import { ChunkList } from './chunk-list.ts';
import type { ChunkedBytes } from './chunked-bytes.ts';

const MEBIBYTE = 1024 ** 2;

function listOf(slices: readonly Buffer[]): ChunkedBytes {
  const list = new ChunkList(slices.reduce((sum, { length }) => sum + length, 0));
  for (const slice of slices) list.add(slice);
  expect(list.missing).toBe(0);
  return list.end();
}

/** Returns the total memory of the chunks in bytes, and the number of chunks. */
function held(bytes: ChunkedBytes): { readonly bytes: number; readonly chunks: number } {
  const memory = new Set<ArrayBufferLike>();
  let chunks = 0;
  for (let at = 0; at < bytes.length; chunks += 1) {
    const chunk = bytes.chunkAt(at);
    memory.add(chunk.bytes.buffer);
    at = chunk.start + chunk.bytes.length;
  }
  return { bytes: [...memory].reduce((sum, { byteLength }) => sum + byteLength, 0), chunks };
}

describe('the chunks of a file', () => {
  it('are not copied', () => {
    const chunks = Array.from({ length: 8 }, () => Buffer.alloc(MEBIBYTE));
    expect(held(listOf(chunks))).toEqual({ bytes: 8 * MEBIBYTE, chunks: 8 });
    expect(listOf(chunks).chunkAt(0).bytes.buffer).toBe(chunks[0]?.buffer);
  });

  it('may share memory', () => {
    const memory = Buffer.alloc(8 * MEBIBYTE);
    const chunks = Array.from({ length: 16 }, (_, index) =>
      memory.subarray((index * MEBIBYTE) / 2, (index * MEBIBYTE) / 2 + MEBIBYTE / 2),
    );
    expect(held(listOf(chunks)).bytes).toBe(8 * MEBIBYTE);
  });

  it('are copied when they hold much more memory than bytes', () => {
    const chunks = Array.from({ length: 512 }, () => Buffer.alloc(64 * 1024).subarray(0, 1024));
    const { bytes } = held(listOf(chunks));
    expect(bytes).toBeLessThan(3 * MEBIBYTE);
  });

  it('are copied when they are many', () => {
    const memory = Buffer.alloc(50_000);
    const chunks = Array.from(memory, (_, at) => memory.subarray(at, at + 1));
    expect(held(listOf(chunks)).chunks).toBeLessThan(10_000);
  });
});
