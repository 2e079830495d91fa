import { expect, it } from 'vitest';
import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { readExecutables } from './read-executables.ts';
import { fieldWriter } from './testing/field-writer.ts';

it('hostile tables have at most 65,535 entries', () => {
  const { bytes, u16, u32, word } = fieldWriter(64 + 70_000 * 64, { is64: true, isLittleEndian: true });
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  word(40, 64);
  u16(58, 64);
  word(64 + 32, 70_000);
  for (let at = 64; at < bytes.length; at += 64) {
    u32(at + 4, 1);
    word(at + 24, 64);
    if (at > 64) word(at + 32, 1);
  }
  const executables = readExecutables(new ChunkedBytes([bytes]));
  expect(executables.map(({ sections }) => sections.length)).toEqual([65_535]);
});
