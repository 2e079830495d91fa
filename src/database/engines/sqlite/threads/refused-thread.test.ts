import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openSqlite } from '../engine.ts';

const Worker = vi.hoisted(() =>
  vi.fn<() => never>(function refused() {
    throw new Error('Worker initialization failure: EAGAIN');
  }),
);
vi.mock('node:process', async (original) => ({
  ...(await original<object>()),
  getBuiltinModule: () => ({ Worker }),
}));

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
