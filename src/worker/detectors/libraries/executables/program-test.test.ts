import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { executables } from './detector.ts';
import { isProgram } from './program-test.ts';
import { fatMachOFile } from './testing/mach-o-file.ts';
import { DT, elfProgram, type ElfProgramForm, ET, machOProgram, peProgram, PIE } from './testing/program-file.ts';

const LOADER = '/lib64/ld-linux-x86-64.so.2';
const NEEDED = [DT.needed, 1] as const;
const NAMED = [DT.soname, 9] as const;

function isProgramIn(bytes: Uint8Array): boolean {
  return isProgram(new ChunkedBytes([bytes]));
}

const CLASSES = [
  { is64: true, isLittleEndian: true },
  { is64: true, isLittleEndian: false },
  { is64: false, isLittleEndian: true },
  { is64: false, isLittleEndian: false },
];

describe.each(CLASSES)('an ELF file (64 bits: $is64, little-endian: $isLittleEndian)', (form) => {
  it.each<[string, ElfProgramForm, boolean]>([
    ['with fixed addresses is a program', { type: ET.executable }, true],
    ['with fixed addresses and libraries is a program', { interpreter: LOADER, dynamic: [NEEDED] }, true],
    ['with an interpreter is a program', { type: ET.shared, interpreter: LOADER, dynamic: [NEEDED] }, true],
    ['with an interpreter and no dynamic section is a program', { type: ET.shared, interpreter: LOADER }, true],
    ['with DF_1_PIE is a program, without an interpreter', { type: ET.shared, dynamic: [[DT.flags1, PIE + 1]] }, true],
    [
      'with DF_1_PIE and a name is a program',
      { type: ET.shared, interpreter: LOADER, dynamic: [NAMED, [DT.flags1, PIE]] },
      true,
    ],
    ['with other flags is a library', { type: ET.shared, dynamic: [[DT.flags1, 0x1 + 0x8]] }, false],
    ['with the bit of DF_1_PIE in DT_FLAGS is a library', { type: ET.shared, dynamic: [[DT.flags, PIE]] }, false],
    [
      'with DF_1_PIE after the end of the section is a library',
      {
        type: ET.shared,
        dynamic: [
          [0, 0],
          [DT.flags1, PIE],
        ],
      },
      false,
    ],
    ['with a name is a library', { type: ET.shared, dynamic: [NAMED] }, false],
    [
      'with a name and an interpreter is a library, such as libc',
      { type: ET.shared, interpreter: LOADER, dynamic: [NAMED] },
      false,
    ],
    ['without name, flags and interpreter is a library', { type: ET.shared, dynamic: [NEEDED] }, false],
    [
      'with debug information in place of the interpreter is no program',
      { type: ET.shared, interpreter: 'GNU' },
      false,
    ],
    ['of a compiler, or a kernel module, is no program', { type: ET.relocatable }, false],
    ['of a crash is no program', { type: ET.core, interpreter: LOADER }, false],
    ['of an unknown type is no program', { type: 0xfe00 }, false],
    ['without loaded segments is no program', { type: ET.executable, code: null }, false],
  ])('%s', (_, what, expected) => {
    expect(isProgramIn(elfProgram({ ...form, ...what }))).toBe(expected);
  });

  it('is not a program when it is cut off in the headers, and a program when it is cut off after the headers', () => {
    const bytes = elfProgram({ ...form, type: ET.shared, interpreter: LOADER, dynamic: [NEEDED] });
    const size = form.is64 ? { header: 64, program: 56 } : { header: 52, program: 32 };
    const interpreter = bytes.indexOf(LOADER);
    for (let length = 0; length <= interpreter; length += 1) {
      expect([length, isProgramIn(bytes.subarray(0, length))]).toEqual([length, false]);
    }
    expect(interpreter).toBeGreaterThan(size.header + 3 * size.program);
    expect(isProgramIn(bytes.subarray(0, interpreter + 1))).toBe(true);
  });
});

describe('an ELF file', () => {
  it.each<[string, (bytes: Buffer) => void]>([
    ['of an unknown class', (bytes) => bytes.writeUInt8(3, 4)],
    ['of an unknown byte order', (bytes) => bytes.writeUInt8(0, 5)],
    ['with headers behind the end', (bytes) => bytes.writeBigUInt64LE(2n ** 60n, 32)],
    ['with headers at the end of the address space', (bytes) => bytes.writeBigUInt64LE(2n ** 64n - 1n, 32)],
    ['with headers that are too short', (bytes) => bytes.writeUInt16LE(8, 54)],
    ['without headers', (bytes) => bytes.writeUInt16LE(0, 56)],
  ])('%s is not a program', (_, change) => {
    const bytes = elfProgram();
    expect(isProgramIn(bytes)).toBe(true);
    change(bytes);
    expect(isProgramIn(bytes)).toBe(false);
  });

  it('with more than 1,024 program headers, or 4,096 dynamic entries, is read up to these limits', () => {
    const dynamic = Array.from({ length: 5000 }, () => NEEDED);
    const form = { type: ET.shared, interpreter: LOADER };
    expect(isProgramIn(elfProgram({ ...form, dynamic: [...dynamic.slice(0, 4095), NAMED] }))).toBe(false);
    expect(isProgramIn(elfProgram({ ...form, dynamic: [...dynamic.slice(0, 4096), NAMED] }))).toBe(true);
    const bytes = Buffer.alloc(64 + 1025 * 56);
    elfProgram({ code: null }).copy(bytes);
    bytes.writeUInt16LE(1025, 56);
    const isLoadedAt = (index: number): boolean => {
      const file = Buffer.from(bytes);
      file.writeUInt32LE(1, 64 + index * 56);
      return isProgramIn(file);
    };
    expect([1023, 1024].map(isLoadedAt)).toEqual([true, false]);
  });
});

