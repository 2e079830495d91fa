import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sqliteFileCheck } from './file.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-file-'));
const path = join(folder, 'clair.db');
writeFileSync(path, 'x');
afterAll(() => rmSync(folder, { recursive: true }));

it('fails when the disk is full and leaves no file', async () => {
  await sqliteFileCheck(path)();
  const check = sqliteFileCheck(path, async (probe, bytes, { flag }) => {
    writeFileSync(probe, '', { flag });
    // Every write to /dev/full fails with ENOSPC (full(4)).
    const full = await open('/dev/full', 'w');
    try {
      await full.write(bytes);
    } finally {
      await full.close();
    }
  });
  await expect(check()).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(readdirSync(folder)).toEqual(['clair.db']);
});
