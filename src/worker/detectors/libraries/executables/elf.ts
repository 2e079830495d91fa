import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { Executable, ExecutablePart } from './executable.ts';
import { FieldReader } from './field-reader.ts';
import { entriesInFile, nameAt, rangeInFile } from './part-bounds.ts';

/** Positions of the fields in the headers of ELF files (System V ABI, "ELF Header", "Sections", "Program Header"). */
export type ElfLayout = {
  readonly is64: boolean;
  readonly file: {
    readonly programs: number;
    readonly sections: number;
    readonly programBytes: number;
    readonly programCount: number;
    readonly sectionBytes: number;
    readonly sectionCount: number;
    readonly namesIndex: number;
  };
  readonly section: Positions & { readonly link: number };
  readonly program: Positions;
};

type Positions = {
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly bytes: number;
};

const NARROW: ElfLayout = {
  is64: false,
  file: {
    programs: 28,
    sections: 32,
    programBytes: 42,
    programCount: 44,
    sectionBytes: 46,
    sectionCount: 48,
    namesIndex: 50,
  },
  section: { flags: 8, address: 12, offset: 16, size: 20, link: 24, bytes: 40 },
  program: { flags: 24, address: 8, offset: 4, size: 16, bytes: 32 },
};

const WIDE: ElfLayout = {
  is64: true,
  file: {
    programs: 32,
    sections: 40,
    programBytes: 54,
    programCount: 56,
    sectionBytes: 58,
    sectionCount: 60,
    namesIndex: 62,
  },
  section: { flags: 8, address: 16, offset: 24, size: 32, link: 40, bytes: 64 },
  program: { flags: 4, address: 16, offset: 8, size: 32, bytes: 56 },
};

const SECTION_TYPE = 4;
/** The type of sections that have no bytes in the file, such as the code in a separate debug information file. */
const NOBITS = 8;
const SECTION_WRITE = 1;
const SECTION_CODE = 4;
const LOADED_SEGMENT = 1;
const SEGMENT_CODE = 1;
const SEGMENT_WRITE = 2;
/** The maximum size of a table of section names to search, in bytes; the size suffices for several hundred sections. */
const MAX_SEARCHED_NAMES = 64 * 1024;

/**
 * The value of `e_shstrndx` if the index of the section names does not fit into 16 bits; `sh_link` of the first section
 * then contains the index.
 */
const INDEX_ELSEWHERE = 0xffff;

/**
 * Returns a reader for the numbers in an ELF file, and the positions of the fields; undefined for other files, and for
 * an unknown class or byte order.
 */
export function openElf(bytes: ChunkedBytes): { readonly fields: FieldReader; readonly layout: ElfLayout } | undefined {
  const [fileClass, order] = [bytes.at(4), bytes.at(5)];
  if (nameAt(bytes, 1, 4) !== 'ELF' || (fileClass !== 1 && fileClass !== 2) || (order !== 1 && order !== 2)) {
    return undefined;
  }
  return { fields: new FieldReader(bytes, order === 1), layout: fileClass === 2 ? WIDE : NARROW };
}

/**
 * Reads the section and segment tables of an ELF file when they are first used; undefined if {@link openElf} returns
 * undefined.
 */
export function readElf(bytes: ChunkedBytes): Executable | undefined {
  const opened = openElf(bytes);
  if (opened === undefined) return undefined;
  const { fields, layout } = opened;
  const table = sectionTable(bytes, fields, layout);
  const sectionNames = table && searchedNames(bytes, table);
  let sections: readonly ExecutablePart[] | undefined;
  let segments: readonly ExecutablePart[] | undefined;
  return {
    format: 'elf',
    bytes,
    get sections() {
      sections ??= table === undefined ? [] : sectionsOf(bytes, fields, layout, table);
      return sections;
    },
    get segments() {
      segments ??= segmentsOf(bytes, fields, layout);
      return segments;
    },
    ...(sectionNames && { sectionNames }),
  };
}

