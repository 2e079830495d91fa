import { join } from 'node:path';
import { tarMember } from '../../src/bytes/testing/tar-builder.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import { elfFile } from '../../src/worker/detectors/libraries/executables/testing/elf-file.ts';
import { inlineInformation, linesOf } from '../../src/worker/detectors/libraries/golang/testing/build-information.ts';
import { functionTable } from '../../src/worker/detectors/libraries/golang/testing/function-table.ts';
import type { Figure } from '../figure.ts';
import { readPath, writePath } from './library-files.ts';
import { sized } from '../size.ts';

const MEBIBYTE = 1024 ** 2;

const PROGRAM_BYTES = sized(100, 1) * MEBIBYTE;
const MODULES = 500;

/** Programs of this size have 150,000 functions, whose names take 10 MB. */
const FUNCTIONS = sized(150_000, 100);
const FUNCTIONS_OF_PACKAGE = 75;

/** The function that every Go program must contain. */
const REQUIRED_FUNCTION = 'runtime.main';

type Content = 'data' | 'modules' | 'functions';

const TITLE = `analysis of a Go program of ${PROGRAM_BYTES / MEBIBYTE} MiB with ${MODULES} modules`;
const DATA = 'a file of the same size that is not a program, in processor time';

/** A layer with a Go program of 100 MiB that has only one function, so that the modules alone are measured. */
export const goModules: Figure = {
  ...figureOf(`${TITLE} and one function`, 'modules', 'data'),
  against: DATA,
  aimAddedMilliseconds: 150,
};

/** Measures only the functions of a Go program, because both sides read its modules. */
export const goFunctions: Figure = {
  ...figureOf(`${TITLE} and ${FUNCTIONS} functions`, 'functions', 'modules'),
  against: 'the same program with one function, in processor time',
  aimAddedMilliseconds: 150,
};

/** A layer with a Go program of 100 MiB, its modules and its functions. */
export const goProgram: Figure = {
  ...figureOf(`${TITLE} and ${FUNCTIONS} functions`, 'functions', 'data'),
  against: DATA,
  aimAddedMilliseconds: 300,
  aimAddedMegabytes: 130,
};

function figureOf(title: string, subject: Content, reference: Content): Omit<Figure, 'against'> {
  return {
    title,
    aimMegabytes: 250,
    async prepare(folder) {
      for (const content of [subject, reference]) {
        await writePath(layerIn(folder, content), [tarMember({ name: 'usr/bin/app', content: fileOf(content) })]);
      }
    },
    subject: async (folder) => await readPath(layerIn(folder, subject), DETECTORS),
    reference: async (folder) => await readPath(layerIn(folder, reference), DETECTORS),
  };
}

function fileOf(content: Content): Buffer {
  const whole = program(functionNames());
  if (content === 'functions') return whole;
  if (content === 'data') return Buffer.alloc(whole.length, 'data');
  return program([], whole.length);
}

/** Returns a program; `length` is its approximate size, which machine code and data fill. */
function program(names: readonly string[], length?: number): Buffer {
  const modules = Array.from({ length: MODULES }, (_, at) => `dep example.org/module-${at} v1.${at}.0 h1:x=`);
  const code = Buffer.alloc(PROGRAM_BYTES / 2, 'machine code');
  const data = Buffer.alloc(length === undefined ? code.length : length - code.length, 'machine code');
  const table = Buffer.concat([functionTable([REQUIRED_FUNCTION, ...names]), data]);
  const sections = [
    { name: '.text', content: code, isCode: true },
    { name: '.gopclntab', content: table, isReadOnly: true },
    { name: '.go.buildinfo', content: inlineInformation('go1.24.4', linesOf('path example.com/app', ...modules)) },
  ];
  // Go's own linker also writes the section table first.
  return elfFile(sections, { isTableFirst: true });
}

/**
 * Returns names in the order of the linker, by package. One name in fifteen is a closure, and one in fifteen has type
 * arguments.
 */
function functionNames(): readonly string[] {
  return Array.from({ length: FUNCTIONS }, (_, at) => {
    const number = Math.floor(at / FUNCTIONS_OF_PACKAGE);
    const prefix = `example.org/module-${number % MODULES}/internal/package-${number}`;
    if (at % 15 === 0) return `${prefix}.(*Server).Serve-${at}.func1`;
    if (at % 15 === 1) return `${prefix}.Largest-${at}X[go.shape.int,go.shape.string]`;
    return at % 3 === 0
      ? `${prefix}.newServer${at}WithOptions`
      : `${prefix}.(*Server${at % 7}).DeepCopyInto${at}Object`;
  });
}

function layerIn(folder: string, content: Content): string {
  return join(folder, `${content}.tar`);
}
