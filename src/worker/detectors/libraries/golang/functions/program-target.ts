import type { Executable } from '../../executables/executable.ts';
import { FieldReader } from '../../executables/field-reader.ts';

/** GOOS and GOARCH; empty if unknown. */
export type ProgramTarget = { readonly os: string; readonly arch: string };

type ArchOf = (isLittleEndian: boolean, is64: boolean) => string;

/**
 * GOARCH by the `e_machine` of ELF files, as a function of byte order and width, because some processors support
 * several byte orders and widths.
 */
const ELF_ARCHS: ReadonlyMap<number, ArchOf> = new Map<number, ArchOf>([
  [3, () => '386'],
  [8, (isLittleEndian, is64) => `mips${is64 ? '64' : ''}${isLittleEndian ? 'le' : ''}`],
  [21, (isLittleEndian) => `ppc64${isLittleEndian ? 'le' : ''}`],
  [22, () => 's390x'],
  [40, () => 'arm'],
  [62, () => 'amd64'],
  [183, () => 'arm64'],
  [243, () => 'riscv64'],
  [258, () => 'loong64'],
]);

/** Operating systems of ELF files by `EI_OSABI`; Linux uses the value of System V. */
const ELF_SYSTEMS: ReadonlyMap<number | undefined, string> = new Map([
  [0, 'linux'],
  [2, 'netbsd'],
  [3, 'linux'],
  [6, 'solaris'],
  [9, 'freebsd'],
  [12, 'openbsd'],
]);

const PE_ARCHS: ReadonlyMap<number, string> = new Map([
  [0x14c, '386'],
  [0x1c4, 'arm'],
  [0x8664, 'amd64'],
  [0xaa64, 'arm64'],
]);

const MACH_O_ARCHS: ReadonlyMap<number, string> = new Map([
  [7, '386'],
  [12, 'arm'],
  [0x1_00_00_07, 'amd64'],
  [0x1_00_00_0c, 'arm64'],
]);

/**
 * Returns the GOOS and GOARCH of a program from the header of the file; programs built before Go 1.18 do not state them
 * anywhere else.
 */
export function targetOfHeader({ format, bytes }: Executable): ProgramTarget {
  if (format === 'elf') {
    const isLittleEndian = bytes.at(5) === 1;
    const arch = ELF_ARCHS.get(new FieldReader(bytes, isLittleEndian).u16(18));
    return { os: ELF_SYSTEMS.get(bytes.at(7)) ?? '', arch: arch?.(isLittleEndian, bytes.at(4) === 2) ?? '' };
  }
  if (format === 'pe') {
    const fields = new FieldReader(bytes, true);
    return { os: 'windows', arch: PE_ARCHS.get(fields.u16(fields.u32(0x3c) + 4)) ?? '' };
  }
  const isLittleEndian = (bytes.at(3) ?? 0) === 0xfe;
  return { os: 'darwin', arch: MACH_O_ARCHS.get(new FieldReader(bytes, isLittleEndian).u32(4)) ?? '' };
}
