/** Writes numbers into a binary header. */
export type FieldWriter = {
  readonly bytes: Buffer;
  readonly u16: (at: number, value: number) => void;
  readonly u32: (at: number, value: number) => void;
  readonly word: (at: number, value: number) => void;
};

/** Returns a writer to a buffer of `length` zero bytes. */
export function fieldWriter(
  length: number,
  { is64, isLittleEndian }: { readonly is64: boolean; readonly isLittleEndian: boolean },
): FieldWriter {
  const bytes = Buffer.alloc(length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  return {
    bytes,
    u16: (at, value) => view.setUint16(at, value, isLittleEndian),
    u32: (at, value) => view.setUint32(at, value, isLittleEndian),
    word: (at, value) => {
      if (is64) view.setBigUint64(at, BigInt(value), isLittleEndian);
      else view.setUint32(at, value, isLittleEndian);
    },
  };
}

/** A section of a built executable, which is loaded at its address. */
export type BuiltSection = {
  readonly name: string;
  /** The address; defaults to 0x10000 times the number of the section. */
  readonly address?: number;
  readonly content: Uint8Array;
  /** Whether the section contains code; by default, the section contains writable data. */
  readonly isCode?: boolean;
  readonly isReadOnly?: boolean;
  /** Whether the section table describes the section, but the file does not contain its bytes. */
  readonly isAbsent?: boolean;
};

export function addressOf({ address }: BuiltSection, index: number): number {
  return address ?? 0x10000 * (index + 1);
}

/**
 * Returns the start of each section if the sections start at `start` and are aligned to 16 bytes, and the end of the
 * last section.
 */
export function placesOf(sections: readonly BuiltSection[], start: number): readonly number[] {
  const places = [Math.ceil(start / 16) * 16];
  for (const { content } of sections) places.push(Math.ceil(((places.at(-1) ?? 0) + content.length) / 16) * 16);
  return places;
}
