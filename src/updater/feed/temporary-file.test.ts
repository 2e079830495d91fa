import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { streamOf } from '../testing/feed-documents.ts';
import { writeTemporaryFile } from './temporary-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clair-temporary-'));
  vi.stubEnv('TMPDIR', folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

describe('a temporary file', () => {
  it('contains the bytes, readable only by its owner, until it is removed', async () => {
    const file = await writeTemporaryFile(streamOf('gears ', 'and cogs'), 'feed', 14);
    expect(await readFile(file.path, 'utf8')).toBe('gears and cogs');
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(file.path))).mode & 0o777).toBe(0o700);
    await file.remove();
    await file.remove();
  });

  it('is removed when there are too many bytes', async () => {
    const writing = writeTemporaryFile(streamOf('gears ', 'and cogs'), 'feed', 13);
    await expect(writing).rejects.toMatchObject({ code: 'bytes/limit-exceeded' });
  });

  it('is removed when the input fails', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('gears');
      throw new Error('the line is dead');
    }
    await expect(writeTemporaryFile(broken(), 'feed', 100)).rejects.toThrow('the line is dead');
  });

  it('is removed after an abort', async () => {
    const controller = new AbortController();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('gears');
      controller.abort(new Error('enough'));
      yield Buffer.from('cogs');
    }
    const writing = writeTemporaryFile(slow(), 'feed', 100, controller.signal);
    await expect(writing).rejects.toThrow('aborted');
  });
});
