import type { SbomStatement } from '../../../model/report/sbom-statement.ts';
import type { Queries } from '../../engines/engine.ts';

/** Returns the VEX statements of the layer of an SBOM; empty for other layers. */
export async function readStatements(queries: Pick<Queries, 'get'>, layer: number): Promise<readonly SbomStatement[]> {
  const row = await queries.get<{ statements: string }>(SELECT_STATEMENTS, [layer]);
  return row === undefined ? [] : JSON.parse(row.statements);
}

/** Stores the VEX statements of the layer of an SBOM. */
export async function insertStatements(
  queries: Pick<Queries, 'run'>,
  layer: number,
  statements: readonly SbomStatement[] = [],
): Promise<void> {
  if (statements.length > 0) await queries.run(INSERT_STATEMENTS, [layer, JSON.stringify(statements)]);
}

const SELECT_STATEMENTS = 'SELECT statements FROM layer_statements WHERE layer = ?';

const INSERT_STATEMENTS = 'INSERT INTO layer_statements (layer, statements) VALUES (?, ?)';
