import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { geteuid } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { keepCompiledCode } from './compiled-code.ts';

const home = mkdtempSync(join(tmpdir(), 'clair-compiled-'));
afterAll(() => rmSync(home, { recursive: true }));

const keptIn = (folder: string): readonly string[] => {
  const folders: string[] = [];
  keepCompiledCode(folder, { enableCompileCache: (each: string) => folders.push(each) });
  return folders;
};

describe('compiled code', () => {
  it('is kept in a folder that only the user can read', () => {
    const folder = join(home, '.cache', 'clair', 'compiled');
    expect(keptIn(folder)).toEqual([folder]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(keptIn(folder)).toEqual([folder]);
  });

  it.each(['/proc/none/.cache/clair/compiled', '/dev/null/clair/compiled'])(
    'is not kept in %s, which cannot be created',
    (folder) => {
      expect(keptIn(folder)).toEqual([]);
    },
  );

  it('is not kept in a folder in which others can write', () => {
    const folder = join(home, 'shared');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    expect(keptIn(folder)).toEqual([]);
    expect(keptIn(join(folder, 'compiled'))).toEqual([join(folder, 'compiled')]);
  });

  it.runIf(geteuid?.() === 0)('is not kept in a folder of another user', () => {
    const folder = join(home, 'other');
    mkdirSync(folder);
    chownSync(folder, 12_345, 12_345);
    expect(keptIn(folder)).toEqual([]);
    expect(keptIn(join(folder, '.cache'))).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not kept by a Node that cannot keep it', () => {
    const folder = join(home, 'old');
    keepCompiledCode(folder, {});
    expect(() => statSync(folder)).toThrow('ENOENT');
  });
});
