import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { Executable, ExecutablePart } from './executable.ts';
import { FieldReader } from './field-reader.ts';
import { entriesInFile, MAX_PARTS, nameAt, rangeInFile } from './part-bounds.ts';

/** Positions in the headers of Mach-O files for one processor (mach-o/loader.h). */
type Layout = {
  readonly is64: boolean;
  readonly headerBytes: number;
  readonly segmentCommand: number;
  readonly segment: {
    readonly address: number;
    readonly start: number;
    readonly size: number;
    readonly maxProtection: number;
    readonly protection: number;
    readonly sectionCount: number;
    readonly bytes: number;
  };
  readonly section: {
    readonly address: number;
    readonly size: number;
    readonly start: number;
    readonly flags: number;
    readonly bytes: number;
  };
};

const NARROW: Layout = {
  is64: false,
  headerBytes: 28,
  segmentCommand: 0x1,
  segment: { address: 24, start: 32, size: 36, maxProtection: 40, protection: 44, sectionCount: 48, bytes: 56 },
  section: { address: 32, size: 36, start: 40, flags: 56, bytes: 68 },
};

const WIDE: Layout = {
  is64: true,
  headerBytes: 32,
  segmentCommand: 0x19,
  segment: { address: 24, start: 40, size: 48, maxProtection: 56, protection: 60, sectionCount: 64, bytes: 72 },
  section: { address: 32, size: 40, start: 48, flags: 64, bytes: 80 },
};

const MAGIC_NARROW = 0xfeedface;
const MAGIC_WIDE = 0xfeedfacf;
const FILE_TYPE = 12;
const PROGRAM = 2;
const COMMAND_COUNT = 16;
/** A load command contains at least its type and its size. */
const MIN_COMMAND_BYTES = 8;
const SEGMENT_NAME = 8;
const NAME_BYTES = 16;
const WRITE = 2;
const EXECUTE = 4;
const SECTION_TYPE = 0xff;
/**
 * The types of sections that have no bytes in the file: zero-filled, large zero-filled, and thread-local zero-filled.
 */
const ZERO_SECTIONS: ReadonlySet<number> = new Set([0x1, 0xc, 0x12]);

const FAT_MAGIC = 0xcafebabe;
const FAT_MAGIC_64 = 0xcafebabf;
/**
 * The limit of `file(1)`. Java class files start with the same magic number; the larger number after it is their
 * version.
 */
const MAX_PROCESSORS = 30;

/** Reads the image of each architecture in a fat (universal) Mach-O file (mach-o/fat.h). Broken images are left out. */
export function readMachOImages(bytes: ChunkedBytes): readonly Executable[] {
  return imagesIn(bytes).flatMap((image) => readMachO(image) ?? []);
}

/** Returns whether a Mach-O file, or one of the images in a fat Mach-O file, is a program (`MH_EXECUTE`). */
export function isMachOProgram(bytes: ChunkedBytes): boolean {
  if (bytes.at(0) === FAT_MAGIC >>> 24) return imagesIn(bytes).some(isMachOProgram);
  const fields = fieldsOf(bytes);
  return fields !== undefined && fields.reader.u32(FILE_TYPE) === PROGRAM;
}

/** Images are not nested: an image that starts like a fat file is left out. */
function imagesIn(bytes: ChunkedBytes): readonly ChunkedBytes[] {
  const fields = new FieldReader(bytes, false);
  const magic = fields.u32(0);
  if (magic !== FAT_MAGIC && magic !== FAT_MAGIC_64) return [];
  const isWide = magic === FAT_MAGIC_64;
  const entryBytes = isWide ? 32 : 20;
  const stated = fields.u32(4);
  if (stated > MAX_PROCESSORS) return [];
  const count = entriesInFile(bytes, 8, entryBytes, stated);
  const images: ChunkedBytes[] = [];
  for (let at = 8; at < 8 + count * entryBytes; at += entryBytes) {
    const start = fields.word(at + 8, isWide);
    const size = fields.word(at + (isWide ? 16 : 12), isWide);
    const range = rangeInFile(bytes, start, size);
    const image = range && bytes.slice(range.start, range.end);
    if (image !== undefined && image.at(0) !== FAT_MAGIC >>> 24) images.push(image);
  }
  return images;
}

