import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { bytesAt, contentOf, hasSections, sectionNamed } from './executable.ts';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import { readExecutables } from './read-executables.ts';
import { elfFile } from './testing/elf-file.ts';
import { fatMachOFile, machOFile } from './testing/mach-o-file.ts';
import { IMAGE_BASE, peFile } from './testing/pe-file.ts';
import type { BuiltSection } from './testing/field-writer.ts';

const CODE: BuiltSection = { name: '.text', content: Buffer.from('code'), address: 0x1000, isCode: true };
const DATA: BuiltSection = { name: '.data', content: Buffer.from('some data'), address: 0x2000 };
const MARK: BuiltSection = { name: '.dep-v0', content: Buffer.from('crates'), address: 0x3000 };
const SECTIONS = [CODE, DATA, MARK];

const FORMS = [
  ['ELF, 64 bits, little-endian', 'elf', elfFile(SECTIONS), 0],
  ['ELF, 64 bits, big-endian', 'elf', elfFile(SECTIONS, { isLittleEndian: false }), 0],
  ['ELF, 32 bits, little-endian', 'elf', elfFile(SECTIONS, { is64: false }), 0],
  ['ELF, 32 bits, big-endian', 'elf', elfFile(SECTIONS, { is64: false, isLittleEndian: false }), 0],
  ['PE, 64 bits', 'pe', peFile(SECTIONS), IMAGE_BASE],
  ['PE, 32 bits', 'pe', peFile(SECTIONS, { is64: false }), IMAGE_BASE],
  ['Mach-O, 64 bits, little-endian', 'mach-o', machOFile(SECTIONS), 0],
  ['Mach-O, 64 bits, big-endian', 'mach-o', machOFile(SECTIONS, { isLittleEndian: false }), 0],
  ['Mach-O, 32 bits, little-endian', 'mach-o', machOFile(SECTIONS, { is64: false }), 0],
  ['Mach-O, 32 bits, big-endian', 'mach-o', machOFile(SECTIONS, { is64: false, isLittleEndian: false }), 0],
] as const;

function read(bytes: Uint8Array) {
  return readExecutables(new ChunkedBytes([bytes]));
}

function only(bytes: Uint8Array) {
  const [executable, ...others] = read(bytes);
  expect(others).toEqual([]);
  if (executable === undefined) throw new Error('no executable was found');
  return executable;
}

function text(bytes: ChunkedBytes | Uint8Array | undefined): string | undefined {
  return bytes === undefined
    ? undefined
    : Buffer.from(bytes instanceof ChunkedBytes ? bytes.whole() : bytes).toString('latin1');
}

describe.each(FORMS)('%s', (_, format, bytes, base) => {
  it('has its sections with names, addresses and contents', () => {
    const executable = only(bytes);
    expect(executable.format).toBe(format);
    const named = executable.sections.filter(({ name }) => name !== '.shstrtab');
    expect(
      named.map((each) => [each.name, each.address - base, text(contentOf(executable, each)), each.isWritableData]),
    ).toEqual([
      ['.text', 0x1000, 'code', false],
      ['.data', 0x2000, 'some data', true],
      ['.dep-v0', 0x3000, 'crates', true],
    ]);
    expect(sectionNamed(executable, '.other', '.data')?.name).toBe('.data');
  });

  it('has its bytes at their addresses in memory', () => {
    const executable = only(bytes);
    expect(text(bytesAt(executable, base + 0x2005, 4))).toBe('data');
    expect(bytesAt(executable, base + 0x2005, 5)).toBeUndefined();
    expect(bytesAt(executable, base + 0x2009, 1)).toBeUndefined();
    expect(bytesAt(executable, base + 0x1fff, 1)).toBeUndefined();
    expect(executable.segments.map(({ isWritableData }) => isWritableData)).toEqual([false, true, true]);
  });

  it('yields the available parts when it ends early', () => {
    const lengths = Array.from(bytes, (_byte, index) => index);
    const parts = lengths.flatMap((length) =>
      read(bytes.subarray(0, length)).flatMap(({ sections, segments }) =>
        [...sections, ...segments].map(({ start, end }) => ({ start, end, length })),
      ),
    );
    expect(parts.length).toBeGreaterThan(0);
    expect(parts.filter(({ start, end, length }) => start >= end || end > length)).toEqual([]);
  });

  it('is read from a part of a larger buffer', () => {
    const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    expect(only(shifted).sections).toEqual(only(bytes).sections);
  });

  it.each([1, 3, 64, 100])('is read in chunks of %i bytes', (size) => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_chunk, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const [executable] = readExecutables(new ChunkedBytes(chunks));
    expect(executable?.sections).toEqual(only(bytes).sections);
    expect(executable?.segments).toEqual(only(bytes).segments);
    expect(executable && text(bytesAt(executable, base + 0x2005, 4))).toBe('data');
  });
});

