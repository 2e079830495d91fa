import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type FileRange, fileBytes, openRegularFile } from './file-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-file-bytes-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(path: string, range?: FileRange): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of fileBytes(path, range)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

describe('fileBytes', () => {
  const path = join(folder, 'digits');
  writeFileSync(path, '0123456789');

  it.each<[string, FileRange | undefined, string]>([
    ['the whole file', undefined, '0123456789'],
    ['a range', { start: 3, length: 4 }, '3456'],
    ['an empty range', { start: 3, length: 0 }, ''],
    ['a range beyond the end', { start: 8, length: 10 }, '89'],
  ])('reads %s', async (_, range, expected) => {
    expect(await read(path, range)).toBe(expected);
  });

  it('reads chunks of the requested size', async () => {
    const sizes: number[] = [];
    for await (const { length } of fileBytes(path, undefined, undefined, { chunkBytes: 4 })) sizes.push(length);
    expect(sizes).toEqual([4, 4, 2]);
  });

  it('reports a missing file', async () => {
    await expect(read(join(folder, 'none'))).rejects.toMatchObject({ code: 'bytes/not-found' });
    await expect(read(join(path, 'below-a-file'))).rejects.toMatchObject({ code: 'bytes/not-found' });
  });

  it('rejects directories and devices', async () => {
    await expect(read(folder)).rejects.toMatchObject({ code: 'bytes/unreachable' });
    await expect(read('/dev/zero')).rejects.toMatchObject({ code: 'bytes/unreachable' });
  });

  it('rejects a pipe without waiting for a writer', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('/usr/bin/mkfifo', [pipe]);
    await expect(read(pipe)).rejects.toMatchObject({
      code: 'bytes/unreachable',
      message: `${pipe} is not a regular file`,
    });
  });

  it('follows a link unless told to refuse links', async () => {
    const link = join(folder, 'link');
    symlinkSync(path, link);
    expect(await read(link)).toBe('0123456789');
    await expect(openRegularFile(link, 'refuse')).rejects.toMatchObject({ code: 'bytes/unreachable' });
  });
});
