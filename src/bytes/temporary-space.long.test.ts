import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allBytes } from './all-bytes.ts';
import { createTemporarySpace } from './temporary-space.ts';

const MIB = 1024 * 1024;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clair-space-'));
  mkdirSync(join(folder, 'feeds'));
  const other = join(folder, 'feeds', 'texts');
  writeFileSync(other, '');
  truncateSync(other, 12 * MIB);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function* chunks(count: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at += 1) yield Buffer.alloc(MIB);
}

it.each<[string, number, number]>([
  ['while there is room', 32, 4],
  ['without a bound', Number.POSITIVE_INFINITY, 20],
])('passes bytes %s', async (_what, maxMib, count) => {
  const space = createTemporarySpace({ folder, maxBytes: maxMib * MIB });
  expect((await allBytes(space.bounded(chunks(count), 'an archive'), 100 * MIB))?.length).toBe(count * MIB);
});

it.each<[string, number, number, string]>([
  ['while other files take the space', 12, 4, 'server/no-room'],
  ['that exceed the limit while other files take the space', 6, 20, 'server/no-room'],
  ['that exceed the limit without the other files', 30, 40, 'bytes/limit-exceeded'],
])('rejects bytes %s', async (_what, maxMib, count, code) => {
  const space = createTemporarySpace({ folder, maxBytes: maxMib * MIB });
  const read = allBytes(space.bounded(chunks(count), 'an archive'), 100 * MIB);
  await expect(read).rejects.toMatchObject({ code });
});
