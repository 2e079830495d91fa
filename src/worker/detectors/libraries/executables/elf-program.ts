import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { type ElfLayout, openElf } from './elf.ts';
import type { FieldReader } from './field-reader.ts';
import { entriesInFile, rangeInFile } from './part-bounds.ts';

/**
 * The maximum numbers of entries to read. Linkers write about 10 program headers and up to a few hundred entries of the
 * dynamic section.
 */
const MAX_PROGRAM_HEADERS = 1024;
const MAX_DYNAMIC_ENTRIES = 4096;

const FILE_TYPE = 16;
const EXECUTABLE = 2;
const SHARED = 3;

/** Values of `p_type`, the type of a segment. */
const LOADED = 1;
const DYNAMIC = 2;
const INTERPRETER = 3;

/** Tags of the dynamic section. */
const END = 0;
const LIBRARY_NAME = 14;
const FLAGS_1 = 0x6f_ff_ff_fb;
const IS_POSITION_INDEPENDENT_PROGRAM = 0x08_00_00_00;

const SLASH = 0x2f;

/**
 * Returns whether an ELF file is a program. A program has the type `ET_EXEC`, or the type `ET_DYN` with either the flag
 * `DF_1_PIE`, or an interpreter and no library name (`DT_SONAME`). Object files, kernel modules and most shared
 * libraries have another type or no interpreter; the C library has both an interpreter and a name. Reads at most 128
 * KiB.
 */
export function isElfProgram(bytes: ChunkedBytes): boolean {
  const opened = openElf(bytes);
  if (opened === undefined) return false;
  const { fields, layout } = opened;
  const type = fields.u16(FILE_TYPE);
  if (type !== EXECUTABLE && type !== SHARED) return false;
  const { isLoaded, dynamic, interpreter } = segmentsOf(bytes, fields, layout);
  if (!isLoaded) return false;
  if (type === EXECUTABLE) return true;
  const { flags, isNamed } = dynamicFacts(bytes, fields, layout, dynamic);
  if (Math.floor(flags / IS_POSITION_INDEPENDENT_PROGRAM) % 2 === 1) return true;
  // A debug information file has the header of the interpreter segment, but not the interpreter's path.
  return interpreter !== undefined && bytes.at(interpreter.start) === SLASH && !isNamed;
}

type Segment = { readonly start: number; readonly size: number };

/** The first segments of each type. */
type Segments = {
  readonly isLoaded: boolean;
  readonly dynamic: Segment | undefined;
  readonly interpreter: Segment | undefined;
};

function segmentsOf(bytes: ChunkedBytes, fields: FieldReader, { is64, file, program }: ElfLayout): Segments {
  const table = fields.word(file.programs, is64);
  const entryBytes = fields.u16(file.programBytes);
  const stated = entryBytes < program.bytes ? 0 : fields.u16(file.programCount);
  const count = Math.min(entriesInFile(bytes, table, entryBytes, stated), MAX_PROGRAM_HEADERS);
  const segmentAt = (at: number): Segment => {
    return { start: fields.word(at + program.offset, is64), size: fields.word(at + program.size, is64) };
  };
  let isLoaded = false;
  let dynamic: Segment | undefined;
  let interpreter: Segment | undefined;
  for (let index = 0; index < count; index += 1) {
    const at = table + index * entryBytes;
    const type = fields.u32(at);
    if (type === LOADED) isLoaded = true;
    else if (type === DYNAMIC) dynamic ??= segmentAt(at);
    else if (type === INTERPRETER) interpreter ??= segmentAt(at);
  }
  return { isLoaded, dynamic, interpreter };
}

/** `flags` is the value of `DT_FLAGS_1`; a missing section, or a section outside the file, has no flags and no name. */
function dynamicFacts(
  bytes: ChunkedBytes,
  fields: FieldReader,
  { is64 }: ElfLayout,
  segment: Segment | undefined,
): { readonly flags: number; readonly isNamed: boolean } {
  const range = segment && rangeInFile(bytes, segment.start, segment.size);
  const wordBytes = is64 ? 8 : 4;
  const stated = range === undefined ? 0 : Math.floor((range.end - range.start) / (2 * wordBytes));
  let flags = 0;
  let isNamed = false;
  for (let entry = 0; entry < Math.min(stated, MAX_DYNAMIC_ENTRIES); entry += 1) {
    const at = (range?.start ?? 0) + entry * 2 * wordBytes;
    const tag = fields.word(at, is64);
    if (tag === END) break;
    if (tag === FLAGS_1) flags = fields.word(at + wordBytes, is64);
    if (tag === LIBRARY_NAME) isNamed = true;
  }
  return { flags, isNamed };
}
