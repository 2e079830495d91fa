import { type ChunkedBytes, oncePerFile } from '../../../../bytes/chunks/chunked-bytes.ts';
import { readElf } from './elf.ts';
import type { Executable } from './executable.ts';
import { readMachO, readMachOImages } from './mach-o.ts';
import { readPe } from './pe.ts';

/**
 * Reads the section and segment tables of a 32-bit or 64-bit ELF, PE or Mach-O file of either byte order; a fat
 * (universal) Mach-O file yields one executable per architecture. Reads no contents of sections except the section
 * names, so that the cost does not depend on the size of the file. Other files and broken files contain no executables.
 * Runs once for all detectors of a file.
 */
export const readExecutables: (bytes: ChunkedBytes) => readonly Executable[] = oncePerFile((bytes) => {
  const [first, second] = [bytes.at(0), bytes.at(1)];
  if (first === 0x7f) return listOf(readElf(bytes));
  if (first === 0x4d && second === 0x5a) return listOf(readPe(bytes));
  if (first === 0xca) return readMachOImages(bytes);
  return listOf(readMachO(bytes));
});

function listOf(executable: Executable | undefined): readonly Executable[] {
  return executable === undefined ? [] : [executable];
}
