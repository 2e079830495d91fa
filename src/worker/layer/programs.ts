import { type Program, type ProgramChange, programIdentity } from '../../model/programs/program.ts';
import type { FileFacts, ProgramFacts } from '../detectors/detector.ts';

/** The Go programs at a layer, by path. */
export type Programs = ReadonlyMap<string, ProgramFacts>;

/** The {@link programIdentity} of programs, by path. */
export type ProgramIds = ReadonlyMap<string, string>;

/** Returns the programs in files; `below` itself if the programs are the same. */
export function programsOf(files: Iterable<FileFacts>, below: Programs): Programs {
  const programs = new Map<string, ProgramFacts>();
  for (const file of files) for (const program of file.programs ?? []) programs.set(program.path, program);
  const isSame = programs.size === below.size && [...programs].every(([path, each]) => below.get(path) === each);
  return isSame ? below : programs;
}

/** Returns the difference between the programs of the parent and of the layer, and the identities at the layer. */
export function programChanges(
  parent: ProgramIds,
  programs: Programs,
): { readonly changes: readonly ProgramChange[]; readonly ids: ProgramIds } {
  const changes: ProgramChange[] = [];
  const ids = new Map<string, string>();
  for (const [path, facts] of programs) {
    const program = programOf(facts);
    const identity = programIdentity(program);
    ids.set(path, identity);
    if (parent.get(path) !== identity) changes.push({ path, program });
  }
  for (const path of parent.keys()) if (!programs.has(path)) changes.push({ path, program: null });
  return { changes, ids };
}

function programOf({ os, arch, unknown, functions }: ProgramFacts): Program {
  return {
    os,
    arch,
    ...(unknown !== undefined && { unknown }),
    ...(functions !== undefined && { functions: Buffer.from(functions, 'base64') }),
  };
}
