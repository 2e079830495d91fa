/** A program or library for one processor; in a file for several processors, one of them. */
export type Executable = {
  readonly format: 'elf' | 'mach-o' | 'pe';
  /** The bytes that `start` and `end` of the parts count in. */
  readonly bytes: Uint8Array;
  /** Empty without a section table. */
  readonly sections: readonly ExecutablePart[];
  /** What is loaded into memory; for PE the sections. */
  readonly segments: readonly ExecutablePart[];
};

/** A section or a loaded segment. Only parts with bytes in the file are listed; a part that is cut off ends with the file. */
export type ExecutablePart = {
  /** Empty for a segment of ELF. */
  readonly name: string;
  /** The address in memory; inexact above 2 ** 53. */
  readonly address: number;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** False for code. */
  readonly isWritableData: boolean;
};

/** Returns the first section with one of these names; undefined without one. */
export function sectionNamed({ sections }: Executable, ...names: readonly string[]): ExecutablePart | undefined {
  return sections.find(({ name }) => names.includes(name));
}

/** Returns the bytes of a part, without a copy. */
export function contentOf({ bytes }: Executable, { start, end }: ExecutablePart): Uint8Array {
  return bytes.subarray(start, end);
}

/** Returns `length` bytes at an address in memory, without a copy; undefined if the file does not have all of them. */
export function bytesAt({ bytes, segments }: Executable, address: number, length: number): Uint8Array | undefined {
  const part = segments.find((each) => address >= each.address && address < each.address + (each.end - each.start));
  if (part === undefined) return undefined;
  const start = part.start + (address - part.address);
  return start + length <= part.end ? bytes.subarray(start, start + length) : undefined;
}
