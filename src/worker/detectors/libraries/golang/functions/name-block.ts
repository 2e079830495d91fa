import type { ChunkedBytes } from '../../../../../bytes/chunks/chunked-bytes.ts';
import { contentOf, type Executable, type ExecutablePart, sectionNamed } from '../../executables/executable.ts';
import { FieldReader } from '../../executables/field-reader.ts';

/** The blocks of NUL-terminated function names of a program, or the reason why the blocks are unknown. */
export type NameBlocks = { readonly blocks: readonly ChunkedBytes[] } | { readonly unknown: string };

/** Sections that contain only the function table. */
const SECTIONS = ['.gopclntab', '.data.rel.ro.gopclntab', '__gopclntab'] as const;

/**
 * Linkers put the table into data (`.data.rel.ro`, `.rdata`); machine code is searched only if the data has no table.
 */
const CODE_SECTIONS: ReadonlySet<string> = new Set(['.text', '__text']);

/** The magic number of Go 1.2 to 1.15, whose function table contains no block of names. */
const OLD_MAGIC = 0xff_ff_ff_fb;
/**
 * The index of the header word with the offset of the names, by magic number; the next word contains the offset of the
 * block after the names.
 */
const NAMES_WORD: ReadonlyMap<number, number> = new Map([
  [0xff_ff_ff_fa, 2], // Go 1.16 and 1.17
  [0xff_ff_ff_f0, 3], // Go 1.18 and 1.19
  [0xff_ff_ff_f1, 3], // Go 1.20 and later
]);

/** A program contains its own function table, and the tables of all programs that are embedded in it. */
const MAX_TABLES = 16;

const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

/**
 * Finds the function name block of a Go program, which is part of the function table (`pclntab`, Go 1.16 and later). A
 * section with the name of the table takes precedence; otherwise the loaded sections, or the segments if there are no
 * such sections, are searched for the header of the table. A program may embed other programs, so all tables that the
 * search finds are used.
 *
 * Source: `debug/gosym` and `cmd/link/internal/ld/pcln.go` of Go.
 */
export function findNameBlocks(executable: Executable): NameBlocks {
  const named = sectionNamed(executable, ...SECTIONS);
  const found = named === undefined ? searched(executable) : [tableAt(contentOf(executable, named), 0)];
  const tables = found.filter((each) => each !== undefined);
  const blocks = tables.filter((each) => each !== 'old');
  if (tables.length === 0) return { unknown: 'no function table was found' };
  if (tables.length > blocks.length) return { unknown: 'the function table was written by a Go version before 1.16' };
  if (tables.length > MAX_TABLES) return { unknown: `the program contains more than ${MAX_TABLES} function tables` };
  const size = blocks.reduce((sum, { length }) => sum + length, 0);
  return size > MAX_BLOCK_BYTES ? { unknown: `the function names exceed ${MAX_BLOCK_BYTES} bytes` } : { blocks };
}

/** The block of names of a table, `old` for a table without such a block; undefined if the header is invalid. */
type Table = ChunkedBytes | 'old' | undefined;

function tableAt(bytes: ChunkedBytes, at: number): Table {
  const place = placeOfNames(bytes, at);
  return typeof place === 'object' ? bytes.slice(place.start, place.end) : place;
}

/**
 * Returns the range of the name block in the function table at a position; `old` for a table without a name block, and
 * undefined if there is no table. Reads only the header of the table.
 */
export function placeOfNames(
  bytes: ChunkedBytes,
  at: number,
): { readonly start: number; readonly end: number } | 'old' | undefined {
  const length = bytes.length - at;
  for (const isLittleEndian of [true, false]) {
    const fields = new FieldReader(bytes, isLittleEndian);
    const magic = fields.u32(at);
    const namesWord = NAMES_WORD.get(magic);
    if (namesWord === undefined && magic !== OLD_MAGIC) continue;
    const [quantum, pointerBytes] = [bytes.at(at + 6) ?? 0, bytes.at(at + 7)];
    const isSound =
      fields.u16(at + 4) === 0 && [1, 2, 4].includes(quantum) && (pointerBytes === 4 || pointerBytes === 8);
    if (!isSound) return undefined;
    const word = (index: number): number => fields.word(at + 8 + index * pointerBytes, pointerBytes === 8);
    const functions = word(0);
    if (functions === 0 || functions > length) return undefined;
    if (namesWord === undefined) return 'old';
    const offsets = [0, 1, 2, 3, 4].map((index) => word(namesWord + index));
    const [names = 0, units = 0] = offsets;
    const isRising = offsets.every((offset, index) => index === 0 || offset >= (offsets[index - 1] ?? 0));
    const isInside = names >= 8 + 7 * pointerBytes && names < units && (offsets.at(-1) ?? 0) < length;
    return isRising && isInside ? { start: at + names, end: at + units } : undefined;
  }
  return undefined;
}

function searched(executable: Executable): readonly Table[] {
  const { format, sections, segments } = executable;
  // ELF sections without an address, such as symbols and debug information, are not loaded.
  const loaded = format === 'elf' ? sections.filter(({ address }) => address !== 0) : sections;
  const parts = loaded.length > 0 ? loaded : segments;
  const data = parts.filter(({ name }) => !CODE_SECTIONS.has(name));
  const code = parts.filter(({ name }) => CODE_SECTIONS.has(name));
  for (const group of [data, code]) {
    const tables = withoutOverlap(group).flatMap((part) => tablesIn(executable, part));
    if (tables.length > 0) return tables;
  }
  return [];
}

/** Cuts parts that overlap in the file, so that each byte is searched once. */
function withoutOverlap(parts: readonly ExecutablePart[]): readonly ExecutablePart[] {
  const kept: ExecutablePart[] = [];
  let end = 0;
  for (const part of parts.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(part.start, end);
    if (start >= part.end) continue;
    kept.push({ ...part, address: part.address + start - part.start, start });
    end = part.end;
  }
  return kept;
}

function tablesIn(executable: Executable, part: ExecutablePart): readonly Table[] {
  const bytes = contentOf(executable, part);
  const tables: Table[] = [];
  for (const position of headerPositions(bytes)) {
    // The table is aligned like pointers, which have at least 4 bytes.
    if ((part.address + position) % 4 !== 0) continue;
    const table = tableAt(bytes, position);
    if (table !== undefined && tables.push(table) > MAX_TABLES) break;
  }
  return tables;
}

/** The last bytes of all little-endian magic numbers, with the zeros after them. */
const LITTLE = Buffer.from([0xff, 0xff, 0xff, 0x00, 0x00]);
const BIG = [0xf1, 0xf0, 0xfa, 0xfb].map((last) => Buffer.from([0xff, 0xff, 0xff, last, 0x00, 0x00]));
const LAST_BYTES: ReadonlySet<number | undefined> = new Set([0xf1, 0xf0, 0xfa, 0xfb]);

function* headerPositions(bytes: ChunkedBytes): Generator<number> {
  for (let at = bytes.indexOf(LITTLE, 0); at !== -1; at = bytes.indexOf(LITTLE, at + 1)) {
    if (LAST_BYTES.has(bytes.at(at - 1))) yield at - 1;
  }
  for (const magic of BIG) {
    for (let at = bytes.indexOf(magic, 0); at !== -1; at = bytes.indexOf(magic, at + 1)) yield at;
  }
}