type FileRange = Pick<ExecutablePart, 'start' | 'end'>;

type SectionTable = {
  readonly start: number;
  readonly entryBytes: number;
  readonly count: number;
  readonly names: FileRange | undefined;
  /** Whether the section table contains the section with the section names. */
  readonly hasNames: boolean;
};

function sectionTable(bytes: ChunkedBytes, fields: FieldReader, layout: ElfLayout): SectionTable | undefined {
  const { is64, file, section } = layout;
  const start = fields.word(file.sections, is64);
  const entryBytes = fields.u16(file.sectionBytes);
  if (start === 0 || entryBytes < section.bytes) return undefined;
  const stated = fields.u16(file.sectionCount) || fields.word(start + section.size, is64);
  const count = entriesInFile(bytes, start, entryBytes, stated);
  const namesIndex = fields.u16(file.namesIndex);
  const index = namesIndex === INDEX_ELSEWHERE ? fields.u32(start + section.link) : namesIndex;
  const at = start + entryBytes * index;
  return {
    start,
    entryBytes,
    count,
    names: sectionRange(bytes, fields, layout, at),
    hasNames: index < count && hasContent(fields, at),
  };
}

function searchedNames(bytes: ChunkedBytes, { names, hasNames }: SectionTable): Buffer | undefined {
  const isSearched = hasNames && names !== undefined && names.end - names.start <= MAX_SEARCHED_NAMES;
  return isSearched ? bytes.range(names.start, names.end) : undefined;
}

function hasContent(fields: FieldReader, at: number): boolean {
  const type = fields.u32(at + SECTION_TYPE);
  return type !== 0 && type !== NOBITS;
}

function sectionRange(
  bytes: ChunkedBytes,
  fields: FieldReader,
  { is64, section }: ElfLayout,
  at: number,
): FileRange | undefined {
  return rangeInFile(bytes, fields.word(at + section.offset, is64), fields.word(at + section.size, is64));
}

function sectionsOf(
  bytes: ChunkedBytes,
  fields: FieldReader,
  layout: ElfLayout,
  { start, entryBytes, count, names }: SectionTable,
): readonly ExecutablePart[] {
  const { is64, section } = layout;
  const sections: ExecutablePart[] = [];
  for (let at = start; at < start + count * entryBytes; at += entryBytes) {
    const range = hasContent(fields, at) ? sectionRange(bytes, fields, layout, at) : undefined;
    if (range === undefined) continue;
    const flags = fields.word(at + section.flags, is64);
    const name = names === undefined ? '' : nameAt(bytes, names.start + fields.u32(at), names.end);
    sections.push({
      name,
      address: fields.word(at + section.address, is64),
      ...range,
      isWritableData: (flags & SECTION_WRITE) !== 0 && (flags & SECTION_CODE) === 0,
    });
  }
  return sections;
}

function segmentsOf(bytes: ChunkedBytes, fields: FieldReader, layout: ElfLayout): readonly ExecutablePart[] {
  const { is64, file, program } = layout;
  const table = fields.word(file.programs, is64);
  const entryBytes = fields.u16(file.programBytes);
  if (entryBytes < program.bytes) return [];
  const count = entriesInFile(bytes, table, entryBytes, fields.u16(file.programCount));
  const segments: ExecutablePart[] = [];
  for (let at = table; at < table + count * entryBytes; at += entryBytes) {
    if (fields.u32(at) !== LOADED_SEGMENT) continue;
    const range = rangeInFile(bytes, fields.word(at + program.offset, is64), fields.word(at + program.size, is64));
    if (range === undefined) continue;
    const flags = fields.u32(at + program.flags);
    segments.push({
      name: '',
      address: fields.word(at + program.address, is64),
      ...range,
      isWritableData: (flags & SEGMENT_WRITE) !== 0 && (flags & SEGMENT_CODE) === 0,
    });
  }
  return segments;
}
