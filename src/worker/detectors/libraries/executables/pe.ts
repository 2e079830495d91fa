import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { Executable, ExecutablePart } from './executable.ts';
import { FieldReader } from './field-reader.ts';
import { entriesInFile, nameAt, rangeInFile } from './part-bounds.ts';

/** The offset of the field in the MS-DOS stub that contains the position of the PE header. */
const HEADER_POSITION = 0x3c;
const SIGNATURE = 'PE';

/**
 * Positions in the file header, the optional header and section headers (PE format, "Optional Header" and "Section
 * Table").
 */
const FILE_HEADER = {
  bytes: 24,
  sectionCount: 6,
  symbols: 12,
  symbolCount: 16,
  optionalBytes: 20,
  characteristics: 22,
} as const;
const OPTIONAL_HEADER = { wideMagic: 0x20b, wideImageBase: 24, imageBase: 28, subsystem: 68 } as const;
const SECTION_HEADER = {
  bytes: 40,
  nameBytes: 8,
  memoryBytes: 8,
  address: 12,
  size: 16,
  start: 20,
  flags: 36,
} as const;
const SYMBOL_BYTES = 18;

const CODE = 0x20;
const EXECUTE = 0x20_00_00_00;
const WRITE = 0x80_00_00_00;

/** Flags of the field `Characteristics`. */
const EXECUTABLE_IMAGE = 0x2;
const LIBRARY = 0x2000;

/** The subsystems of drivers and of EFI firmware, which includes boot loaders and the Linux kernel. */
const OUTSIDE_OF_SYSTEMS: ReadonlySet<number> = new Set([1, 10, 11, 12, 13]);

/** Returns whether a file is a Windows program: a linked file that is not a library, a driver or firmware. */
export function isPeProgram(bytes: ChunkedBytes): boolean {
  const fields = new FieldReader(bytes, true);
  const header = fields.u32(HEADER_POSITION);
  if (header === 0 || nameAt(bytes, header, header + 4) !== SIGNATURE) return false;
  const characteristics = fields.u16(header + FILE_HEADER.characteristics);
  const subsystem = fields.u16(header + FILE_HEADER.bytes + OPTIONAL_HEADER.subsystem);
  return (characteristics & (EXECUTABLE_IMAGE | LIBRARY)) === EXECUTABLE_IMAGE && !OUTSIDE_OF_SYSTEMS.has(subsystem);
}

/** Reads the section table of a Windows program or library; undefined for other files, such as MS-DOS programs. */
export function readPe(bytes: ChunkedBytes): Executable | undefined {
  const fields = new FieldReader(bytes, true);
  const header = fields.u32(HEADER_POSITION);
  if (header === 0 || nameAt(bytes, header, header + 4) !== SIGNATURE) return undefined;
  const optional = header + FILE_HEADER.bytes;
  const isWide = fields.u16(optional) === OPTIONAL_HEADER.wideMagic;
  const base = isWide
    ? fields.u64(optional + OPTIONAL_HEADER.wideImageBase)
    : fields.u32(optional + OPTIONAL_HEADER.imageBase);
  const symbols = fields.u32(header + FILE_HEADER.symbols);
  const longNames = symbols === 0 ? 0 : symbols + fields.u32(header + FILE_HEADER.symbolCount) * SYMBOL_BYTES;
  const table = optional + fields.u16(header + FILE_HEADER.optionalBytes);
  const count = entriesInFile(bytes, table, SECTION_HEADER.bytes, fields.u16(header + FILE_HEADER.sectionCount));
  const sections: ExecutablePart[] = [];
  for (let at = table; at < table + count * SECTION_HEADER.bytes; at += SECTION_HEADER.bytes) {
    const fileBytes = fields.u32(at + SECTION_HEADER.size);
    const memoryBytes = fields.u32(at + SECTION_HEADER.memoryBytes);
    // Sections are padded in the file; object files state no size in memory.
    const size = memoryBytes === 0 ? fileBytes : Math.min(fileBytes, memoryBytes);
    const range = rangeInFile(bytes, fields.u32(at + SECTION_HEADER.start), size);
    if (range === undefined) continue;
    const flags = fields.u32(at + SECTION_HEADER.flags);
    sections.push({
      name: sectionName(bytes, at, longNames),
      address: base + fields.u32(at + SECTION_HEADER.address),
      ...range,
      isWritableData: (flags & WRITE) !== 0 && (flags & (CODE | EXECUTE)) === 0,
    });
  }
  return { format: 'pe', bytes, sections, segments: sections };
}

/** The header of a section with a name of more than 8 characters contains `/` and a position in the string table. */
function sectionName(bytes: ChunkedBytes, at: number, longNames: number): string {
  const name = nameAt(bytes, at, at + SECTION_HEADER.nameBytes);
  if (longNames === 0 || !/^\/\d+$/.test(name)) return name;
  return nameAt(bytes, longNames + Number(name.slice(1)));
}
