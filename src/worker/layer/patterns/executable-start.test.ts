import { open } from 'node:fs/promises';
import { execPath } from 'node:process';
import { expect, it } from 'vitest';
import { isExecutableStart } from './executable-start.ts';

it.each<[string, string, boolean]>([
  ['ELF, 64 bits', '7f454c4602010100', true],
  ['ELF, cut off after its magic number', '7f454c46', true],
  ['PE', '4d5a900003000000', true],
  ['Mach-O, 32 bits, big-endian', 'feedface00000012', true],
  ['Mach-O, 64 bits, big-endian', 'feedfacf00000012', true],
  ['Mach-O, 32 bits, little-endian', 'cefaedfe07000000', true],
  ['Mach-O, 64 bits, little-endian', 'cffaedfe07000001', true],
  ['Mach-O for two processors', 'cafebabe00000002', true],
  ['Mach-O for two processors, 64 bits', 'cafebabf00000002', true],
  ['Mach-O for no processor', 'cafebabe00000000', false],
  ['Mach-O for several processors, cut off', 'cafebabe000000', false],
  ['a class file of Java 1.1', 'cafebabe0003002d', false],
  ['a class file of Java 21', 'cafebabe00000041', false],
  ['a class file of Java 21 with preview features', 'cafebabeffff0041', false],
  ['a script', '23212f62696e2f73', false],
  ['a zip archive', '504b030414000000', false],
  ['something that has the magic number of ELF later', '007f454c46020101', false],
  ['a part of the magic number of ELF', '7f454c', false],
  ['nothing', '', false],
])('%s', (_, hex, expected) => {
  expect(isExecutableStart(Buffer.from(hex, 'hex'))).toBe(expected);
});

it("accepts Node's own program", async () => {
  const program = await open(execPath);
  const { buffer } = await program.read(Buffer.alloc(8));
  await program.close();
  expect(isExecutableStart(buffer)).toBe(true);
});
