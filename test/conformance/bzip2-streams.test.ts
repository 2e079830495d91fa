import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeBzip2 } from '../../src/bytes/bzip2/decoder.ts';
import { bzip2 } from '../../src/bytes/testing/bzip2-encoder.ts';
import { noise } from '../../src/bytes/testing/noise.ts';
import { allOf, inChunks } from '../../src/bytes/testing/tar-builder.ts';
import { describeShared, sharedPath } from '../fixtures/shared-data.ts';
import { works } from './program.ts';

const TEXT = Buffer.from(
  Array.from({ length: 3000 }, (_, line) => `BZ line ${line} ${(line * 7919) % 10_007}\n`).join(''),
);

const PROGRAM = 'bzip2';
const HAS_PROGRAM = works(PROGRAM, ['--help']);
if (!HAS_PROGRAM) console.warn('SKIPPED "the bzip2 decoder": bzip2 is not installed (Debian package bzip2)');

describe.skipIf(!HAS_PROGRAM)('the bzip2 decoder', () => {
  const long = Buffer.concat([noise(500_000), ...Array.from({ length: 25 }, () => TEXT), Buffer.alloc(1_200_000)]);

  it.each(['-1', '-5', '-9'])('decodes output of the program bzip2 with %s', async (level) => {
    const { stdout } = spawnSync(PROGRAM, ['-c', level], { input: long, maxBuffer: 2 ** 26 });
    expect((await decode(stdout)).equals(long)).toBe(true);
  });

  it.each([2, 3, 4, 5, 6])('decodes %i codes of the test encoder like the program', (codes) => {
    const { stdout, status } = spawnSync(PROGRAM, ['-dc'], { input: bzip2(TEXT, { codes, blockBytes: 30_000 }) });
    expect([status, stdout.equals(TEXT)]).toEqual([0, true]);
  });

  it('decodes incompressible bytes of the test encoder like the program', () => {
    const random = noise(100_000);
    const { stdout, status } = spawnSync(PROGRAM, ['-dc'], { input: bzip2(random, { level: 1 }) });
    expect([status, stdout.equals(random)]).toEqual([0, true]);
  });
});

const FOLDER = 'images/original/pkg/tarutil/testdata/';

describeShared('an archive of Clair v1', [`${FOLDER}utils_test.tar.bz2`], () => {
  it('returns the original bytes', async () => {
    const plain = readFileSync(sharedPath(`${FOLDER}utils_test.tar`));
    expect((await decode(readFileSync(sharedPath(`${FOLDER}utils_test.tar.bz2`)))).equals(plain)).toBe(true);
  });
});

async function decode(bytes: Uint8Array): Promise<Buffer> {
  return await allOf(decodeBzip2(inChunks(bytes), 'x.bz2'));
}
