import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { databaseOptions } from '../../../src/cli/options/database-option.ts';
import { copyStore, openStore } from '../../../src/database/open-store.ts';
import { openPostgres } from '../../../src/database/engines/postgres/engine.ts';
import type { Store } from '../../../src/database/contracts/store.ts';
import { builtProcess } from '../../fixtures/clair-program.ts';
import { digestOfDatabase } from '../../../src/database/testing/database-digest.ts';
import { knowLayer, publish } from '../../../src/database/testing/store-content.ts';
import { advisory, deb } from '../../../src/database/testing/packages.ts';
import { createPostgresCopier, type PostgresCopier } from '../../../src/database/testing/migrated-postgres.ts';
import { migratedPostgresSource } from '../../../src/database/testing/stores.ts';
import { runsWith } from '../../fixtures/run-count.ts';

const HOUSEKEEPING_PROCESS = builtProcess('housekeeping-process');

const NOW = Date.now();
const LATER = NOW + 200 * 86_400_000;

/** At this time the lock of a dead process has expired. */
const AFTER_THE_LOCK = LATER + 120_000;

/** Number of images, each with a common base, a middle layer and a leaf; every other image is used later. */
const IMAGES = 300;

const folder = mkdtempSync(join(tmpdir(), 'clair-killed-housekeeping-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function fill(store: Store): Promise<void> {
  await publish(store, []);
  for (const fixed of ['1', '2', '3']) await publish(store, [advisory('CVE-1', { package: 'base', fixed })], 1000);
  const base = await knowLayer(store, 'base', [deb('base', '1')]);
  const asked: number[] = [];
  for (let image = 0; image < IMAGES; image += 1) {
    const packages = Array.from({ length: 20 }, (_, number) => deb(`p-${image}-${number}`, '1'));
    const middle = await knowLayer(store, `middle-${image}`, packages, base);
    const leaf = await knowLayer(store, `leaf-${image}`, [deb('leaf', String(image))], middle);
    if (image % 2 === 0) asked.push(leaf.id);
  }
  await store.layers.noteUse(asked, LATER);
}

async function answers(database: string): Promise<unknown> {
  const store = await openStore(databaseOptions(database));
  try {
    const told: unknown[] = [];
    for (let image = 0; image < IMAGES; image += 2) {
      const leaf = await store.layers.find(`leaf-${image}`);
      const id = leaf?.id ?? 0;
      told.push(leaf, await store.layers.chain(id), await store.layers.features(id), await store.matches.ofLayer(id));
    }
    return told;
  } finally {
    await store.close();
  }
}

function start(database: string, time: number): { readonly process: ChildProcess; readonly exited: Promise<unknown> } {
  const args = [HOUSEKEEPING_PROCESS, database, String(time)];
  const process = spawn(execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return { process, exited: once(process, 'exit') };
}

/** A database engine of the test; databases are named as by `--db`. */
type Engine = {
  readonly make: (name: string) => Promise<string>;
  /** Measures the progress of a process in a database, in any unit. */
  readonly watch: (database: string) => Promise<Watch>;
  /** Returns the number of layers, and errors of the engine's own check. */
  readonly look: (database: string) => Promise<{ readonly layers: number; readonly faults: readonly unknown[] }>;
  readonly digest: (database: string) => Promise<string>;
};

type Watch = {
  readonly progress: () => Promise<number>;
  /** The pause between measurements in milliseconds; longer if a measurement slows the process. */
  readonly pause: number;
  readonly close: () => Promise<void>;
};

/** Columns that differ between runs: times and measurements of housekeeping, and creation times of tables. */
const IGNORED = ['flag.value', 'schema_migration.applied_at'];

const SQLITE: Engine = {
  async make(name) {
    copyFileSync(at('known.db'), at(`${name}.db`));
    return at(`${name}.db`);
  },
  // The size of the write-ahead log, which receives all writes before the database file.
  watch: async (database) => ({
    progress: async () => statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    pause: 1,
    close: async () => {},
  }),
  async look(path) {
    const database = new Database(path);
    const layers = database.prepare<[], number>('SELECT COUNT(*) FROM layer').pluck().get() ?? 0;
    const integrity = database.pragma('integrity_check') as { integrity_check: string }[];
    const references = database.pragma('foreign_key_check') as unknown[];
    database.close();
    return { layers, faults: [...integrity.filter((row) => row.integrity_check !== 'ok'), ...references] };
  },
  digest: async (path) => digestOfDatabase(path, IGNORED),
};

/** About half of the rows are deleted with the layers, and the other rows afterwards. */
const ROWS = '(SELECT COUNT(*) FROM layer_feature) + (SELECT COUNT(*) FROM feature)';

const POSTGRES: Engine = {
  async make() {
    knownOnPostgres ??= await knownPostgresCopier();
    return knownOnPostgres();
  },
  async watch(source) {
    const engine = await openPostgres(source);
    const rows = async (): Promise<number> =>
      (await engine.read.get<{ count: number }>(`SELECT ${ROWS} AS count`))?.count ?? 0;
    const before = await rows();
    return { progress: async () => before - (await rows()), pause: 10, close: engine.close };
  },
  async look(source) {
    const engine = await openPostgres(source);
    const layers = (await engine.read.get<{ count: number }>('SELECT COUNT(*) AS count FROM layer'))?.count ?? 0;
    await engine.close();
    // PostgreSQL checks references at each commit.
    return { layers, faults: [] };
  },
  async digest(source) {
    const path = at(`${(copies += 1)}-copy.db`);
    await copyStore({ type: 'postgres', source }, { type: 'sqlite', path });
    return digestOfDatabase(path, IGNORED);
  },
};

let copies = 0;
let knownOnPostgres: PostgresCopier | undefined;

/** Copies `known.db` to PostgreSQL once; the server copies the result faster. */
async function knownPostgresCopier(): Promise<PostgresCopier> {
  const source = migratedPostgresSource();
  await copyStore({ type: 'sqlite', path: at('known.db') }, { type: 'postgres', source });
  return createPostgresCopier(inject('postgres'), new URL(source).pathname.slice(1));
}

let before: unknown;

beforeAll(async () => {
  const store = await openStore({ type: 'sqlite', path: at('known.db') });
  await fill(store);
  await store.close();
  before = await answers(at('known.db'));
});

describe.each([
  ['SQLite', SQLITE],
  ['PostgreSQL', POSTGRES],
])('killed housekeeping on %s', (_, engine) => {
  let end = 0;
  let digest: string;
  const found: number[] = [];

  beforeAll(async () => {
    const database = await engine.make('undisturbed');
    const watch = await engine.watch(database);
    const { process, exited } = start(database, LATER);
    while (process.exitCode === null) {
      end = Math.max(end, await watch.progress());
      await setTimeout(watch.pause);
    }
    expect(await exited).toEqual([0, null]);
    await watch.close();
    digest = await engine.digest(database);
    expect(await engine.look(database)).toEqual({ layers: IMAGES + 1, faults: [] });
  });

  it.each(runsWith([0.05, 0.1, 0.3, 0.5, 0.7, 0.9], [0.2, 0.5, 0.8]))(
    'at %d of its writes keeps all results, and the next run finishes it',
    async (share) => {
      const database = await killedAt(`${share}`, share);
      expect(await answers(database)).toEqual(before);

      const next = start(database, AFTER_THE_LOCK);
      expect(await next.exited).toEqual([0, null]);
      expect(await engine.digest(database)).toBe(digest);
    },
  );

  it('was deleting layers in some of these moments', async () => {
    // On a busy machine, the layers might be deleted before the kill.
    for (let attempt = 1; attempt <= MAX_ATTEMPTS && !found.some(isPart); attempt += 1) {
      await killedAt(`attempt-${attempt}`, (attempt % 10) / 20);
    }
    expect(found.some(isPart)).toBe(true);
  });

  /** Kills housekeeping after the given fraction of its writes, and records the number of layers that are left. */
  async function killedAt(name: string, share: number): Promise<string> {
    const database = await engine.make(name);
    const watch = await engine.watch(database);
    const { process, exited } = start(database, LATER);
    while ((await watch.progress()) < share * end && process.exitCode === null) await setTimeout(watch.pause);
    process.kill('SIGKILL');
    await exited;
    await watch.close();
    const { layers, faults } = await engine.look(database);
    expect(faults).toEqual([]);
    found.push(layers);
    return database;
  }
});

const MAX_ATTEMPTS = 20;

/** Returns whether some, but not all, unused layers have been deleted. */
function isPart(layers: number): boolean {
  return layers > IMAGES + 1 && layers < 2 * IMAGES + 1;
}
