import { readdirSync, readFileSync } from 'node:fs';
import { ClairError } from '../errors.ts';

/** One numbered step of a schema; the file says on its first line whether older releases can go on with the result. */
export type Migration = { readonly version: number; readonly sql: string };

/** By which schema a database was found when it was opened, 0 where there was none, and which one it has now. */
export type SchemaChange = { readonly from: number; readonly to: number };

/** The first migration has number 101: development versions had lower numbers. */
const FILE_NAME_PATTERN = /^(\d{4})-[a-z0-9-]+\.sql$/;

/** Reads the migrations of an engine, in their order, from `migrations/<engine>/NNNN-what.sql` beside this file. */
export function migrationsOf(engine: 'sqlite' | 'postgres'): readonly Migration[] {
  const folder = new URL(`./migrations/${engine}/`, import.meta.url);
  return readdirSync(folder)
    .toSorted()
    .map((file) => {
      const version = FILE_NAME_PATTERN.exec(file)?.[1];
      if (version === undefined) throw new Error(`${file} is not named like a migration`);
      return { version: Number(version), sql: readFileSync(new URL(file, folder), 'utf8') };
    });
}

/**
 * Returns the migrations that a database still needs, given the versions that were applied to it.
 *
 * @throws ClairError `database/newer-schema` when the database has a later migration than this release, and
 * `database/older-schema` when it has one from before the first migration, which nothing converts
 */
export function pendingMigrations(known: readonly Migration[], applied: readonly number[]): readonly Migration[] {
  const newest = known.at(-1)?.version ?? 0;
  const foreign = applied.find((version) => version > newest);
  if (foreign !== undefined) {
    throw new ClairError(
      'database/newer-schema',
      `the database has schema ${foreign}, but this release of Clair knows only schemas up to ${newest}`,
    );
  }
  const oldest = known[0]?.version ?? 0;
  const obsolete = applied.find((version) => version < oldest);
  if (obsolete !== undefined) {
    throw new ClairError(
      'database/older-schema',
      `the database has schema ${Math.max(...applied)} of a development version of Clair; the oldest schema of this release is ${oldest}`,
    );
  }
  return known.filter(({ version }) => !applied.includes(version));
}

/** What applying the pending ones of `known` to a database with the versions `applied` means for its schema. */
export function schemaChangeOf(known: readonly Migration[], applied: readonly number[]): SchemaChange {
  return { from: Math.max(0, ...applied), to: known.at(-1)?.version ?? 0 };
}
