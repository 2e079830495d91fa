import { readdirSync, readFileSync } from 'node:fs';
import { ClairError } from '../errors.ts';

/** A migration file. The first line of the file states whether older releases can use the migrated database. */
export type Migration = { readonly version: number; readonly sql: string };

/** `from` is 0 for a new database. */
export type SchemaChange = { readonly from: number; readonly to: number };

/** Migrations are numbered from 101, because development versions used lower numbers. */
const FILE_NAME_PATTERN = /^(\d{4})-[a-z0-9-]+\.sql$/;

/**
 * Lists the migrations of an engine, by version, in `migrations/<engine>/NNNN-what.sql` beside this file. Reads a file only
 * when its statements are needed, because most databases are current.
 */
export function migrationsOf(engine: 'sqlite' | 'postgres'): readonly Migration[] {
  const folder = new URL(`./migrations/${engine}/`, import.meta.url);
  return readdirSync(folder)
    .toSorted()
    .map((file) => {
      const version = FILE_NAME_PATTERN.exec(file)?.[1];
      if (version === undefined) throw new Error(`${file} is not a valid name of a migration file`);
      return {
        version: Number(version),
        get sql() {
          return readFileSync(new URL(file, folder), 'utf8');
        },
      };
    });
}

/**
 * Returns the migrations that a database lacks, in order. @throws ClairError `database/newer-schema` for a database
 * with a migration that is newer than this release, and `database/older-schema` for a database of a development
 * version, which cannot be converted
 */
export function pendingMigrations(known: readonly Migration[], applied: readonly number[]): readonly Migration[] {
  const newest = known.at(-1)?.version ?? 0;
  const foreign = applied.find((version) => version > newest);
  if (foreign !== undefined) {
    throw new ClairError(
      'database/newer-schema',
      `the database has schema ${foreign}, but this version of Clair supports only schemas up to ${newest}`,
    );
  }
  const oldest = known[0]?.version ?? 0;
  const obsolete = applied.find((version) => version < oldest);
  if (obsolete !== undefined) {
    throw new ClairError(
      'database/older-schema',
      `the database has schema ${Math.max(...applied)} of a development version of Clair; the oldest schema that this release supports is ${oldest}`,
    );
  }
  return known.filter(({ version }) => !applied.includes(version));
}

/** Returns the schema change that a migration makes to a database with the versions `applied`. */
export function schemaChangeOf(known: readonly Migration[], applied: readonly number[]): SchemaChange {
  return { from: Math.max(0, ...applied), to: known.at(-1)?.version ?? 0 };
}
