import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { unlistedFiles } from './listed-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-listed-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('lists files that are neither used nor excluded', () => {
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  for (const path of ['used', 'left', 'new', 'a/left', 'a/b/new']) writeFileSync(join(folder, path), '');
  expect(unlistedFiles(folder, new Set(['used']), ['left'])).toEqual(['a/b/new', 'a/left', 'new']);
  expect(unlistedFiles(folder, new Set(['used']), ['left', 'a/'])).toEqual(['new']);
});
