import { mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSqlite } from '../engine.ts';

const Worker = vi.fn<() => never>(function refused() {
  throw new Error('Worker initialization failure: EAGAIN');
});
const original = Object.getOwnPropertyDescriptor(process, 'getBuiltinModule')!;

beforeEach(() => {
  // Also takes effect if another test file of this process has loaded the engine.
  Object.assign(process, { getBuiltinModule: () => ({ Worker }) });
  syncBuiltinESMExports();
});
afterEach(() => {
  Object.defineProperty(process, 'getBuiltinModule', original);
  syncBuiltinESMExports();
});

it('a large transaction commits if the system permits no more threads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-refused-thread-'));
  const engine = await openSqlite(join(folder, 'clair.db'));
  const rows = Array.from({ length: 30_000 }, (_, at) => [`namespace-${at}`, 'dpkg']);
  await engine.transaction((queries) => queries.insertMany({ table: 'namespace', columns: ['name', 'scheme'] }, rows), {
    once: true,
  });
  expect(Worker).toHaveBeenCalled();
  expect(await engine.read.get('SELECT COUNT(*) AS count FROM namespace')).toEqual({ count: 30_000 });
  await engine.close();
  rmSync(folder, { recursive: true });
});
