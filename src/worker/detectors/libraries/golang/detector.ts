import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { LibraryPackage } from '../../../../model/feature.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { contentOf, type Executable, sectionNamed } from '../executables/executable.ts';
import { readExecutables } from '../executables/read-executables.ts';
import { unidentified } from '../executables/unidentified.ts';
import { type BuildInformation, findBuildInformation } from './find-build-information.ts';
import { moduleFeatures, toolchainFeatures } from './go-features.ts';
import { isGoTestData } from './goroot.ts';
import { type ProgramPart, readProgram } from './functions/read-program.ts';
import { type BuildLines, parseBuildInformation } from './parse-build-information.ts';

/**
 * Reads the modules in the build information of Go programs and libraries, and the functions in their function table.
 */
export const goPrograms: Detector = {
  id: 'go-programs',
  kind: 'features',
  version: 2,
  wants: [{ kind: 'executable' }],
  read: (path, bytes) => readGoProgram(path, new ChunkedBytes([bytes])),
  readChunks: readGoProgram,
  coverage: {
    use: 'modules in the build information of Go programs (ELF, PE, Mach-O), and the standard library as `stdlib`',
    notes: [
      'The version of the main module comes from the build information. If this version is missing or is a pseudo-version without a tag (`v0.0.0-…`), Clair uses the version that the linker option `-X` writes into variables of the module, such as `-X main.version=1.2.3`, unless these versions differ. A module without a version is listed but not matched.',
      'A replaced module is listed as the module that replaces it; a module that a directory replaces is listed without a version.',
      'A Go program without a module list (as in Debian), and any program packed by UPX, causes the diagnostic `binary-unidentified`.',
      'The function table lists the functions that a program contains, even if the program is stripped (Go 1.16 or later). If function names are obfuscated, the functions of the program are unknown.',
      'The test data of a Go installation is ignored. The go command is also listed as `toolchain`.',
    ],
  },
};

/** UPX writes this signature after the program headers. */
const UPX_MARK = 'UPX!';
const UPX_START_BYTES = 4096;

/** The sections with the function table of a Go program. In debug information files, these sections have no bytes. */
const FUNCTION_TABLES = ['.gopclntab', '.data.rel.ro.gopclntab', '__gopclntab'] as const;

/** In PE files the code of a Go program starts with the build ID. */
const BUILD_ID = '\xff Go build ID: "';
const BUILD_ID_START_BYTES = 64;

function readGoProgram(path: string, bytes: ChunkedBytes): FileFacts {
  if (isGoTestData(path)) return { diagnostics: [] };
  const features = new Map<string, LibraryPackage>();
  const reasons = new Set<string>();
  const parts: ProgramPart[] = [];
  for (const executable of readExecutables(bytes)) {
    const found = findBuildInformation(executable);
    const read = found === undefined || found === 'unreadable' ? withoutInformation(found, executable) : facts(found);
    for (const feature of read.features) features.set(`${feature.name} ${feature.version}`, feature);
    for (const reason of read.reasons) reasons.add(reason);
    if (read.lines !== undefined) parts.push({ executable, lines: read.lines });
  }
  const program = readProgram(path, parts);
  const modules = [...features.values()].filter(({ name }) => name !== 'stdlib' && name !== 'toolchain').length;
  if (features.size === 0 && isPacked(bytes)) reasons.add('the program is packed by UPX');
  return {
    ...(features.size > 0 && { features: [...features.values()].map((feature) => ({ feature, path })) }),
    ...(program !== undefined && { programs: [program] }),
    diagnostics: [...reasons].map((reason) => unidentified(path, reason, modules)),
  };
}

type ImageFacts = {
  readonly features: readonly LibraryPackage[];
  readonly reasons: readonly string[];
  /** The lines of the build information; absent if there is no readable build information. */
  readonly lines?: BuildLines;
};

function facts({ goVersion, modules }: BuildInformation): ImageFacts {
  const lines = parseBuildInformation(modules);
  const { features, invalidModules } = moduleFeatures(lines);
  const isVersionValid = /^[\x20-\x7e]+$/.test(goVersion);
  const invalid = lines.invalidLines + invalidModules;
  const reasons = [
    ...(isVersionValid ? [] : ['the Go version is empty or has unprintable characters']),
    ...(invalid === 0
      ? []
      : [`the Go build information has ${invalid} invalid ${invalid === 1 ? 'entry' : 'entries'}`]),
    ...(features.length > 0 || isToolchain(lines.path) ? [] : ['the Go program has no list of modules']),
  ];
  return { features: [...features, ...(isVersionValid ? toolchainFeatures(goVersion, lines) : [])], reasons, lines };
}

/** The programs of Go itself have no module. */
function isToolchain(mainPackage: string): boolean {
  return mainPackage.startsWith('cmd/');
}

function withoutInformation(found: 'unreadable' | undefined, executable: Executable): ImageFacts {
  if (found === 'unreadable') return { features: [], reasons: ['the Go build information is unreadable'] };
  const isGo = sectionNamed(executable, ...FUNCTION_TABLES) !== undefined || startsWithBuildId(executable);
  return { features: [], reasons: isGo ? ['the Go program has no build information'] : [] };
}

function startsWithBuildId(executable: Executable): boolean {
  const code = executable.format === 'pe' ? executable.sections[0] : undefined;
  return (
    code !== undefined && contentOf(executable, code).range(0, BUILD_ID_START_BYTES).includes(BUILD_ID, 0, 'latin1')
  );
}

function isPacked(bytes: ChunkedBytes): boolean {
  return bytes.range(0, UPX_START_BYTES).includes(UPX_MARK, 0, 'latin1');
}
