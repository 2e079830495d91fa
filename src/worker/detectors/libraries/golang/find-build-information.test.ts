import { describe, expect, it } from 'vitest';
import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { readExecutables } from '../executables/read-executables.ts';
import { elfFile } from '../executables/testing/elf-file.ts';
import type { BuiltSection } from '../executables/testing/field-writer.ts';
import { machOFile } from '../executables/testing/mach-o-file.ts';
import { IMAGE_BASE, peFile } from '../executables/testing/pe-file.ts';
import { findBuildInformation } from './find-build-information.ts';
import { inlineInformation, linesOf, pointerInformation } from './testing/build-information.ts';

const ADDRESS = 0x2000;
const TEXT: BuiltSection = { name: '.text', content: Buffer.from('code'), address: 0x1000, isCode: true };
const LINES = linesOf('path example.com/app', 'mod example.com/app v1.2.3 h1:x=');
const FOUND = { goVersion: 'go1.22.1', modules: 'path\texample.com/app\nmod\texample.com/app\tv1.2.3\th1:x=\n' };
const INLINE = inlineInformation('go1.22.1', LINES);

function found(bytes: Uint8Array) {
  return readExecutables(new ChunkedBytes([bytes])).map(findBuildInformation);
}

function section(content: Uint8Array, name = '.go.buildinfo', address = ADDRESS): BuiltSection {
  return { name, content, address };
}

const BYTE_ORDERS = [
  { is64: true, isLittleEndian: true },
  { is64: true, isLittleEndian: false },
  { is64: false, isLittleEndian: true },
  { is64: false, isLittleEndian: false },
] as const;

describe('build information of Go 1.18 and later', () => {
  it.each(BYTE_ORDERS)('is in its section of ELF and Mach-O: %o', (form) => {
    expect(found(elfFile([TEXT, section(INLINE)], form))).toEqual([FOUND]);
    expect(found(machOFile([TEXT, section(INLINE, '__go_buildinfo')], form))).toEqual([FOUND]);
  });

  it('is in the data of PE, at a multiple of 16', () => {
    const data = Buffer.concat([Buffer.from('xxxx\xff Go buildinf:xxxxxxxxxxxxxx', 'latin1'), INLINE]);
    expect(found(peFile([TEXT, section(data, '.data')]))).toEqual([FOUND]);
    expect(found(peFile([TEXT, section(data, '.data')], { is64: false }))).toEqual([FOUND]);
  });

  it('is in the data of a file without a section table', () => {
    expect(found(elfFile([TEXT, section(INLINE)], { hasSectionTable: false }))).toEqual([FOUND]);
  });

  it('is not searched in other sections of ELF and Mach-O, which are most of a file', () => {
    expect(found(elfFile([TEXT, section(INLINE, '.data')]))).toEqual([undefined]);
    expect(found(machOFile([TEXT, section(INLINE, '__data')]))).toEqual([undefined]);
  });

  it('may lack the lines on modules', () => {
    const bytes = elfFile([section(inlineInformation('go1.22.1', linesOf()))]);
    expect(found(bytes)).toEqual([{ goVersion: 'go1.22.1', modules: '' }]);
  });
});

describe('build information before Go 1.18', () => {
  it.each(BYTE_ORDERS)('has the addresses of its texts: %o', (form) => {
    const content = pointerInformation('go1.22.1', LINES, { address: ADDRESS, ...form });
    expect(found(elfFile([TEXT, section(content)], form))).toEqual([FOUND]);
    expect(found(machOFile([TEXT, section(content, '__go_buildinfo')], form))).toEqual([FOUND]);
  });

  it.each([true, false])('has the addresses of its texts in PE (64 bits: %s)', (is64) => {
    const content = pointerInformation('go1.22.1', LINES, {
      address: IMAGE_BASE + ADDRESS,
      is64,
      isLittleEndian: true,
    });
    expect(found(peFile([TEXT, section(content, '.data')], { is64 }))).toEqual([FOUND]);
  });

  it('may lack the lines on modules', () => {
    const content = pointerInformation('go1.13', linesOf(), { address: ADDRESS, is64: true, isLittleEndian: true });
    expect(found(elfFile([section(content)]))).toEqual([{ goVersion: 'go1.13', modules: '' }]);
  });
});

describe('broken build information', () => {
  const pointers = (address: number) =>
    pointerInformation('go1.16', LINES, { address, is64: true, isLittleEndian: true });
  const changed = (content: Uint8Array, at: number, ...values: readonly number[]): Buffer => {
    const copy = Buffer.from(content);
    copy.set(values, at);
    return copy;
  };

  it.each([
    ['a section without the magic number', Buffer.alloc(64)],
    ['a version that is cut off', INLINE.subarray(0, 36)],
    ['lines that are cut off', INLINE.subarray(0, 60)],
    ['a header that is cut off', INLINE.subarray(0, 20)],
    ['an empty version', inlineInformation('', LINES)],
    ['a version of 2,000 characters', inlineInformation('g'.repeat(2000), LINES)],
    ['a length beyond the section', changed(INLINE, 32, 0xff, 0xff, 0xff, 0x7f)],
    ['a length without an end', changed(INLINE, 32, ...Array<number>(16).fill(0x80))],
    ['addresses outside of the file', pointers(0x900000)],
    ['addresses of 3 bytes', changed(pointers(ADDRESS), 14, 3)],
    ['the magic number at another address', Buffer.concat([Buffer.from('x'), INLINE])],
  ])('is unreadable: %s', (_, content) => {
    expect(found(elfFile([section(content)]))).toEqual(['unreadable']);
  });

  it('may be followed by readable build information', () => {
    const broken = changed(INLINE.subarray(0, 48), 32, 0xff, 0xff, 0xff, 0x7f);
    expect(found(peFile([section(Buffer.concat([broken, INLINE]), '.data')]))).toEqual([FOUND]);
  });

  it('has at most 4 MiB of lines', () => {
    const lines = (length: number): Buffer => inlineInformation('go1.22.1', Buffer.alloc(length, 'x'));
    expect(found(elfFile([section(lines(4 * 1024 * 1024))]))).toEqual([{ goVersion: 'go1.22.1', modules: '' }]);
    expect(found(elfFile([section(lines(4 * 1024 * 1024 + 1))]))).toEqual(['unreadable']);
  });

  it('is searched at 100 places of the data', () => {
    const candidates = (count: number): Buffer =>
      Buffer.concat([...Array<Buffer>(count).fill(changed(INLINE.subarray(0, 48), 32, 0)), INLINE]);
    expect(found(peFile([section(candidates(99), '.data')]))).toEqual([FOUND]);
    expect(found(peFile([section(candidates(100), '.data')]))).toEqual(['unreadable']);
  });
});

describe('other programs', () => {
  it('have none', () => {
    expect(found(elfFile([TEXT, section(Buffer.alloc(100), '.data')]))).toEqual([undefined]);
    expect(found(peFile([TEXT, section(Buffer.alloc(100), '.data')]))).toEqual([undefined]);
    expect(found(machOFile([TEXT, section(Buffer.alloc(100), '__data')]))).toEqual([undefined]);
  });
});
