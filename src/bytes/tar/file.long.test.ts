import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { END, gnuLong, type Member, pax, tarOf, withoutEnd } from '../testing/tar-builder.ts';
import { everyWay } from './testing/walked-archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-tar-file-'));
const path = join(folder, 'archive.tar');
afterAll(() => rmSync(folder, { recursive: true }));

const KIB = 1024;
const MIB = 1024 * KIB;

/** File sizes near multiples of the tar block and near the read sizes, and much larger sizes. */
const SIZES = [0, 1, 511, 512, 513, 5000, 64 * KIB, 256 * KIB - 512, 256 * KIB, 256 * KIB + 513, 590 * KIB, 700 * KIB];

const MEMBER = fc
  .record({
    name: fc.constantFrom('wanted/a', 'wanted/b', 'c', 'd/e', '../evil'),
    type: fc.constantFrom('0', '0', '0', '0', '2', '5', 'Z'),
    size: fc.constantFrom(...SIZES),
    prefix: fc.constantFrom(undefined, undefined, gnuLong('L', 'l'.repeat(300)), pax({ path: 'wanted/pax' })),
  })
  .map(({ name, type, size, prefix }): readonly Member[] => {
    const content = type === '0' || type === 'Z' ? Buffer.alloc(size, name) : '';
    return [...(prefix === undefined ? [] : [prefix]), { name, type, content }];
  });

const ARCHIVE = fc
  .tuple(
    fc.array(MEMBER, { maxLength: 5 }),
    fc.constantFrom(END, Buffer.alloc(0), Buffer.alloc(512), Buffer.alloc(MIB)),
  )
  .map(([members, end]) => Buffer.concat([withoutEnd(...members.flat()), end]));

describe('any archive in a file', () => {
  it('gives the same members, offsets, contents and summary as a stream', async () => {
    await fc.assert(
      fc.asyncProperty(ARCHIVE, async (archive) => {
        const { file, again, stream } = await everyWay(path, archive);
        expect([file, again]).toEqual([stream, stream]);
      }),
      { numRuns: 100 },
    );
  });

  it('fails like a stream, wherever it is truncated', async () => {
    await fc.assert(
      fc.asyncProperty(ARCHIVE, fc.double({ min: 0, max: 1, noNaN: true }), async (archive, part) => {
        const { file, again, stream } = await everyWay(path, archive.subarray(0, Math.floor(part * archive.length)));
        expect([file, again]).toEqual([stream, stream]);
      }),
      { numRuns: 100 },
    );
  });

  it('fails like a stream, however a header is damaged', async () => {
    const patch = fc.record({
      at: fc.nat(500),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    });
    const type = fc.constantFrom('0', '2', 'L', 'x', 'S', 'Z');
    await fc.assert(
      fc.asyncProperty(MEMBER, MEMBER, patch, type, async (before, after, change, flag) => {
        const strange = { name: 'wanted/strange', type: flag, content: '2\n10\n2\n18 path=wanted/x\n', patch: change };
        const { file, again, stream } = await everyWay(path, tarOf(...before, strange, ...after));
        expect([file, again]).toEqual([stream, stream]);
      }),
      { numRuns: runCount(200, 100) },
    );
  });
});
