import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { bytesAt, type Executable, type ExecutablePart, hasSections, sectionNamed } from '../executables/executable.ts';
import { FieldReader } from '../executables/field-reader.ts';

/** The two strings that Go's linker writes into a program. */
export type BuildInformation = {
  /** The Go version, such as `go1.22.1`. */
  readonly goVersion: string;
  /** The lines about modules and build settings; can be empty for a program that was built without modules. */
  readonly modules: string;
};

/** The names of the section in ELF and Mach-O files. PE files have no separate section for the build information. */
const SECTIONS = ['.go.buildinfo', '__go_buildinfo'] as const;

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const ALIGNMENT = 16;
const HEADER_BYTES = 32;
const POINTER_BYTES = 14;
const FLAGS = 15;
const FIRST_POINTER = 16;
const IS_BIG_ENDIAN = 1;
const IS_INLINE = 2;

/** Linkers write the build information near the start of the data. */
const MAX_SEARCHED_BYTES = 16 * 1024 * 1024;

/** A program that reads Go programs also contains the magic number in its data. */
const MAX_CANDIDATES = 100;

/** A version can include the names of experiments and of a vendor. */
const MAX_VERSION_BYTES = 1024;

/** The build information of programs such as Kubernetes is about 50 KiB; each module needs about 100 bytes. */
const MAX_MODULES_BYTES = 4 * 1024 * 1024;

/** Go writes 16 bytes before the lines and 16 bytes after them. */
const FRAME_BYTES = 16;

/**
 * Finds Go's build information. Searches the section for build information. Without this section, searches the first
 * section with writable data of a PE file, or the first writable data segment of a file without sections. Returns
 * `unreadable` for broken build information, and undefined if there is no build information.
 *
 * Source: Go's package `debug/buildinfo`.
 */
export function findBuildInformation(executable: Executable): BuildInformation | 'unreadable' | undefined {
  const section = sectionNamed(executable, ...SECTIONS);
  const part = section ?? dataOf(executable);
  if (part === undefined) return undefined;
  const candidates = magicPositions(executable.bytes, part);
  for (const at of candidates) {
    const found = readAt(executable, at, part.end);
    if (found !== undefined) return found;
  }
  return section !== undefined || candidates.length > 0 ? 'unreadable' : undefined;
}

function dataOf(executable: Executable): ExecutablePart | undefined {
  if (executable.format !== 'pe' && hasSections(executable)) return undefined;
  return executable.segments.find(({ isWritableData }) => isWritableData);
}

function magicPositions(bytes: ChunkedBytes, { address, start, end }: ExecutablePart): readonly number[] {
  const searched = bytes.slice(start, Math.min(end, start + MAX_SEARCHED_BYTES));
  const positions: number[] = [];
  let at = searched.indexOf(MAGIC, 0);
  while (at !== -1 && positions.length < MAX_CANDIDATES) {
    if ((address + at) % ALIGNMENT === 0) positions.push(start + at);
    at = searched.indexOf(MAGIC, at + 1);
  }
  return positions;
}

function readAt(executable: Executable, at: number, end: number): BuildInformation | undefined {
  const { bytes } = executable;
  const texts =
    ((bytes.at(at + FLAGS) ?? 0) & IS_INLINE) === 0
      ? textsByPointer(executable, at)
      : inlineTexts(bytes.slice(0, end), at + HEADER_BYTES);
  if (texts === undefined) return undefined;
  const [version, modules] = texts;
  if (version.length === 0 || version.length > MAX_VERSION_BYTES) return undefined;
  return { goVersion: textOf(version), modules: textOf(withoutFrame(modules)) };
}

/** From Go 1.18 on, two strings follow the header, each preceded by its length. */
function inlineTexts(bytes: ChunkedBytes, at: number): readonly [Uint8Array, Uint8Array] | undefined {
  const version = countedText(bytes, at);
  const modules = version && countedText(bytes, version.end);
  return version && modules && [version.text, modules.text];
}

function countedText(bytes: ChunkedBytes, at: number): { readonly text: Uint8Array; readonly end: number } | undefined {
  let length = 0;
  let start = at;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes.at(start);
    start += 1;
    if (byte === undefined) return undefined;
    length += (byte % 128) * scale;
    if (length > MAX_MODULES_BYTES || scale > MAX_MODULES_BYTES) return undefined;
    if (byte < 128) break;
  }
  const end = start + length;
  return end <= bytes.length ? { text: bytes.range(start, end), end } : undefined;
}

/** Before Go 1.18 the header contains the addresses of two Go strings; each string is an address and a length. */
function textsByPointer(executable: Executable, at: number): readonly [Uint8Array, Uint8Array] | undefined {
  const { bytes } = executable;
  const pointerBytes = bytes.at(at + POINTER_BYTES);
  if (pointerBytes !== 4 && pointerBytes !== 8) return undefined;
  const isLittleEndian = ((bytes.at(at + FLAGS) ?? 0) & IS_BIG_ENDIAN) === 0;
  const stringAt = (pointer: number): Uint8Array | undefined => {
    const address = new FieldReader(bytes, isLittleEndian).word(pointer, pointerBytes === 8);
    const header = bytesAt(executable, address, 2 * pointerBytes);
    if (header === undefined) return undefined;
    const fields = new FieldReader(new ChunkedBytes([header]), isLittleEndian);
    const length = fields.word(pointerBytes, pointerBytes === 8);
    if (length === 0) return new Uint8Array();
    if (length > MAX_MODULES_BYTES) return undefined;
    return bytesAt(executable, fields.word(0, pointerBytes === 8), length);
  };
  const version = stringAt(at + FIRST_POINTER);
  const modules = stringAt(at + FIRST_POINTER + pointerBytes);
  return version && modules && [version, modules];
}

function withoutFrame(modules: Uint8Array): Uint8Array {
  const isFramed = modules.length > 2 * FRAME_BYTES && modules[modules.length - FRAME_BYTES - 1] === 0x0a;
  return isFramed ? modules.subarray(FRAME_BYTES, -FRAME_BYTES) : new Uint8Array();
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
