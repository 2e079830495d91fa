import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bzip2, type Bzip2Damage } from '../testing/bzip2-encoder.ts';
import { noise } from '../testing/noise.ts';
import { allOf, inChunks } from '../testing/tar-builder.ts';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { ClairError } from '../../errors.ts';
import { decodeBzip2 } from './decoder.ts';

const TEXT = Buffer.from(
  Array.from({ length: 600 }, (_, line) => `BZ line ${line} ${(line * 7919) % 10_007}\n`).join(''),
);
const SMALL = bzip2(Buffer.from('abracadabra'), { level: 1 });
const EVERY_BYTE = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * at * 7919 + (at >> 3)) % 256));
const LONG = Buffer.concat(Array<Buffer>(30).fill(bzip2(EVERY_BYTE)));

async function decode(bytes: Uint8Array, chunk?: number): Promise<Buffer> {
  return await allOf(decodeBzip2(inChunks(bytes, chunk), 'x.bz2'));
}

async function failureOf(bytes: Uint8Array): Promise<string> {
  const error: unknown = await decode(bytes).catch((reason: unknown) => reason);
  return error instanceof ClairError ? `${error.code}: ${error.message}` : `no ClairError: ${String(error)}`;
}

describe('decodes', () => {
  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('a')],
    ['text', TEXT],
    ['bytes of every value', EVERY_BYTE],
    ...[3, 4, 5, 258, 259, 260, 263, 264, 518, 100_000].map<[string, Buffer]>((length) => [
      `a run of ${length}`,
      Buffer.concat([Buffer.from('b'), Buffer.alloc(length, 'a'), Buffer.from('ac')]),
    ]),
  ])('%s', async (_, plain) => {
    expect((await decode(bzip2(plain))).equals(plain)).toBe(true);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('level %i with several blocks', async (level) => {
    expect((await decode(bzip2(TEXT, { level, blockBytes: 5000 }))).equals(TEXT)).toBe(true);
  });

  it.each([2, 3, 4, 5, 6])('%i codes in a block', async (codes) => {
    expect((await decode(bzip2(TEXT, { codes }))).equals(TEXT)).toBe(true);
  });

  it('a code length written in the maximum number of steps', async () => {
    expect((await decode(bzip2(TEXT, { wrong: { zigzags: 32 } }))).equals(TEXT)).toBe(true);
  });

  it('a block of exactly the size that its level allows', async () => {
    const plain = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 251));
    expect((await decode(bzip2(plain, { level: 1, blockBytes: 100_000 }))).equals(plain)).toBe(true);
  });

  it('several streams of different levels, with empty streams between', async () => {
    const streams = [SMALL, bzip2(Buffer.alloc(0)), bzip2(TEXT, { level: 9 }), bzip2(Buffer.from('!'), { level: 5 })];
    expect(String(await decode(Buffer.concat(streams)))).toBe(`abracadabra${String(TEXT)}!`);
  });

  it('a stream with padding, and reads the source to its end', async () => {
    let read = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for await (const chunk of inChunks(Buffer.concat([SMALL, Buffer.alloc(900_000), Buffer.from('x')]))) {
        read += chunk.length;
        yield chunk;
      }
    }
    expect(String(await allOf(decodeBzip2(source(), 'x.bz2')))).toBe('abracadabra');
    expect(read).toBe(SMALL.length + 900_001);
  });

  it.each([1, 7, 1000, 300_000])('input in chunks of %i bytes', async (chunk) => {
    const plain = Buffer.concat(Array.from({ length: 30 }, () => EVERY_BYTE));
    expect((await decode(LONG, chunk)).equals(plain)).toBe(true);
  });

  it('every input that the encoder writes', async () => {
    const runs = fc.array(fc.tuple(fc.nat(255), fc.oneof(fc.nat(6), fc.nat(600))), { maxLength: 40 });
    const input = fc.oneof(
      runs.map((each) => Buffer.concat(each.map(([byte, length]) => Buffer.alloc(length, byte)))),
      fc.uint8Array({ maxLength: 2000 }),
    );
    const options = fc.record({
      level: fc.integer({ min: 1, max: 9 }),
      codes: fc.integer({ min: 2, max: 6 }),
      blockBytes: fc.integer({ min: 50, max: 3000 }),
    });
    await fc.assert(
      fc.asyncProperty(input, options, fc.integer({ min: 1, max: 500 }), async (plain, how, chunk) => {
        expect((await decode(bzip2(plain, how), chunk)).equals(plain)).toBe(true);
      }),
      { numRuns: runCount(300, 100) },
    );
  });
});

