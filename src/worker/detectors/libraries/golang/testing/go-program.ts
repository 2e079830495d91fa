import { programFunctions } from '../../../../../model/programs/program-functions.ts';
import type { ProgramFunctions } from '../../../../../model/reachability.ts';
import { elfFile, type ElfForm } from '../../executables/testing/elf-file.ts';
import type { BuiltSection } from '../../executables/testing/field-writer.ts';
import { goPrograms } from '../detector.ts';
import { inlineInformation, linesOf } from './build-information.ts';
import { functionTable, type TableForm } from './function-table.ts';

/** The build information of a program for Linux on arm64. */
export const LINES: readonly string[] = [
  'path example.com/app/cmd/app',
  'mod example.com/app v1.0.0 h1:x=',
  'dep example.org/one v1.0.0 h1:x=',
  'build GOARCH=arm64',
  'build GOOS=linux',
];
/** The functions of a small program. */
export const NAMES: readonly string[] = [
  'runtime.main',
  'main.main',
  'example.org/one.Parse',
  'example.org/one.(*Server).Serve',
  'net/http.Get',
];

/** Returns the section with the build information. */
export function information(lines: readonly string[] = LINES, name = '.go.buildinfo'): BuiltSection {
  return { name, content: inlineInformation('go1.24.4', linesOf(...lines)) };
}

/** Returns a program whose function table contains these names. */
export function program(
  names: readonly string[],
  lines: readonly string[] = LINES,
  form: TableForm & ElfForm = {},
): Buffer {
  return elfFile([{ name: '.gopclntab', content: functionTable(names, form) }, information(lines)], form);
}

/** Returns the functions of the program in a file; throws if the detector does not find exactly one program. */
export function read(bytes: Uint8Array): ProgramFunctions {
  const [facts, ...others] = goPrograms.read('usr/bin/app', bytes).programs ?? [];
  if (facts === undefined || others.length > 0) throw new Error('not one program');
  if (facts.path !== 'usr/bin/app') throw new Error(`another path: ${facts.path}`);
  const { functions, ...rest } = facts;
  return programFunctions({ ...rest, ...(functions && { functions: Buffer.from(functions, 'base64') }) });
}
