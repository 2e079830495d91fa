import { describe, expect, it } from 'vitest';
import { KeptChunks, released } from './kept-chunks.ts';

describe('chunks that are released', () => {
  it('are valid until the next chunk is requested; a buffer is freed after its last chunk', async () => {
    const buffer = Buffer.from(new ArrayBuffer(6)).fill('abcdef');
    const lengths: number[] = [];
    let text = '';
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (const chunk of [buffer.subarray(0, 2), buffer.subarray(2, 6)]) {
        yield chunk;
        lengths.push(buffer.length);
      }
    }
    for await (const chunk of released(chunks())) text += Buffer.from(chunk).toString();
    expect(text).toBe('abcdef');
    // The buffer is freed once its last chunk has been used.
    expect(lengths).toEqual([6, 0]);
  });
});

describe('chunks that are kept', () => {
  /** Returns three buffers with their own memory. */
  const buffers = (): readonly Buffer[] =>
    ['ab', 'cdef', 'gh'].map((text) => Buffer.from(new ArrayBuffer(text.length)).fill(text));

  it('are valid until their use ends, and then freed', async () => {
    const [first, second, third] = buffers() as [Buffer, Buffer, Buffer];
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield* [first, second.subarray(0, 1), second.subarray(1), third];
    }
    const kept = new KeptChunks();
    const lengths: (readonly number[])[] = [];
    const isKept: boolean[] = [];
    let count = 0;
    for await (const { buffer } of released(chunks(), kept)) {
      count += 1;
      if (count <= 2) isKept.push(kept.keep(buffer));
      lengths.push([first.length, second.length, third.length]);
      // The second buffer contains a further chunk, so the stream frees this buffer later.
      if (count === 2) kept.free();
    }
    expect(isKept).toEqual([true, true]);
    expect(lengths).toEqual([
      [2, 4, 2],
      [2, 4, 2],
      [0, 4, 2],
      [0, 0, 2],
    ]);
    expect(third.length).toBe(0);
  });

  it('do not include memory other than the current chunk', () => {
    const kept = new KeptChunks();
    expect(kept.keep(new ArrayBuffer(8))).toBe(false);
    kept.free();
  });
});
