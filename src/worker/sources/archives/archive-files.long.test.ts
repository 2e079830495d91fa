import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { tarHeader } from '../../../bytes/testing/tar-builder.ts';
import { openArchiveFiles } from './archive-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-archives-'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('an archive with more members than any image leaves no files behind', async () => {
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  const path = join(folder, 'crowd.tar');
  // The archive contains one file more than the limit, and only the headers of the files.
  writeFileSync(path, Buffer.alloc(100_001 * 512, tarHeader({ name: 'a' })));
  await expect(openArchiveFiles(path)).rejects.toMatchObject({ code: 'bytes/limit-exceeded' });
  expect(readdirSync(temporary)).toEqual([]);
});
