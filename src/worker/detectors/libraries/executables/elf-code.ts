import type { ByteRange } from '../../../../bytes/byte-range.ts';
import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { type ElfLayout, openElf } from './elf.ts';
import type { FieldReader } from './field-reader.ts';

/** The ranges of an ELF file with code and read-only data, as far as the first bytes of the file describe them. */
export type ElfCode = {
  /** The ranges that contain only machine code. */
  readonly code: readonly ByteRange[];
  /** The sections with read-only data; empty if the section table is not in the first bytes. */
  readonly data: readonly ByteRange[];
};

const SECTION_TYPE = 4;
const PROGRAM_BITS = 1;
const SECTION_WRITE = 1;
const SECTION_LOADED = 2;
const SECTION_CODE = 4;

const LOADED = 1;
/** The types of segments that Clair reads: the dynamic section, the interpreter and notes. */
const READ_SEGMENTS: ReadonlySet<number> = new Set([2, 3, 4]);
const SEGMENT_CODE = 1;
const SEGMENT_WRITE = 2;

/**
 * Finds the machine code of an ELF file from the first bytes of the file. Go's linker writes the section table into the
 * first bytes; other linkers write the table at the end. If a file has a separate segment for headers and data before
 * the code segment, the code segment contains only code. Returns undefined for a file without a section table, because
 * any segment of such a file may contain data, and for files that are not ELF.
 */
export function findElfCode(head: ChunkedBytes): ElfCode | undefined {
  const opened = openElf(head);
  if (opened === undefined) return undefined;
  const { fields, layout } = opened;
  const table = fields.word(layout.file.sections, layout.is64);
  const entryBytes = fields.u16(layout.file.sectionBytes);
  const count = fields.u16(layout.file.sectionCount);
  if (table === 0 || count === 0 || entryBytes < layout.section.bytes) return undefined;
  const end = table + count * entryBytes;
  return end <= head.length
    ? codeOfSections(fields, layout, { table, entryBytes, count })
    : { code: codeOfSegments(head, fields, layout, { start: table, end }), data: [] };
}

function codeOfSections(
  fields: FieldReader,
  { is64, section }: ElfLayout,
  { table, entryBytes, count }: { readonly table: number; readonly entryBytes: number; readonly count: number },
): ElfCode {
  const code: ByteRange[] = [];
  const data: ByteRange[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = table + index * entryBytes;
    const flags = fields.word(at + section.flags, is64);
    const isLoaded = fields.u32(at + SECTION_TYPE) === PROGRAM_BITS && (flags & SECTION_LOADED) !== 0;
    if (!isLoaded || (flags & SECTION_WRITE) !== 0) continue;
    const start = fields.word(at + section.offset, is64);
    const range = { start, end: start + fields.word(at + section.size, is64) };
    ((flags & SECTION_CODE) === 0 ? data : code).push(range);
  }
  return { code, data };
}

type Segment = ByteRange & { readonly type: number; readonly flags: number };

function codeOfSegments(
  head: ChunkedBytes,
  fields: FieldReader,
  layout: ElfLayout,
  sectionTable: ByteRange,
): readonly ByteRange[] {
  const segments = segmentsOf(head, fields, layout);
  const hasHeaders = segments.some(
    ({ type, flags, start, end }) => type === LOADED && start === 0 && end > 0 && (flags & SEGMENT_CODE) === 0,
  );
  if (!hasHeaders) return [];
  return segments.filter((segment) => {
    const isCode = segment.type === LOADED && (segment.flags & (SEGMENT_CODE | SEGMENT_WRITE)) === SEGMENT_CODE;
    const isRead = segments.some(
      (other) =>
        other !== segment && (other.type === LOADED || READ_SEGMENTS.has(other.type)) && doOverlap(segment, other),
    );
    return isCode && !isRead && !doOverlap(segment, sectionTable);
  });
}

function segmentsOf(head: ChunkedBytes, fields: FieldReader, { is64, file, program }: ElfLayout): readonly Segment[] {
  const table = fields.word(file.programs, is64);
  const entryBytes = fields.u16(file.programBytes);
  const count = fields.u16(file.programCount);
  if (entryBytes < program.bytes || count > MAX_SEGMENTS || table + count * entryBytes > head.length) return [];
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * entryBytes;
    const start = fields.word(at + program.offset, is64);
    const end = start + fields.word(at + program.size, is64);
    return { type: fields.u32(at), flags: fields.u32(at + program.flags), start, end };
  });
}

/** The maximum number of segments; linkers write about 10 segments. */
const MAX_SEGMENTS = 256;

function doOverlap(one: ByteRange, other: ByteRange): boolean {
  return one.start < other.end && other.start < one.end;
}
