import { addressOf, type BuiltSection, fieldWriter, placesOf } from './field-writer.ts';

/** The address of the image in memory; addresses of sections are relative to it. */
export const IMAGE_BASE = 0x400000;

const HEADER = 0x80;
const LONG_NAME = 8;

/** Builds a Windows program. Section names of more than 8 characters are in the string table, as MinGW writes them. */
export function peFile(sections: readonly BuiltSection[], { is64 = true }: { readonly is64?: boolean } = {}): Buffer {
  const optionalBytes = is64 ? 240 : 224;
  const table = HEADER + 24 + optionalBytes;
  const places = placesOf(sections, table + sections.length * 40);
  const symbols = places.at(-1) ?? 0;
  const longNames = sections.map(({ name }) => name).filter(({ length }) => length > LONG_NAME);
  const names = Buffer.from(`\0\0\0\0${longNames.map((name) => `${name}\0`).join('')}`, 'latin1');
  const { bytes, u16, u32, word } = fieldWriter(symbols + names.length, { is64, isLittleEndian: true });
  bytes.write('MZ', 0, 'latin1');
  u32(0x3c, HEADER);
  bytes.write('PE\0\0', HEADER, 'latin1');
  u16(HEADER + 6, sections.length);
  u32(HEADER + 12, symbols);
  u16(HEADER + 20, optionalBytes);
  u16(HEADER + 24, is64 ? 0x20b : 0x10b);
  word(HEADER + 24 + (is64 ? 24 : 28), IMAGE_BASE);
  bytes.set(names, symbols);
  for (const [index, section] of sections.entries()) {
    const at = table + index * 40;
    const { name, content, isCode = false } = section;
    const isLong = name.length > LONG_NAME;
    bytes.write(isLong ? `/${names.indexOf(name, 0, 'latin1')}` : name, at, 'latin1');
    u32(at + 8, content.length);
    u32(at + 12, addressOf(section, index));
    u32(at + 16, content.length);
    u32(at + 20, places[index] ?? 0);
    u32(at + 36, isCode ? 0x60_00_00_20 : 0xc0_00_00_40);
    bytes.set(content, places[index] ?? 0);
  }
  return bytes;
}