describe('sections without bytes in the file', () => {
  const absent = { ...DATA, isAbsent: true };

  it.each([
    ['ELF', elfFile([CODE, absent])],
    ['Mach-O', machOFile([CODE, absent])],
  ])('of %s are left out', (_, bytes) => {
    expect(sectionNamed(only(bytes), '.data')).toBeUndefined();
    expect(sectionNamed(only(bytes), '.text')).toBeDefined();
  });
});

describe('ELF', () => {
  it('has segments without a section table', () => {
    const executable = only(elfFile(SECTIONS, { hasSectionTable: false }));
    expect(executable.sections).toEqual([]);
    expect(executable.segments.map(({ address }) => address)).toEqual([0x1000, 0x2000, 0x3000]);
  });

  it('may count its sections, and number the section of names, in the first section', () => {
    const bytes = elfFile(SECTIONS);
    const table = Number(bytes.readBigUInt64LE(40));
    bytes.writeUInt16LE(0, 60);
    bytes.writeUInt16LE(0xffff, 62);
    bytes.writeUInt32LE(5, table + 32);
    bytes.writeUInt32LE(4, table + 40);
    expect(sectionNamed(only(bytes), '.dep-v0')?.address).toBe(0x3000);
  });
});

describe('a section that is searched by its name', () => {
  it.each(FORMS)('is found by its whole name: %s', (_form, _format, bytes) => {
    const executable = only(bytes);
    expect(hasSections(executable)).toBe(true);
    expect(sectionNamed(executable, '.other', '.dep-v0')?.name).toBe('.dep-v0');
    expect(sectionNamed(executable, '.dep', 'dep-v0', '.other')).toBeUndefined();
  });

  it('is found although the section of the names is not in the table', () => {
    const bytes = elfFile(SECTIONS);
    const table = Number(bytes.readBigUInt64LE(40));
    const names = bytes.readUInt16LE(62);
    bytes.writeUInt16LE(names, 60);
    expect(table + names * 64).toBeLessThan(bytes.length);
    expect(only(bytes).sectionNames).toBeUndefined();
    expect(sectionNamed(only(bytes), '.dep-v0')?.address).toBe(0x3000);
  });

  it('does not exist in a file without a section table', () => {
    const executable = only(elfFile(SECTIONS, { hasSectionTable: false }));
    expect(hasSections(executable)).toBe(false);
    expect(sectionNamed(executable, '.dep-v0')).toBeUndefined();
  });
});

describe('PE', () => {
  it('may have section names of more than 8 characters', () => {
    const executable = only(peFile([CODE, { ...DATA, name: '.go.buildinfo' }]));
    expect(executable.sections.map(({ name }) => name)).toEqual(['.text', '.go.buildinfo']);
  });
});

describe('Mach-O for several processors', () => {
  it.each([false, true])('has an executable for each (64 bits: %s)', (is64) => {
    const bytes = fatMachOFile([machOFile([CODE]), machOFile(SECTIONS, { is64: false })], { is64 });
    const names = read(bytes).map(({ sections }) => sections.map(({ name }) => name));
    expect(names).toEqual([['.text'], ['.text', '.data', '.dep-v0']]);
  });
});

describe('Mach-O for more than 30 processors', () => {
  it('is a Java class', () => {
    const images = (count: number): Buffer => fatMachOFile(Array<Buffer>(count).fill(machOFile([CODE])));
    expect(read(images(30))).toHaveLength(30);
    expect(read(images(31))).toEqual([]);
    expect(read(images(31).subarray(0, 400))).toEqual([]);
  });
});

describe('other files', () => {
  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['text', Buffer.from('#!/bin/sh\n')],
    ['a Java class', Buffer.from('cafebabe0000003d00220a00', 'hex')],
    ['a program of MS-DOS', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])],
    ['ELF of an unknown class', Buffer.from('7f454c4603010100', 'hex')],
  ])('yield no executable: %s', (_, bytes) => {
    expect(read(bytes)).toEqual([]);
  });
});

describe('hostile tables', () => {
  it('end with the file', () => {
    const elf = elfFile(SECTIONS);
    elf.writeUInt16LE(0xffff, 60);
    elf.writeUInt16LE(0xffff, 56);
    expect(only(elf).sections.length).toBe(4);
    const machO = machOFile(SECTIONS);
    machO.writeUInt32LE(0xffffffff, 16);
    expect(only(machO).sections.length).toBe(3);
  });

  it('never yield a part outside of the file', () => {
    const files = [...FORMS.map(([, , bytes]) => bytes), fatMachOFile([machOFile(SECTIONS), elfFile(SECTIONS)])];
    const change = fc.tuple(fc.nat({ max: 100_000 }), fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff));
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 12 }), (file, changes) => {
        const bytes = Buffer.from(file);
        for (const [place, value] of changes) bytes[place % bytes.length] = value;
        const outside = read(bytes).flatMap((executable) =>
          [...executable.sections, ...executable.segments].filter(
            ({ start, end }) => !(start >= 0 && start < end && end <= executable.bytes.length),
          ),
        );
        expect(outside).toEqual([]);
      }),
      { numRuns: runCount(2000, 160) },
    );
  });
});
