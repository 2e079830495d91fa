import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, inject } from 'vitest';
import type { DatabaseOptions } from '../open-store.ts';
import type { FoundName } from '../contracts/found-names.ts';
import type { ImageContents } from '../contracts/images.ts';
import type { NewLayer } from '../contracts/layers.ts';
import type { Layer, FeatureChange } from '../../model/layer.ts';
import { emptySqlite } from './memory-store.ts';
import { createPostgresCopier, type PostgresCopier } from './migrated-postgres.ts';
import { digestOf } from './packages.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/**
 * The engines on which store tests run; each call returns a new database. SQLite files and PostgreSQL databases are
 * copies of a migrated database, because the migrations would take most of the time of the tests.
 */
export const ENGINES: readonly [string, () => DatabaseOptions][] = [
  ['memory', () => ({ type: 'memory' })],
  ['sqlite', () => ({ type: 'sqlite', path: newSqliteFile() })],
  ['postgres', () => ({ type: 'postgres', source: migratedPostgresSource() })],
];

function newSqliteFile(): string {
  // Create the folder, because the tests of an earlier file in this worker have deleted it.
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${(files += 1)}.db`);
  writeFileSync(path, emptySqlite());
  return path;
}

let copier: PostgresCopier | undefined;

/** Returns the address of a new database with tables but without content, on the server of the tests. */
export function migratedPostgresSource(): string {
  copier ??= createPostgresCopier(inject('postgres'), inject('migratedPostgres'));
  return copier();
}

/** Returns a new database for conformance tests, on the engine in `CLAIR_TEST_ENGINE` or, by default, in memory. */
export function newDatabase(): DatabaseOptions {
  const wanted = env['CLAIR_TEST_ENGINE'] ?? 'memory';
  const engine = ENGINES.find(([name]) => name === wanted);
  if (engine === undefined) throw new Error(`CLAIR_TEST_ENGINE: there is no engine ${wanted}`);
  return engine[1]();
}

/** Returns the address of a database without tables: a new schema on the server of the tests. */
export function newPostgresSource(): string {
  return `${inject('postgres')}?sslmode=disable&search_path=test_${randomUUID().replaceAll('-', '')}`;
}

/** The contents of an image without metadata. */
export const NO_CONTENTS: ImageContents = { layers: [], baseDigest: null, commands: [] };

/** Returns a layer of Debian 12 as engine version 1 stores it. */
export function newLayer(name: string, parent: Layer | null, changes: readonly FeatureChange[]): NewLayer {
  return {
    name,
    engineVersion: 1,
    digest: digestOf('a'),
    parent,
    distribution: { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian 12' },
    contentSets: [],
    diagnostics: [],
    changes,
    owners: [],
    programs: [],
    contents: Buffer.from('{}'),
  };
}

/** Returns names of vulnerabilities, each with an unsuppressed finding of severity High. */
export function openNames(...names: readonly string[]): readonly FoundName[] {
  return names.map((name) => ({
    kind: 'vulnerability',
    name,
    isOpen: true,
    isId: true,
    isExploited: false,
    severity: 'High',
  }));
}
