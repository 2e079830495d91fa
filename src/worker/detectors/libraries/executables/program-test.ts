import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { isElfProgram } from './elf-program.ts';
import { isMachOProgram } from './mach-o.ts';
import { isPeProgram } from './pe.ts';

/**
 * Returns whether a file that starts like an executable is a program, and not a library, an object file, a kernel
 * module or firmware. Reads a bounded number of bytes, regardless of the headers.
 */
export function isProgram(bytes: ChunkedBytes): boolean {
  const [first, second] = [bytes.at(0), bytes.at(1)];
  if (first === 0x7f) return isElfProgram(bytes);
  if (first === 0x4d && second === 0x5a) return isPeProgram(bytes);
  return isMachOProgram(bytes);
}
