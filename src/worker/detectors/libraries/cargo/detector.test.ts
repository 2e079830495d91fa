import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import { elfFile } from '../executables/testing/elf-file.ts';
import type { BuiltSection } from '../executables/testing/field-writer.ts';
import { fatMachOFile, machOFile } from '../executables/testing/mach-o-file.ts';
import { peFile } from '../executables/testing/pe-file.ts';
import { rustPrograms } from './detector.ts';

const CODE: BuiltSection = { name: '.text', content: Buffer.from('code'), isCode: true };
const APP = 'usr/bin/app';

function compressed(content: Uint8Array): BuiltSection {
  return { name: '.dep-v0', content: deflateSync(content) };
}

function crates(...packages: readonly unknown[]): BuiltSection {
  return compressed(Buffer.from(JSON.stringify({ packages })));
}

/** Returns the crates as `name version flags`, and the reasons of diagnostics. */
function read(bytes: Uint8Array) {
  const { features = [], diagnostics } = rustPrograms.read(APP, bytes);
  expect(features.filter((each) => each.path !== APP || each.feature.type !== 'cargo')).toEqual([]);
  expect(diagnostics.filter(({ code, where }) => code !== 'binary-unidentified' || where !== APP)).toEqual([]);
  return {
    crates: features.map(({ feature }) => {
      const flags = 'flags' in feature ? (feature.flags ?? []) : [];
      return [feature.name, feature.version, ...flags].join(' ');
    }),
    reasons: diagnostics.map(({ message }) =>
      message.replace(/^(?:the|some) libraries in "[^"]*" (?:are|may be) unknown: /, ''),
    ),
  };
}

const SERDE = { name: 'serde', version: '1.0.200', source: 'crates.io', kind: 'runtime' };
const RAND = { name: 'rand_core', version: '0.6.4', source: 'crates.io', dependencies: [0] };

describe('the crates of a Rust program', () => {
  it.each([
    ['ELF', elfFile([CODE, crates(SERDE, RAND)])],
    ['ELF, 32 bits, big-endian', elfFile([CODE, crates(SERDE, RAND)], { is64: false, isLittleEndian: false })],
    ['PE', peFile([CODE, crates(SERDE, RAND)])],
    ['Mach-O', machOFile([CODE, crates(SERDE, RAND)])],
    ['Mach-O for two processors', fatMachOFile([machOFile([crates(SERDE)]), machOFile([crates(SERDE, RAND)])])],
  ])('are in a section of %s', (_, bytes) => {
    expect(read(bytes)).toEqual({ crates: ['serde 1.0.200', 'rand_core 0.6.4'], reasons: [] });
  });

  it('are only the crates that are linked into the program', () => {
    expect(read(elfFile([crates(SERDE, { ...RAND, kind: 'build' })]))).toEqual({
      crates: ['serde 1.0.200'],
      reasons: [],
    });
  });

  it.each(['local', 'git', 'registry', 'sparse+https://crates.example.com/', undefined])(
    'have a flag if their source is not crates.io but %s',
    (source) => {
      const root = { name: 'app', version: '0.1.0', source, root: true };
      expect(read(elfFile([crates(root, SERDE)]))).toEqual({
        crates: ['app 0.1.0 vendored', 'serde 1.0.200'],
        reasons: [],
      });
    },
  );

  it('are unknown without the section', () => {
    expect(rustPrograms.read(APP, elfFile([CODE]))).toEqual({ diagnostics: [] });
    expect(rustPrograms.read(APP, Buffer.from('#!/bin/sh'))).toEqual({ diagnostics: [] });
  });
});

describe('a section that is not a list of crates', () => {
  const whole = crates(SERDE);

  it.each([
    [
      'not compressed',
      { ...whole, content: Buffer.from('{"packages":[]}') },
      'is not compressed by zlib, or is damaged',
    ],
    ['cut off', { ...whole, content: whole.content.subarray(0, -10) }, 'is not compressed by zlib, or is damaged'],
    ['not JSON', compressed(Buffer.from('{"packages":[')), 'is not JSON'],
    ['not an object', compressed(Buffer.from('[]')), 'has no list of crates'],
    ['null', compressed(Buffer.from('null')), 'has no list of crates'],
    ['without packages', compressed(Buffer.from('{}')), 'has no list of crates'],
    [
      'nested a million times',
      compressed(Buffer.from(`{"packages":${'['.repeat(1e6)}`)),
      'has more than 500000 values',
    ],
    [
      'of 9 MiB',
      compressed(Buffer.from(`{"packages":[]${' '.repeat(9 * 1024 * 1024)}}`)),
      'exceeds 8388608 uncompressed bytes',
    ],
  ])('is reported: %s', (_, section, reason) => {
    expect(read(elfFile([CODE, section]))).toEqual({
      crates: [],
      reasons: [expect.stringMatching(new RegExp(`the section \\.dep-v0 ${reason}$`))],
    });
  });

  it.each([
    ['text', 'serde'],
    ['null', null],
    ['no name', { version: '1.0.0', source: 'crates.io' }],
    ['no version', { name: 'a', source: 'crates.io' }],
    ['a name with a line break', { ...SERDE, name: 'a\nb' }],
    ['a name of 5,000 characters', { ...SERDE, name: 'a'.repeat(5000) }],
    ['a version with a NUL', { ...SERDE, version: '1.0.0\0' }],
  ])('may have an invalid crate: %s', (_, crate) => {
    expect(read(elfFile([crates(crate, RAND)]))).toEqual({
      crates: ['rand_core 0.6.4'],
      reasons: ['the section .dep-v0 contains 1 invalid crate'],
    });
  });
});

describe('changed programs', () => {
  it('yield crates, a diagnostic or nothing, and never an exception', () => {
    const files = [
      elfFile([CODE, crates(SERDE, RAND)]),
      peFile([crates(SERDE, RAND)]),
      machOFile([crates(SERDE, RAND)]),
    ];
    const change = fc.tuple(fc.nat({ max: 100_000 }), fc.integer({ min: 0, max: 255 }));
    const runs = runCount(2000, 400);
    let withFacts = 0;
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(change, { maxLength: 8 }), (file, changes) => {
        const bytes = Buffer.from(file);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const { crates: found, reasons } = read(bytes);
        withFacts += found.length + reasons.length > 0 ? 1 : 0;
      }),
      { numRuns: runs },
    );
    expect(withFacts).toBeGreaterThan(runs / 4);
  });
});