/** Reads the sections and segments of a Mach-O file for one processor; undefined for other files. */
export function readMachO(bytes: ChunkedBytes): Executable | undefined {
  const fields = fieldsOf(bytes);
  return fields && readImage(bytes, fields.reader, fields.layout);
}

function fieldsOf(bytes: ChunkedBytes): { readonly reader: FieldReader; readonly layout: Layout } | undefined {
  for (const isLittleEndian of [true, false]) {
    const reader = new FieldReader(bytes, isLittleEndian);
    const magic = reader.u32(0);
    if (magic === MAGIC_WIDE) return { reader, layout: WIDE };
    if (magic === MAGIC_NARROW) return { reader, layout: NARROW };
  }
  return undefined;
}

function readImage(bytes: ChunkedBytes, fields: FieldReader, layout: Layout): Executable {
  const sections: ExecutablePart[] = [];
  const segments: ExecutablePart[] = [];
  const count = entriesInFile(bytes, layout.headerBytes, MIN_COMMAND_BYTES, fields.u32(COMMAND_COUNT));
  let at = layout.headerBytes;
  for (let command = 0; command < count && sections.length < MAX_PARTS; command += 1) {
    const size = fields.u32(at + 4);
    if (size < MIN_COMMAND_BYTES) break;
    if (fields.u32(at) === layout.segmentCommand) {
      const segment = segmentAt(bytes, fields, at, layout);
      if (segment !== undefined) {
        segments.push(segment);
        sections.push(...sectionsOf(bytes, fields, at, layout, segment));
      }
    }
    at += size;
  }
  return { format: 'mach-o', bytes, sections, segments };
}

function segmentAt(
  bytes: ChunkedBytes,
  fields: FieldReader,
  at: number,
  { is64, segment }: Layout,
): ExecutablePart | undefined {
  const range = rangeInFile(bytes, fields.word(at + segment.start, is64), fields.word(at + segment.size, is64));
  if (range === undefined) return undefined;
  const protection = fields.u32(at + segment.protection) | fields.u32(at + segment.maxProtection);
  return {
    name: nameAt(bytes, at + SEGMENT_NAME, at + SEGMENT_NAME + NAME_BYTES),
    address: fields.word(at + segment.address, is64),
    ...range,
    isWritableData: (fields.u32(at + segment.protection) & WRITE) !== 0 && (protection & EXECUTE) === 0,
  };
}

function sectionsOf(
  bytes: ChunkedBytes,
  fields: FieldReader,
  command: number,
  { is64, segment, section }: Layout,
  { isWritableData }: ExecutablePart,
): readonly ExecutablePart[] {
  const table = command + segment.bytes;
  const commandEnd = command + fields.u32(command + 4);
  const fitting = Math.max(0, Math.floor((commandEnd - table) / section.bytes));
  const stated = Math.min(fields.u32(command + segment.sectionCount), fitting);
  const count = entriesInFile(bytes, table, section.bytes, stated);
  const sections: ExecutablePart[] = [];
  for (let at = table; at < table + count * section.bytes; at += section.bytes) {
    if (ZERO_SECTIONS.has(fields.u32(at + section.flags) & SECTION_TYPE)) continue;
    const range = rangeInFile(bytes, fields.u32(at + section.start), fields.word(at + section.size, is64));
    if (range === undefined) continue;
    sections.push({
      name: nameAt(bytes, at, at + NAME_BYTES),
      address: fields.word(at + section.address, is64),
      ...range,
      isWritableData,
    });
  }
  return sections;
}
