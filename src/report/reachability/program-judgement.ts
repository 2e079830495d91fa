import type { AffectedImport } from '../../model/advisories/advisory.ts';
import type { ProgramFunctions, Reachability } from '../../model/reachability.ts';
import type { ReachabilityBasis } from '../../model/report/finding-reachability.ts';

/** Whether a program contains the vulnerable code of an advisory. */
export type ProgramJudgement = {
  readonly state: Reachability;
  readonly basis: ReachabilityBasis | null;
  /** The state in words. */
  readonly reason: string;
};

/** An advisory of the Go vulnerability database about a module. */
export type ModuleAdvisory = {
  readonly module: string;
  /** The vulnerable packages; absent if the advisory names no packages. */
  readonly imports?: readonly AffectedImport[];
};

/**
 * Determines whether a Go program contains the functions that an advisory names. The linker leaves out functions
 * without references, so an absent function cannot run; a present function does not necessarily run.
 *
 * @param program the functions of the program; undefined if the functions were not read
 */
export function judgeProgram(advisory: ModuleAdvisory, program: ProgramFunctions | undefined): ProgramJudgement {
  if (program === undefined) return unknownState('no function list of the file is stored');
  const imports = advisory.imports?.filter((each) => isFor(each, program));
  if (imports?.length === 0) {
    return {
      state: 'not-linked',
      basis: 'package',
      reason: 'The advisory applies only to other operating systems or processors.',
    };
  }
  if (program.unknown !== undefined) return unknownState(program.unknown);
  return imports === undefined
    ? judgeModule(advisory.module, program)
    : judgeImports(advisory.module, imports, program);
}

/** Returns the state of a program whose functions are unknown. @param why the reason, a clause without a full stop */
export function unknownState(why: string): ProgramJudgement {
  return { state: 'unknown', basis: null, reason: `The functions of the Go binary are unknown: ${why}.` };
}

/** Returns the worse of two judgements. An unknown state ranks above the states in which the code is absent. */
export function worseOf(one: ProgramJudgement, other: ProgramJudgement): ProgramJudgement {
  return RANKS[other.state] > RANKS[one.state] ? other : one;
}

const RANKS: Readonly<Record<Reachability, number>> = { linked: 3, unknown: 2, 'package-linked': 1, 'not-linked': 0 };

/**
 * Returns whether an import applies to the system and processor of a program. A program for an unknown system or
 * processor can run on any system or processor. A fat (universal) file contains programs for several processors.
 */
function isFor({ goos = [], goarch = [] }: AffectedImport, { os, arch }: ProgramFunctions): boolean {
  return isListed(goos, os) && isListed(goarch, arch);
}

function isListed(names: readonly string[], name: string): boolean {
  return names.length === 0 || name === '' || name.split(',').some((each) => names.includes(each));
}

function judgeModule(module: string, program: ProgramFunctions): ProgramJudgement {
  return program.hasModule(module)
    ? {
        state: 'linked',
        basis: 'module',
        reason: 'The advisory names no function. The binary contains code of this module.',
      }
    : {
        state: 'not-linked',
        basis: 'module',
        reason: 'The advisory names no function. The binary contains no code of this module.',
      };
}

function judgeImports(module: string, imports: readonly AffectedImport[], program: ProgramFunctions): ProgramJudgement {
  const linked = imports.filter(({ path }) => program.hasPackage(path));
  const found = imports.flatMap(({ path, symbols = [] }) =>
    symbols.filter((symbol) => program.hasSymbol(path, symbol)).map((symbol) => functionName(path, symbol)),
  );
  if (found.length > 0) {
    return { state: 'linked', basis: 'symbol', reason: `The binary contains ${listed(found)} of ${module}.` };
  }
  const whole = linked.filter(({ symbols }) => symbols === undefined).map(({ path }) => path);
  if (whole.length > 0) {
    const reason = `The binary contains ${listed(whole)}. The advisory names no function of ${whole.length === 1 ? 'this package' : 'these packages'}.`;
    return { state: 'linked', basis: 'package', reason };
  }
  if (linked.length > 0) {
    const wanted = linked.flatMap(({ path, symbols = [] }) => symbols.map((symbol) => functionName(path, symbol)));
    const reason = `The binary contains a vulnerable package, but none of the vulnerable functions. The advisory names ${listed(wanted)} of ${module}.`;
    return { state: 'package-linked', basis: 'symbol', reason };
  }
  const paths = imports.map(({ path }) => path);
  const reason = `The binary contains none of the vulnerable packages. The advisory names ${listed(paths)}.`;
  return { state: 'not-linked', basis: 'package', reason };
}

/** The maximum number of names that a reason lists. Some advisories name as many as 223 functions. */
const MAX_NAMED = 5;

function listed(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const more = distinct.length - MAX_NAMED;
  return `${distinct.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * Returns the name of a function with its package, such as `html.Parse` for `golang.org/x/net/html`. A last path
 * element such as `v4` is a version, not a name.
 */
function functionName(path: string, symbol: string): string {
  const elements = path.split('/');
  const last = elements.at(-1) ?? path;
  const name = /^v\d+$/.test(last) ? (elements.at(-2) ?? last) : last;
  return `${name}.${symbol}`;
}
