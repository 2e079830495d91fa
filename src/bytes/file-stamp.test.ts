import { chmodSync, linkSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { areSameStamps, type FileStamp, isTelling, stampOf } from './file-stamp.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-file-stamp-'));
const path = join(folder, 'file');
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  rmSync(path, { force: true });
  writeFileSync(path, 'content', { mode: 0o644 });
});

function stamp(): FileStamp {
  return stampOf(statSync(path, { bigint: true }));
}

/** Waits until the clock of the file system advances. */
async function tick(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('file stamp', () => {
  it('stays equal while the file is unchanged', async () => {
    const before = stamp();
    await tick();
    expect(areSameStamps(stamp(), before)).toBe(true);
  });

  it.each<[string, () => void]>([
    ['is written to', () => writeFileSync(path, 'CONTENT')],
    [
      'is written to and given its old times',
      () => {
        const { atime, mtime } = statSync(path);
        writeFileSync(path, 'CONTENT');
        utimesSync(path, atime, mtime);
      },
    ],
    [
      'is replaced',
      () => {
        rmSync(path);
        writeFileSync(path, 'content');
      },
    ],
    ['is opened to others', () => chmodSync(path, 0o666)],
    ['gets another name', () => linkSync(path, `${path}-${Math.random()}`)],
  ])('differs once the file %s', async (_, change) => {
    const before = stamp();
    await tick();
    change();
    expect(areSameStamps(stamp(), before)).toBe(false);
  });
});

describe('isTelling', () => {
  const changedAt = 1_700_000_000_000;
  const base = { ...stampFields(), changed: BigInt(changedAt) * 1_000_000n, owner: 1000n, mode: 0o100_644n };
  const later = { readAt: changedAt + 2000, user: 1000 };

  it.each<[string, Partial<FileStamp>]>([
    ['of this user that only this user may write to', {}],
    ['of root', { owner: 0n }],
    ['that nobody may write to', { mode: 0o100_444n }],
  ])('accepts a file %s', (_, more) => {
    expect(isTelling({ ...base, ...more }, later)).toBe(true);
  });

  it.each<[string, Partial<FileStamp>, Partial<Parameters<typeof isTelling>[1]>]>([
    ['of another user', { owner: 1001n }, {}],
    ['that its group may write to', { mode: 0o100_664n }, {}],
    ['that all may write to', { mode: 0o100_646n }, {}],
    ['that was changed less than 2 seconds before', {}, { readAt: changedAt + 1999 }],
    ['from the future', {}, { readAt: changedAt - 1 }],
    ['on a system without user IDs', {}, { user: undefined }],
  ])('rejects a file %s', (_, more, options) => {
    expect(isTelling({ ...base, ...more }, { ...later, ...options })).toBe(false);
  });
});

function stampFields(): Pick<FileStamp, 'device' | 'inode' | 'size' | 'modified'> {
  return { device: 1n, inode: 2n, size: 3n, modified: 4n };
}
