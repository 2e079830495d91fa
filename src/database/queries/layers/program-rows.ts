import { type Program, type ProgramChange, programIdentity } from '../../../model/programs/program.ts';
import { programFunctions } from '../../../model/programs/program-functions.ts';
import type { ProgramFunctions } from '../../../model/reachability.ts';
import type { InsertTarget, KeyedTarget, Queries, TransactionQueries } from '../../engines/engine.ts';
import { CHAIN } from '../matches/installed.ts';

/** Returns the functions of the Go programs that are installed at a layer, by path. */
export async function readPrograms(queries: Queries, layer: number): Promise<ReadonlyMap<string, ProgramFunctions>> {
  const installed = installedOf(await queries.all<PlaceRow>(SELECT_PROGRAM_PLACES, [layer]));
  if (installed.size === 0) return new Map();
  const ids = [...new Set(installed.values())];
  const rows = await queries.all<ProgramRow>(SELECT_PROGRAMS, [JSON.stringify(ids)]);
  const programs = new Map(rows.map((row) => [row.id, programFunctions(programOfRow(row))]));
  return new Map(
    [...installed].flatMap(([path, id]): [string, ProgramFunctions][] => {
      const program = programs.get(id);
      // Housekeeping removed the layer between the two statements.
      return program === undefined ? [] : [[path, program]];
    }),
  );
}

/** Returns the identities of the Go programs that are installed at a layer, by path. */
export async function readProgramIds(queries: Queries, layer: number): Promise<ReadonlyMap<string, string>> {
  const rows = await queries.all<Omit<PlaceRow, 'program'> & { program: Uint8Array | null }>(SELECT_IDENTITIES, [
    layer,
  ]);
  return new Map([...installedOf(rows)].map(([path, identity]) => [path, Buffer.from(identity).toString('hex')]));
}

/** Stores the programs that a layer changes. */
export async function insertPrograms(
  queries: TransactionQueries,
  layer: number,
  changes: readonly ProgramChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const stored = new Map<string, Program>();
  for (const { program } of changes) if (program !== null) stored.set(programIdentity(program), program);
  const ids = await queries.ensureMany(
    PROGRAMS,
    [...stored].map(([identity, { os, arch, unknown, functions }]) => {
      return [Buffer.from(identity, 'hex'), os, arch, unknown ?? null, functions ?? null];
    }),
  );
  const idOf = new Map([...stored.keys()].map((identity, at) => [identity, ids[at] ?? null]));
  await queries.insertMany(
    LAYER_PROGRAMS,
    changes.map(({ path, program }) => {
      return [layer, path, program === null ? null : (idOf.get(programIdentity(program)) ?? null)];
    }),
  );
}

type PlaceRow = { readonly path: string; readonly program: number | null };

type ProgramRow = {
  readonly id: number;
  readonly os: string;
  readonly arch: string;
  readonly reason: string | null;
  readonly functions: Uint8Array | null;
};

const PROGRAMS: KeyedTarget = { table: 'program', key: ['identity'], columns: ['os', 'arch', 'reason', 'functions'] };
const LAYER_PROGRAMS: InsertTarget = { table: 'layer_program', columns: ['layer', 'path', 'program'] };

/** The program changes in a chain, base first, because a parent is stored before its children and has a smaller id. */
export const SELECT_PROGRAM_PLACES: string = `
WITH RECURSIVE ${CHAIN}
SELECT layer_program.path, layer_program.program
FROM chain CROSS JOIN layer_program
WHERE layer_program.layer = chain.id
ORDER BY layer_program.layer`;

const SELECT_IDENTITIES = `
WITH RECURSIVE ${CHAIN}
SELECT layer_program.path, (SELECT identity FROM program WHERE program.id = layer_program.program) AS program
FROM chain CROSS JOIN layer_program
WHERE layer_program.layer = chain.id
ORDER BY layer_program.layer`;

const SELECT_PROGRAMS = `
SELECT id, os, arch, reason, functions FROM program WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))`;

/** Returns the installed programs by path; the last row of a path determines whether a program is installed. */
function installedOf<Value>(
  rows: readonly { readonly path: string; readonly program: Value | null }[],
): Map<string, Value> {
  const installed = new Map<string, Value>();
  for (const { path, program } of rows) {
    if (program === null) installed.delete(path);
    else installed.set(path, program);
  }
  return installed;
}

function programOfRow({ os, arch, reason, functions }: ProgramRow): Program {
  return { os, arch, ...(reason !== null && { unknown: reason }), ...(functions !== null && { functions }) };
}
