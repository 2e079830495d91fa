import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedBytes, oncePerFile } from './chunked-bytes.ts';

/** A file with few distinct byte values, so that sequences repeat, and the same file in chunks. */
const FILES = fc
  .tuple(fc.array(fc.uint8Array({ maxLength: 12, max: 2 }), { maxLength: 12 }))
  .map(([chunks]) => ({ file: Buffer.concat(chunks), chunked: new ChunkedBytes(chunks) }));
const POSITIONS = fc.integer({ min: -5, max: 150 });

describe('a file in chunks equals the file in one piece', () => {
  it('in its length and bytes', () => {
    fc.assert(
      fc.property(FILES, ({ file, chunked }) => {
        expect(chunked.length).toBe(file.length);
        expect(chunked.whole()).toEqual(file);
        expect(Array.from(file, (_, at) => chunked.at(at))).toEqual([...file]);
        expect([chunked.at(-1), chunked.at(file.length), chunked.at(Number.NaN)]).toEqual(Array(3).fill(undefined));
      }),
    );
  });

  it('in the chunk at each position', () => {
    fc.assert(
      fc.property(FILES, fc.nat(), ({ file, chunked }, number) => {
        fc.pre(file.length > 0);
        const at = number % file.length;
        const { bytes, start } = chunked.chunkAt(at);
        expect(at).toBeGreaterThanOrEqual(start);
        expect(bytes[at - start]).toBe(file[at]);
      }),
    );
  });

  it('in its parts', () => {
    fc.assert(
      fc.property(FILES, POSITIONS, POSITIONS, ({ file, chunked }, start, end) => {
        const expected = file.subarray(Math.max(0, start), Math.max(0, end));
        expect(chunked.range(start, end)).toEqual(expected);
        expect(chunked.slice(start, end).whole()).toEqual(expected);
      }),
    );
  });

  it('in the positions of other bytes', () => {
    const texts = fc.uint8Array({ minLength: 1, maxLength: 6, max: 2 });
    fc.assert(
      fc.property(FILES, texts, POSITIONS, ({ file, chunked }, text, start) => {
        expect(chunked.indexOf(text, start)).toBe(Buffer.from(file).indexOf(text, Math.max(0, start)));
      }),
    );
  });
});

it('is read without a copy in one chunk', () => {
  const [first, second] = [Buffer.from('first'), Buffer.from('second')];
  const chunked = new ChunkedBytes([first, second]);
  expect(chunked.range(1, 3).buffer).toBe(first.buffer);
  expect(chunked.slice(6, 11).whole().byteOffset).toBe(second.byteOffset + 1);
});

it('is read once, for all readers', () => {
  let calls = 0;
  const read = oncePerFile((bytes) => ({ length: bytes.length, calls: (calls += 1) }));
  const chunked = new ChunkedBytes([Buffer.from('text')]);
  expect([read(chunked), read(chunked), read(new ChunkedBytes([]))]).toEqual([
    { length: 4, calls: 1 },
    { length: 4, calls: 1 },
    { length: 0, calls: 2 },
  ]);
});
