import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/store.ts';
import { digestOfDatabase } from '../fixtures/database-digest.ts';
import { knowLayer, publish } from '../fixtures/known-layers.ts';
import { advisory, deb } from '../fixtures/packages.ts';

const HOUSEKEEPING_PROCESS = fileURLToPath(new URL('housekeeping-process.ts', import.meta.url));

const NOW = Date.now();
const LATER = NOW + 200 * 86_400_000;

/** The lock of a dead process has expired by then. */
const AFTER_THE_LOCK = LATER + 120_000;

/** Images, of which every other one is asked for later on: a base that all have, a middle, and a leaf. */
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
  await store.layers.noteAsked(asked, LATER);
}

/** All that is to be told of the images that are kept. */
async function answers(path: string): Promise<unknown> {
  const store = await openStore({ type: 'sqlite', path });
  try {
    const told: unknown[] = [];
    for (let image = 0; image < IMAGES; image += 2) {
      const leaf = await store.layers.find(`leaf-${image}`);
      const id = leaf?.id ?? 0;
      told.push(leaf, await store.layers.chain(id), await store.layers.packages(id), await store.matches.ofLayer(id));
    }
    return told;
  } finally {
    await store.close();
  }
}

function start(database: string, time: number): { readonly process: ChildProcess; readonly exited: Promise<unknown> } {
  const args = ['--import', 'tsx', HOUSEKEEPING_PROCESS, database, String(time)];
  const process = spawn(execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return { process, exited: once(process, 'exit') };
}

/** How much lies in the log beside a database: what a process has written is there before it is in the file. */
function written(database: string): number {
  return statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

/** How many layers there are, and what SQLite itself has to say against the database. */
function look(path: string): { readonly layers: number; readonly faults: readonly unknown[] } {
  const database = new Database(path);
  const layers = database.prepare<[], number>('SELECT COUNT(*) FROM layer').pluck().get() ?? 0;
  const integrity = database.pragma('integrity_check') as { integrity_check: string }[];
  const references = database.pragma('foreign_key_check') as unknown[];
  database.close();
  return { layers, faults: [...integrity.filter((row) => row.integrity_check !== 'ok'), ...references] };
}

/** When it was done, and what it measured, differs from run to run. */
const IGNORED = ['flag.value'];

let bytes = 0;
let before: unknown;
let digest: string;

beforeAll(async () => {
  const store = await openStore({ type: 'sqlite', path: at('known.db') });
  await fill(store);
  await store.close();
  before = await answers(at('known.db'));
  copyFileSync(at('known.db'), at('undisturbed.db'));
  const { process, exited } = start(at('undisturbed.db'), LATER);
  while (process.exitCode === null) {
    bytes = Math.max(bytes, written(at('undisturbed.db')));
    await setTimeout(1);
  }
  expect(await exited).toEqual([0, null]);
  digest = digestOfDatabase(at('undisturbed.db'), IGNORED);
  expect(look(at('undisturbed.db'))).toEqual({ layers: IMAGES + 1, faults: [] });
});

describe('housekeeping that is killed', () => {
  const found: number[] = [];

  it.each([0.1, 0.3, 0.5, 0.7, 0.9])(
    'at %d of what it writes keeps all answers, and is finished by the next',
    async (share) => {
      const database = at(`${share}.db`);
      copyFileSync(at('known.db'), database);
      const { process, exited } = start(database, LATER);
      while (written(database) < share * bytes && process.exitCode === null) await setTimeout(1);
      process.kill('SIGKILL');
      await exited;

      const { layers, faults } = look(database);
      expect(faults).toEqual([]);
      found.push(layers);
      expect(await answers(database)).toEqual(before);

      const next = start(database, AFTER_THE_LOCK);
      expect(await next.exited).toEqual([0, null]);
      expect(digestOfDatabase(database, IGNORED)).toBe(digest);
    },
  );

  it('was among the layers in some of these moments', () => {
    expect(found.some((layers) => layers > IMAGES + 1 && layers < 2 * IMAGES + 1)).toBe(true);
  });
});
