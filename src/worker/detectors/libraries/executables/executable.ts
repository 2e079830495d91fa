import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';

/** A program or library for one processor architecture. A fat (universal) file contains several executables. */
export type Executable = {
  readonly format: 'elf' | 'mach-o' | 'pe';
  /** The bytes that `start` and `end` of the parts refer to. */
  readonly bytes: ChunkedBytes;
  /** The sections; empty if there is no section table. */
  readonly sections: readonly ExecutablePart[];
  /** The table of section names, with at least one name; absent if the names must be read from the sections. */
  readonly sectionNames?: Buffer;
  /** The parts that are loaded into memory; for PE the sections. */
  readonly segments: readonly ExecutablePart[];
};

/**
 * A section or a loaded segment. Only parts with bytes in the file are listed; a part that is cut off ends with the
 * file.
 */
export type ExecutablePart = {
  /** The name; empty for an ELF segment. */
  readonly name: string;
  /** The address in memory; inexact above 2 ** 53. */
  readonly address: number;
  readonly start: number;
  /** The end, exclusive. */
  readonly end: number;
  /** Whether the part is writable and contains no code. */
  readonly isWritableData: boolean;
};

/** Returns the first section with one of these names; undefined if there is no such section. */
export function sectionNamed(executable: Executable, ...names: readonly string[]): ExecutablePart | undefined {
  const { sectionNames } = executable;
  if (sectionNames !== undefined && !names.some((name) => sectionNames.includes(name, 0, 'latin1'))) return undefined;
  return executable.sections.find(({ name }) => names.includes(name));
}

/** Returns whether an executable has a section table; UPX and `sstrip` leave no section table. */
export function hasSections(executable: Executable): boolean {
  return executable.sectionNames !== undefined || executable.sections.length > 0;
}

/** Returns the bytes of a part, without a copy. */
export function contentOf({ bytes }: Executable, { start, end }: ExecutablePart): ChunkedBytes {
  return bytes.slice(start, end);
}

/** Returns `length` bytes at an address in memory; undefined if the file does not contain all these bytes. */
export function bytesAt({ bytes, segments }: Executable, address: number, length: number): Uint8Array | undefined {
  const part = segments.find((each) => address >= each.address && address < each.address + (each.end - each.start));
  if (part === undefined) return undefined;
  const start = part.start + (address - part.address);
  return start + length <= part.end ? bytes.range(start, start + length) : undefined;
}