describe('a PE file', () => {
  it.each<[string, Parameters<typeof peProgram>[0], boolean]>([
    ['for the console is a program', {}, true],
    ['of 32 bits is a program', { is64: false, characteristics: 0x102 }, true],
    ['with windows is a program', { subsystem: 2 }, true],
    ['that is a library is no program', { characteristics: 0x2022 }, false],
    ['that is not linked is no program', { characteristics: 0 }, false],
    ['that is a driver is no program', { subsystem: 1 }, false],
    ['that is a boot loader or a kernel is no program', { subsystem: 10 }, false],
  ])('%s', (_, form, expected) => {
    expect(isProgramIn(peProgram(form))).toBe(expected);
  });

  it('of MS-DOS, or with a header after the end, is not a program', () => {
    const bytes = peProgram();
    for (const place of [0, 0x50, bytes.length, 0xff_ff_ff_ff]) {
      bytes.writeUInt32LE(place, 0x3c);
      expect(isProgramIn(bytes)).toBe(false);
    }
    expect(isProgramIn(bytes.subarray(0, 0x40))).toBe(false);
  });
});

describe('a Mach-O file', () => {
  it.each(CLASSES)('is a program by its type (64 bits: $is64, little-endian: $isLittleEndian)', (form) => {
    const types = Array.from({ length: 12 }, (_, type) => type + 1);
    expect(types.filter((type) => isProgramIn(machOProgram({ ...form, type })))).toEqual([2]);
    expect(isProgramIn(machOProgram(form).subarray(0, 14))).toBe(false);
  });

  it.each([false, true])('for several processors is a program if one image is (64-bit table: %s)', (is64) => {
    const [library, program] = [machOProgram({ type: 6 }), machOProgram({ isLittleEndian: false, is64: false })];
    expect(isProgramIn(fatMachOFile([library, program], { is64 }))).toBe(true);
    expect(isProgramIn(fatMachOFile([library, library], { is64 }))).toBe(false);
  });

  it('for several processors does not contain itself', () => {
    const bytes = fatMachOFile([machOProgram()]);
    bytes.writeUInt32BE(0, 16);
    expect(isProgramIn(bytes)).toBe(false);
  });
});

describe('any other file', () => {
  it('is not a program, and mutated headers neither throw nor take long', () => {
    const samples = [
      elfProgram({ type: ET.shared, interpreter: LOADER, dynamic: [NEEDED] }),
      peProgram(),
      machOProgram(),
    ];
    const change = fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(change, { maxLength: 12 }), (sample, changes) => {
        const bytes = Buffer.from(sample);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        expect(typeof isProgramIn(bytes)).toBe('boolean');
      }),
      { numRuns: runCount(2000, 200) },
    );
    for (const text of ['', '#!/bin/sh\n', '\x7f', 'MZ', '\xca\xfe\xba\xbe']) {
      expect(isProgramIn(Buffer.from(text, 'latin1'))).toBe(false);
    }
  });
});

describe('the facts of a program', () => {
  const startOf = (bytes: Buffer, path = 'usr/bin/a'): string | undefined =>
    executables.read(path, bytes).executable?.start;

  it('distinguish programs with different first bytes or sizes', () => {
    const program = elfProgram({ code: 'x'.repeat(10_000) });
    const other = Buffer.from(program).fill('y', 4000, 4001);
    const later = Buffer.from(program).fill('y', 5000, 5001);
    const longer = Buffer.concat([program, Buffer.from('x')]);
    const starts = [program, other, longer].map((each) => startOf(each));
    expect(starts.every((each) => each?.length === 16)).toBe(true);
    expect(new Set(starts).size).toBe(3);
    expect([startOf(later), startOf(program, 'opt/b')]).toEqual([starts[0], starts[0]]);
  });

  it('are none for a library, the test data of Go, and the scripts of packages', () => {
    expect(executables.read('usr/lib/a.so', elfProgram({ type: ET.shared }))).toEqual({ diagnostics: [] });
    const testData = 'usr/local/go/src/debug/elf/testdata/gcc-amd64-linux-exec';
    expect(executables.read(testData, elfProgram())).toEqual({ diagnostics: [] });
    expect(executables.read('var/lib/dpkg/info/bash.preinst', elfProgram())).toEqual({ diagnostics: [] });
  });
});
