/**
 * The first bytes of ELF files (System V ABI, "ELF Header", `EI_MAG0` …) and of Windows programs (PE format, "MS-DOS
 * Stub").
 */
const ELF = 0x7f454c46;
const MZ = 0x4d5a;

/** The magic numbers of Mach-O files for one processor, 32 and 64 bits, in both byte orders (mach-o/loader.h). */
const MACH_O: ReadonlySet<number> = new Set([0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe]);

/** The magic numbers of fat (universal) Mach-O files (mach-o/fat.h), always big-endian. */
const MACH_O_FAT: ReadonlySet<number> = new Set([0xcafebabe, 0xcafebabf]);

/**
 * Java class files start with 0xcafebabe too, and have a version of at least 45 in place of the number of processors.
 */
const MAX_PROCESSORS = 30;

/**
 * Returns whether a file starts like a program or library for Linux, Windows or macOS.
 *
 * @param bytes the first bytes of the file; 8 suffice
 */
export function isExecutableStart(bytes: Uint8Array): boolean {
  const first = bigEndianAt(bytes, 0);
  if (first === ELF || first >>> 16 === MZ || MACH_O.has(first)) return true;
  if (!MACH_O_FAT.has(first) || bytes.length < 8) return false;
  const processors = bigEndianAt(bytes, 4);
  return processors > 0 && processors <= MAX_PROCESSORS;
}

/** Reads 32 bits; bytes beyond the end are zeros. */
function bigEndianAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return ((high << 16) | low) >>> 0;
}
