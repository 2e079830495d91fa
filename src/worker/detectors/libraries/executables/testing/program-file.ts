import { fieldWriter } from './field-writer.ts';
import { machOFile } from './mach-o-file.ts';
import { peFile } from './pe-file.ts';

export type ElfProgramForm = {
  readonly is64?: boolean;
  readonly isLittleEndian?: boolean;
  /** `e_type`; defaults to `ET_EXEC`. */
  readonly type?: number;
  /** The path in `PT_INTERP`; if absent, the program has no such segment. */
  readonly interpreter?: string;
  /** Tags and values of the dynamic section; if absent, the program has no dynamic segment. */
  readonly dynamic?: readonly (readonly [tag: number, value: number])[];
  /** The content of the loaded segment; if null, the program has no loaded segment. */
  readonly code?: string | null;
};

export const ET = { relocatable: 1, executable: 2, shared: 3, core: 4 } as const;
export const DT = { needed: 1, soname: 14, flags: 30, flags1: 0x6f_ff_ff_fb } as const;
export const PIE = 0x08_00_00_00;

/** Builds an ELF file with program headers and without sections. */
export function elfProgram(form: ElfProgramForm = {}): Buffer {
  const { is64 = true, isLittleEndian = true, type = ET.executable, interpreter, dynamic, code = 'code' } = form;
  const size = is64 ? { header: 64, program: 56, word: 8 } : { header: 52, program: 32, word: 4 };
  const segments = [
    ...(code === null ? [] : [{ type: 1, content: Buffer.from(code) }]),
    ...(interpreter === undefined ? [] : [{ type: 3, content: Buffer.from(`${interpreter}\0`) }]),
    ...(dynamic === undefined ? [] : [{ type: 2, content: dynamicSection(dynamic, { is64, isLittleEndian }) }]),
  ];
  let place = size.header + segments.length * size.program;
  const length = segments.reduce((sum, { content }) => sum + content.length, place);
  const { bytes, u16, u32, word } = fieldWriter(length, { is64, isLittleEndian });
  bytes.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, isLittleEndian ? 1 : 2, 1]);
  u16(16, type);
  word(is64 ? 32 : 28, size.header);
  u16(is64 ? 54 : 42, size.program);
  u16(is64 ? 56 : 44, segments.length);
  for (const [index, segment] of segments.entries()) {
    const at = size.header + index * size.program;
    u32(at, segment.type);
    word(at + (is64 ? 8 : 4), place);
    word(at + (is64 ? 32 : 16), segment.content.length);
    bytes.set(segment.content, place);
    place += segment.content.length;
  }
  return bytes;
}

function dynamicSection(
  entries: readonly (readonly [tag: number, value: number])[],
  form: { readonly is64: boolean; readonly isLittleEndian: boolean },
): Buffer {
  const step = form.is64 ? 8 : 4;
  const { bytes, word } = fieldWriter((entries.length + 1) * 2 * step, form);
  for (const [index, [tag, value]] of entries.entries()) {
    word(index * 2 * step, tag);
    word((index * 2 + 1) * step, value);
  }
  return bytes;
}

/** Builds a Windows file with these characteristics and subsystem; by default, a console program. */
export function peProgram({
  is64 = true,
  characteristics = 0x22,
  subsystem = 3,
}: {
  readonly is64?: boolean;
  readonly characteristics?: number;
  readonly subsystem?: number;
} = {}): Buffer {
  const bytes = peFile([{ name: '.text', content: Buffer.from('code'), isCode: true }], { is64 });
  const header = bytes.readUInt32LE(0x3c);
  bytes.writeUInt16LE(characteristics, header + 22);
  bytes.writeUInt16LE(subsystem, header + 24 + 68);
  return bytes;
}

/** Builds a Mach-O file of a type; by default, `MH_EXECUTE`. */
export function machOProgram({
  is64 = true,
  isLittleEndian = true,
  type = 2,
}: {
  readonly is64?: boolean;
  readonly isLittleEndian?: boolean;
  readonly type?: number;
} = {}): Buffer {
  const bytes = machOFile([{ name: '__text', content: Buffer.from('code'), isCode: true }], { is64, isLittleEndian });
  if (isLittleEndian) bytes.writeUInt32LE(type, 12);
  else bytes.writeUInt32BE(type, 12);
  return bytes;
}
