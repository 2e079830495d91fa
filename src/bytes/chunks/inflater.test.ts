import { createGunzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asClairError } from '../../errors.ts';
import type { ByteStream } from '../byte-stream.ts';
import { decodeGzip } from '../compression-decoders.ts';
import { inChunks } from '../testing/tar-builder.ts';
import { inflaterOf } from './inflater.ts';
import { KeptChunks } from './kept-chunks.ts';

/** Larger than the buffers of the inflater, and not compressible to nothing. */
const LARGE = Buffer.from(Array.from({ length: 100_000 }, (_, index) => `${index * index} `).join(''));

type Read = { readonly bytes: string; readonly kept: string } | { readonly error: string };

/** Reads a stream to its end, and keeps the chunks at the given positions until then. */
async function readAll(stream: ByteStream, kept: KeptChunks, keptAt: ReadonlySet<number>): Promise<Read> {
  const bytes: Buffer[] = [];
  const slices: { readonly chunk: Uint8Array; readonly copy: Buffer }[] = [];
  try {
    for await (const chunk of stream) {
      if (keptAt.has(bytes.length) && kept.keep(chunk.buffer)) slices.push({ chunk, copy: Buffer.from(chunk) });
      bytes.push(Buffer.from(chunk));
    }
  } catch (error) {
    const { code, message } = asClairError(error, 'bytes/corrupt', 'not a ClairError');
    return { error: `${code} ${message}` };
  }
  const isSame = slices.every(({ chunk, copy }) => copy.equals(chunk));
  kept.free();
  return { bytes: Buffer.concat(bytes).toString('latin1'), kept: isSame ? 'unchanged' : 'changed' };
}

/** Decodes with at most `here` questions that find busy processors; the rest is decoded in the thread pool. */
async function decoded(gzip: Uint8Array, size: number, here: number, keptAt: readonly number[] = []): Promise<Read> {
  const kept = new KeptChunks();
  let left = here;
  // Chunks have memory of their own, which the decoder may free.
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of inChunks(gzip, size)) yield Uint8Array.from(chunk);
  };
  const areProcessorsBusy = (): boolean => left-- > 0;
  const memory = { isTransient: true, isSourceOwned: true, kept, areProcessorsBusy };
  return await readAll(decodeGzip(source(), 'layer', memory), kept, new Set(keptAt));
}

it('decodes with the version of Node that runs the tests', () => {
  expect(inflaterOf(createGunzip())).toBeDefined();
});

it('equals the thread pool for valid, joined, padded, truncated and damaged streams, at each change to the pool', async () => {
  const member = fc.oneof(
    fc.string().map((text) => Buffer.from(text)),
    fc.constant(LARGE),
    fc.constant(Buffer.alloc(700_000)),
  );
  const ends = [
    Buffer.alloc(0),
    Buffer.alloc(7),
    Buffer.from('rest'),
    Buffer.from([0, 1, 2]),
    Buffer.from([0x1f, 0x8b, 8]),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { maxLength: 3 }),
      fc.constantFrom(...ends),
      fc.record({
        cut: fc.nat({ max: 30 }),
        damage: fc.option(fc.nat()),
        size: fc.integer({ min: 700, max: 400_000 }),
      }),
      fc.nat({ max: 12 }),
      fc.array(fc.nat({ max: 8 })),
      async (members, end, { cut, damage, size }, here, keptAt) => {
        const whole = Buffer.concat([...members.map((each) => gzipSync(each)), end]);
        const gzip = whole.subarray(0, whole.length - (cut > 20 ? cut - 20 : 0));
        if (damage !== null && damage % 2 === 0 && gzip.length > 0) gzip.writeUInt8(damage % 256, damage % gzip.length);
        expect(await decoded(gzip, size, here, keptAt)).toEqual(await decoded(gzip, size, 0));
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

it('uses the same memory for all chunks that are not kept', async () => {
  const inflater = inflaterOf(createGunzip(), new KeptChunks());
  const memory = new Set<ArrayBufferLike>();
  for (const chunk of inflater!.decode(gzipSync(Buffer.concat([LARGE, LARGE])))) memory.add(chunk.buffer);
  expect(memory.size).toBe(1);
});

it('closes the source when the reader stops early', async () => {
  let isClosed = false;
  const source = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* inChunks(gzipSync(LARGE), 1000);
    } finally {
      isClosed = true;
    }
  };
  for await (const _ of decodeGzip(source(), 'layer', { isTransient: true, areProcessorsBusy: () => true })) break;
  expect(isClosed).toBe(true);
});
