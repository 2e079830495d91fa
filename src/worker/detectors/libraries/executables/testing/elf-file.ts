import { addressOf, type BuiltSection, fieldWriter, placesOf } from './field-writer.ts';

export type ElfForm = {
  readonly is64?: boolean;
  readonly isLittleEndian?: boolean;
  /** Defaults to true; UPX and `sstrip` leave no section table. */
  readonly hasSectionTable?: boolean;
  /** Whether the section table precedes the sections, as in files from Go's linker. */
  readonly isTableFirst?: boolean;
};

const NOBITS = 8;
const STRING_TABLE = 3;

/** Builds an ELF program with a segment for each section. */
export function elfFile(
  sections: readonly BuiltSection[],
  { is64 = true, isLittleEndian = true, hasSectionTable = true, isTableFirst = false }: ElfForm = {},
): Buffer {
  const size = is64 ? { header: 64, program: 56, section: 64 } : { header: 52, program: 32, section: 40 };
  const names = ['', ...sections.map(({ name }) => name), '.shstrtab'];
  const namePlaces = names.map((_, index) => names.slice(0, index).reduce((sum, { length }) => sum + length + 1, 0));
  const table: BuiltSection = { name: '.shstrtab', content: Buffer.from(`${names.join('\0')}\0`, 'latin1') };
  const contents = hasSectionTable ? [...sections, table] : sections;
  const headers = size.header + sections.length * size.program;
  const tableBytes = hasSectionTable ? names.length * size.section : 0;
  const places = placesOf(contents, isTableFirst ? headers + tableBytes : headers);
  const contentEnd = places.at(-1) ?? 0;
  const tableStart = isTableFirst ? headers : contentEnd;
  const end = isTableFirst ? contentEnd : contentEnd + tableBytes;
  const { bytes, u16, u32, word } = fieldWriter(end, { is64, isLittleEndian });
  bytes.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, isLittleEndian ? 1 : 2, 1]);
  word(is64 ? 32 : 28, size.header);
  word(is64 ? 40 : 32, hasSectionTable ? tableStart : 0);
  const counts = is64 ? 54 : 42;
  u16(counts, size.program);
  u16(counts + 2, sections.length);
  u16(counts + 4, size.section);
  u16(counts + 6, hasSectionTable ? names.length : 0);
  u16(counts + 8, hasSectionTable ? names.length - 1 : 0);
  for (const [index, section] of contents.entries()) {
    const { content, isCode = false, isReadOnly = false, isAbsent = false } = section;
    const [address, place] = [addressOf(section, index), places[index] ?? 0];
    bytes.set(content, place);
    if (section !== table) {
      const at = size.header + index * size.program;
      u32(at, 1);
      u32(at + (is64 ? 4 : 24), isCode ? 5 : isReadOnly ? 4 : 6);
      word(at + (is64 ? 8 : 4), place);
      word(at + (is64 ? 16 : 8), address);
      word(at + (is64 ? 32 : 16), isAbsent ? 0 : content.length);
    }
    if (!hasSectionTable) continue;
    const at = tableStart + (index + 1) * size.section;
    u32(at, namePlaces[index + 1] ?? 0);
    u32(at + 4, section === table ? STRING_TABLE : isAbsent ? NOBITS : 1);
    word(at + 8, isCode ? 6 : isReadOnly ? 2 : 3);
    word(at + (is64 ? 16 : 12), address);
    word(at + (is64 ? 24 : 16), place);
    word(at + (is64 ? 32 : 20), content.length);
  }
  return bytes;
}
