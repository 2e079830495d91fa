import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStoredLists } from './stored-lists.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clair-lists-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const TIMES = new Map([['GHSA-1', 1000]]);

describe('stored lists', () => {
  it('are read by the digest that writing returned', async () => {
    const lists = openStoredLists(join(folder, 'deep', 'cache'));
    const digest = (await lists.write(TIMES)) ?? '';
    expect(await lists.read(digest)).toEqual(TIMES);
  });

  it('are unknown when they are missing or damaged', async () => {
    const lists = openStoredLists(folder);
    const digest = (await lists.write(TIMES)) ?? '';
    await writeFile(join(folder, `${digest}.csv`), '2099-01-01T00:00:00Z,GHSA-2\n');
    expect(await lists.read(digest)).toBeUndefined();
    expect(await lists.read('0'.repeat(64))).toBeUndefined();
  });

  it('are deleted unless they are kept; other files stay', async () => {
    const lists = openStoredLists(folder);
    const digest = (await lists.write(TIMES)) ?? '';
    await lists.write(new Map([['GHSA-2', 1000]]));
    await writeFile(join(folder, 'other'), '');
    await lists.keepOnly([digest]);
    expect((await readdir(folder)).toSorted()).toEqual([`${digest}.csv`, 'other'].toSorted());
  });

  it('are not stored without a usable directory', async () => {
    await writeFile(join(folder, 'file'), '');
    for (const lists of [openStoredLists(undefined), openStoredLists(join(folder, 'file'))]) {
      expect(await lists.write(TIMES)).toBeUndefined();
      expect(await lists.read('0'.repeat(64))).toBeUndefined();
      await lists.keepOnly([]);
    }
  });
});
