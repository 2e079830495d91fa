import { describe, expect, it } from 'vitest';
import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { ByteRange } from '../../../../bytes/byte-range.ts';
import { SparseCopy } from '../../../../bytes/tar/sparse-copy.ts';
import { DETECTORS } from '../../index.ts';
import { inlineInformation, linesOf } from '../golang/testing/build-information.ts';
import { functionTable } from '../golang/testing/function-table.ts';
import type { BuiltSection } from './testing/field-writer.ts';
import { type ElfForm, elfFile } from './testing/elf-file.ts';
import { createUnneededParts } from './unneeded-parts.ts';

const CODE = Buffer.alloc(20_000, 'machine code');
const NAMES = ['runtime.main', 'main.main', 'example.org/a.Parse', 'example.org/a.(*Server).Serve'];

const TEXT: BuiltSection = { name: '.text', content: CODE, isCode: true };
const INFORMATION: BuiltSection = {
  name: '.go.buildinfo',
  content: inlineInformation('go1.24.4', linesOf('path example.com/app', 'dep example.org/a v1.2.3 h1:x=')),
};
const TABLE_CONTENT = Buffer.concat([functionTable(NAMES), Buffer.alloc(9000, 'line numbers')]);
const TABLE: BuiltSection = { name: '.gopclntab', content: TABLE_CONTENT, isReadOnly: true };
/** The header has 72 bytes. */
const REST = TABLE_CONTENT.subarray(72 + NAMES.join('\0').length + 1);
const GO = [TEXT, TABLE, INFORMATION];

describe('the unneeded parts of a program', () => {
  it.each<[string, Buffer, readonly Buffer[]]>([
    ['of Go: code, and the function table after the names', go(GO), [CODE, REST]],
    ['of Go, 32 bits', go(GO, { is64: false }), [CODE, REST]],
    ['of Go, big-endian, whose table is in the other byte order', go(GO, { isLittleEndian: false }), [CODE, REST]],
    ['of Go with a broken function table: code', go([TEXT, { ...TABLE, content: REST }, INFORMATION]), [CODE]],
    ['of Go with writable data in front: code', go([{ ...TABLE, isReadOnly: false }, TEXT]), [CODE]],
    ['with a segment for the headers: the segment of the code', linked(GO), [CODE]],
    ['with code and data in one segment: nothing', elfFile(GO), []],
    ['with an interpreter in the segment of the code: nothing', linked(GO, 3), []],
    ['with a dynamic section in the segment of the code: nothing', linked(GO, 2), []],
    ['without a section table, such as UPX writes: nothing', elfFile(GO, { hasSectionTable: false }), []],
    ['that is no ELF file: nothing', Buffer.alloc(20_000, 'MZ'), []],
  ])('%s', (_, file, expected) => {
    const places = expected.map((part) => ({ start: file.indexOf(part), end: file.indexOf(part) + part.length }));
    expect(unneededOf(file)).toEqual(places);
  });

  it('do not include the ends of the file', () => {
    const file = go([TEXT, INFORMATION]);
    const ends = CODE.length / 2;
    expect(unneededOf(file, ends)).toEqual([{ start: ends, end: file.length - ends }]);
  });

  it('are known in size when the headers arrive, but for those in the function table of Go', () => {
    const file = go(GO);
    const needed: number[] = [];
    unneededOf(file, 100, (bytes) => needed.push(bytes));
    expect(needed).toEqual([file.length - CODE.length]);
  });

  it.each<[string, Buffer]>([
    ['of Go', go(GO)],
    ['of another linker', linked(GO)],
    ['with a function table without a name', go([TEXT, { ...TABLE, name: '.rodata' }, INFORMATION])],
  ])('change no facts of a program %s', (_, file) => {
    for (const size of [700, 4096, file.length]) {
      const copy = new SparseCopy(
        Buffer.alloc(file.length, 255),
        Buffer.alloc(0),
        createUnneededParts(file.length, 64),
      );
      for (let at = 0; at < file.length; at += size) copy.add(file.subarray(at, at + size));
      expect(factsOf(copy.content())).toEqual(factsOf(new ChunkedBytes([file])));
    }
    expect(JSON.stringify(factsOf(new ChunkedBytes([file])))).toContain('"functions"');
  });
});

function go(sections: readonly BuiltSection[], form: ElfForm = {}): Buffer {
  return elfFile(sections, { ...form, isTableFirst: true });
}

/** Builds a file with a segment for the headers, and with a segment of the given type within the code. */
function linked(sections: readonly BuiltSection[], type = 0): Buffer {
  const none = Buffer.alloc(0);
  const file = elfFile([
    { name: '.note', content: none, isReadOnly: true },
    { name: '.in', content: none, isReadOnly: true },
    ...sections,
  ]);
  const [programs, bytes] = [64, 56];
  const code = file.readUInt32LE(programs + 2 * bytes + 8);
  // The first segment contains the headers.
  file.writeUInt32LE(0, programs + 8);
  file.writeUInt32LE(code, programs + 32);
  file.writeUInt32LE(type, programs + bytes);
  file.writeUInt32LE(code + 100, programs + bytes + 8);
  file.writeUInt32LE(100, programs + bytes + 32);
  return file;
}

/** Returns the unneeded parts of a file that arrives in two chunks, the headers first. */
function unneededOf(file: Buffer, ends = 0, begun?: (needed: number) => void): readonly ByteRange[] {
  const unneeded = createUnneededParts(file.length, ends, begun);
  const first = unneeded(file.subarray(0, 2048), 0);
  const started = new Set(first.map(({ end }) => end));
  // A part that begins in the first chunk is returned for both chunks.
  return [...first, ...unneeded(file.subarray(2048), 2048).filter(({ end }) => !started.has(end))];
}

function factsOf(bytes: ChunkedBytes): readonly unknown[] {
  return DETECTORS.filter(({ wants }) => wants.some(({ kind }) => kind === 'executable')).map((detector) =>
    detector.readChunks?.('usr/bin/app', bytes),
  );
}
