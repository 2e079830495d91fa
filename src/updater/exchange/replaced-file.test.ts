import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { replaceFile } from './replaced-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clair-replaced-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string): string => join(folder, name);

async function* bytesOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

it('writes all bytes and leaves no other file', async () => {
  expect(await replaceFile(inFolder('new'), bytesOf('one ', '', 'two'))).toBe(7);
  expect(readFileSync(inFolder('new'), 'utf8')).toBe('one two');
  expect(readdirSync(folder)).toEqual(['new']);
});

it('removes the part files that killed processes left for the same file, and no other files', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  const [left, young, other] = [`.file.${id}.part`, `.file.${id.replaceAll('0', '1')}.part`, `.file2.${id}.part`];
  const hourAgo = new Date(Date.now() - 3_600_000);
  for (const name of [left, young, other, '.file.part', '.file.mine.part']) {
    writeFileSync(inFolder(name), 'x');
    if (name !== young) utimesSync(inFolder(name), hourAgo, hourAgo);
  }
  await replaceFile(inFolder('file'), bytesOf('new'));
  expect(readdirSync(folder).toSorted()).toEqual(['.file.mine.part', '.file.part', young, other, 'file'].toSorted());
});

it('keeps a left part that it cannot remove', async () => {
  const part = `.file.00000000-0000-4000-8000-000000000000.part`;
  mkdirSync(inFolder(part));
  utimesSync(inFolder(part), 0, 0);
  await replaceFile(inFolder('file'), bytesOf('new'));
  expect(readdirSync(folder)).toEqual([part, 'file']);
});

it('replaces the existing file only when the new file is complete', async () => {
  writeFileSync(inFolder('file'), 'old');
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('new');
    expect(readFileSync(inFolder('file'), 'utf8')).toBe('old');
  }
  await replaceFile(inFolder('file'), bytes());
  expect(readFileSync(inFolder('file'), 'utf8')).toBe('new');
});

it('replaces the target of a link and keeps the link', async () => {
  writeFileSync(inFolder('file'), 'old');
  symlinkSync('file', inFolder('link'));
  await replaceFile(inFolder('link'), bytesOf('new'));
  expect([readlinkSync(inFolder('link')), readFileSync(inFolder('file'), 'utf8')]).toEqual(['file', 'new']);
});

it('keeps the old file and removes the new one when the input fails', async () => {
  writeFileSync(inFolder('file'), 'old');
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('new');
    throw new Error('broken off');
  }
  await expect(replaceFile(inFolder('file'), bytes())).rejects.toThrow('broken off');
  expect(readFileSync(inFolder('file'), 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['file']);
});

it.each<[string, () => string]>([
  ['a missing directory', () => inFolder('none/file')],
  ['a directory', () => (mkdirSync(inFolder('folder')), inFolder('folder'))],
  ['a device', () => '/dev/null'],
  ['a name that is too long', () => inFolder('n'.repeat(300))],
])('does not write to %s and reads no input', async (_, path) => {
  let isRead = false;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    isRead = true;
    yield Buffer.from('new');
  }
  await expect(replaceFile(path(), bytes())).rejects.toMatchObject({ code: 'export/unwritable' });
  expect(isRead).toBe(false);
});
