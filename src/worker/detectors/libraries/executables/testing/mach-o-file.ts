import { addressOf, type BuiltSection, fieldWriter, placesOf } from './field-writer.ts';

/** Builds a Mach-O program for one processor, with a segment for each section. */
export function machOFile(
  sections: readonly BuiltSection[],
  { is64 = true, isLittleEndian = true }: { readonly is64?: boolean; readonly isLittleEndian?: boolean } = {},
): Buffer {
  const size = is64 ? { header: 32, segment: 72, section: 80 } : { header: 28, segment: 56, section: 68 };
  const commandBytes = size.segment + size.section;
  const places = placesOf(sections, size.header + sections.length * commandBytes);
  const { bytes, u32, word } = fieldWriter(places.at(-1) ?? 0, { is64, isLittleEndian });
  u32(0, is64 ? 0xfeedfacf : 0xfeedface);
  u32(16, sections.length);
  u32(20, sections.length * commandBytes);
  for (const [index, section] of sections.entries()) {
    const { name, content, isCode = false, isAbsent = false } = section;
    const [at, address, place] = [size.header + index * commandBytes, addressOf(section, index), places[index] ?? 0];
    const step = is64 ? 8 : 4;
    u32(at, is64 ? 0x19 : 0x1);
    u32(at + 4, commandBytes);
    bytes.write(isCode ? '__TEXT' : '__DATA', at + 8, 'latin1');
    word(at + 24, address);
    word(at + 24 + step, content.length);
    word(at + 24 + 2 * step, place);
    word(at + 24 + 3 * step, content.length);
    u32(at + 24 + 4 * step, isCode ? 5 : 3);
    u32(at + 28 + 4 * step, isCode ? 5 : 3);
    u32(at + 32 + 4 * step, 1);
    const entry = at + size.segment;
    bytes.write(name, entry, 'latin1');
    word(entry + 32, address);
    word(entry + 32 + step, content.length);
    u32(entry + 32 + 2 * step, isAbsent ? 0 : place);
    u32(entry + 48 + 2 * step, isAbsent ? 1 : 0);
    bytes.set(content, place);
  }
  return bytes;
}

/** Builds a fat (universal) Mach-O file from one executable per architecture. */
export function fatMachOFile(
  images: readonly Uint8Array[],
  { is64 = false }: { readonly is64?: boolean } = {},
): Buffer {
  const entryBytes = is64 ? 32 : 20;
  const sections = images.map((content) => ({ name: '', content }));
  const places = placesOf(sections, 8 + images.length * entryBytes);
  const { bytes, u32, word } = fieldWriter(places.at(-1) ?? 0, { is64, isLittleEndian: false });
  u32(0, is64 ? 0xcafebabf : 0xcafebabe);
  u32(4, images.length);
  for (const [index, image] of images.entries()) {
    const at = 8 + index * entryBytes;
    word(at + 8, places[index] ?? 0);
    word(at + (is64 ? 16 : 12), image.length);
    bytes.set(image, places[index] ?? 0);
  }
  return bytes;
}