describe('decoding', () => {
  const zeros = bzip2(Buffer.alloc(1_500_000), { blockBytes: 1_500_000 });

  it('returns chunks of at most 256 KiB', async () => {
    const lengths: number[] = [];
    for await (const chunk of decodeBzip2(inChunks(zeros), 'x.bz2')) lengths.push(chunk.length);
    expect(Math.max(...lengths)).toBe(256 * 1024);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(1_500_000);
  });

  it('yields to the event loop although all input is available', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await decode(LONG);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('reads no more of the source than the current block needs', async () => {
    let read = 0;
    const stream = bzip2(EVERY_BYTE);
    async function* source(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += stream.length;
        yield stream;
      }
    }
    for await (const chunk of decodeBzip2(source(), 'x.bz2')) if (chunk.length > 0) break;
    expect(read).toBeLessThan(64 * 1024 + 2 * stream.length);
  });
});

describe('rejects', () => {
  const corrupt = 'bytes/corrupt: x.bz2: the bzip2 stream cannot be decoded: ';
  const long = noise(100_001);

  it.each<[string, Bzip2Damage]>([
    ['the checksum of a block is wrong', { blockChecksum: 1 }],
    ['the checksum of a stream is wrong', { streamChecksum: 0x80000000 }],
    ['the origin of a block is outside the block', { origin: 11 }],
    ['the byte map of a block is empty', { usedBytes: false }],
    ['a block has 1 codes instead of 2 to 6', { codeCount: 1 }],
    ['a block has 7 codes instead of 2 to 6', { codeCount: 7 }],
    ['a selector refers to an unknown code', { selector: 3 }],
    ['a block continues after its last group', { selectors: 0 }],
    ['a code word has 0 bits instead of 1 to 20', { codeLength: 0 }],
    ['a code word has 21 bits instead of 1 to 20', { codeLength: 21 }],
    ['the length of a code word changes in more than 64 steps', { zigzags: 33 }],
    ['a block ends without the length of its last run', { shortened: Buffer.from('aaaa') }],
    ['a block has more than 100000 bytes, the block size of the stream', { shortened: long }],
    ['a block has more than 100000 bytes, the block size of the stream', { shortened: Buffer.alloc(100_001) }],
  ])('%s', async (message, wrong) => {
    expect(await failureOf(bzip2(Buffer.from('abracadabra'), { level: 1, wrong }))).toBe(corrupt + message);
  });

  it('a randomised block', async () => {
    expect(await failureOf(bzip2(TEXT, { wrong: { randomised: true } }))).toBe(
      'bytes/unsupported-compression: x.bz2: the bzip2 stream has a randomised block, which only bzip2 before 0.9.5 writes; supported: bzip2 0.9.5 and later',
    );
  });

  it.each([
    ['a level of 0', Buffer.concat([SMALL, Buffer.from('BZh0')]), 'the compression level is 0, not 1 to 9'],
    ['junk', Buffer.concat([SMALL, Buffer.from('junk')]), 'unexpected bytes after the end of a bzip2 stream'],
    [
      'a stream of junk',
      Buffer.concat([SMALL, Buffer.from('BZh9junkjunkjunk')]),
      'a block does not start with the block marker',
    ],
    [
      'a block that only the level of the previous stream would allow',
      Buffer.concat([SMALL, bzip2(TEXT, { level: 1, wrong: { shortened: long } })]),
      'a block has more than 100000 bytes, the block size of the stream',
    ],
  ])('%s after a stream', async (_, bytes, message) => {
    expect(await failureOf(bytes)).toBe(corrupt + message);
  });

  it('a stream truncated at any byte', async () => {
    const bytes = bzip2(TEXT.subarray(0, 300), { level: 1, blockBytes: 200 });
    for (let end = 0; end < bytes.length; end += 1) {
      const failure = await failureOf(Buffer.concat([SMALL, bytes]).subarray(0, SMALL.length + end));
      expect([end, failure]).toEqual([
        end,
        end === 0 ? 'no ClairError: abracadabra' : 'bytes/truncated: x.bz2: the bzip2 stream ends too early',
      ]);
    }
  });

  it('a stream truncated at the buffer boundary', async () => {
    const streams = Buffer.concat(Array<Buffer>(3).fill(bzip2(long)));
    expect(streams.length).toBeGreaterThan(256 * 1024);
    const cut = decode(streams.subarray(0, 256 * 1024), 256 * 1024);
    await expect(cut).rejects.toMatchObject({ code: 'bytes/truncated' });
  });

  it('a damaged stream, or decodes it to the same bytes', async () => {
    const bytes = bzip2(TEXT.subarray(0, 2000), { level: 1, blockBytes: 900 });
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(changes, async (each) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of each) damaged[at] = byte;
        const outcome: unknown = await decode(damaged).catch((error: unknown) => error);
        const isRight = Buffer.isBuffer(outcome) && outcome.equals(TEXT.subarray(0, 2000));
        expect(isRight || outcome instanceof ClairError).toBe(true);
      }),
      { numRuns: runCount(1000, 250) },
    );
  });
});
