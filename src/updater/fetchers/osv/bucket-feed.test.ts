import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../database/contracts/store.ts';
import { useBucketMirror } from './testing/bucket-mirror.ts';

const mirror = useBucketMirror();

const ALL = ['GHSA-1 npm 2.0.0', 'GHSA-2 npm 2.0.0', 'GHSA-2 pypi 2.0.0', 'PYSEC-1 pypi 2.0.0'];

describe('the first update', () => {
  it('reads the archives of the chosen ecosystems', async () => {
    expect(await mirror.update()).toMatchObject({ counts: { added: 3 } });
    expect(await mirror.stored()).toEqual(ALL);
    expect(mirror.asked).toEqual(['npm/modified_id.csv', 'PyPI/modified_id.csv', 'npm/all.zip', 'PyPI/all.zip']);
  });

  it('fails as a whole if an ecosystem is missing', async () => {
    mirror.ecosystems = undefined;
    await expect(mirror.update()).rejects.toMatchObject({ code: 'bytes/not-found' });
    expect(await mirror.stored()).toEqual([]);
  });
});

describe('a later update', () => {
  beforeEach(async () => {
    await mirror.update();
  });

  it('requests only the lists while they are the same', async () => {
    expect(await mirror.update()).toEqual({ kind: 'not-modified' });
    expect(mirror.asked).toEqual(['npm/modified_id.csv', 'PyPI/modified_id.csv']);
  });

  it('reads changed and new records one by one, each once, and writes only changes', async () => {
    mirror.records.set('GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 2, fixed: '3.0.0' });
    mirror.records.set('PYSEC-2', { ecosystems: ['PyPI'], day: 2 });
    expect(await mirror.update()).toMatchObject({ counts: { added: 1, changed: 1, withdrawn: 0 } });
    expect(mirror.asked.slice(2)).toEqual(['npm/GHSA-2.json', 'PyPI/PYSEC-2.json']);
    expect(await mirror.stored()).toEqual([
      'GHSA-1 npm 2.0.0',
      'GHSA-2 npm 3.0.0',
      'GHSA-2 pypi 3.0.0',
      'PYSEC-1 pypi 2.0.0',
      'PYSEC-2 pypi 2.0.0',
    ]);
    expect(await mirror.update()).toEqual({ kind: 'not-modified' });
  });

  it('has the same content as a complete update', async () => {
    mirror.records.set('GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 2, fixed: '3.0.0' });
    await mirror.update();
    expect(await mirror.update({ prune: true })).toMatchObject({
      counts: { added: 0, changed: 0, withdrawn: 0, unchanged: 3 },
    });
  });

  it('removes withdrawn advisories, and advisories that vanish without being withdrawn', async () => {
    mirror.records.set('GHSA-1', { ecosystems: ['npm'], day: 2, withdrawn: true });
    mirror.records.delete('PYSEC-1');
    expect(await mirror.update()).toMatchObject({ counts: { withdrawn: 2 } });
    expect(mirror.asked.slice(2)).toEqual(['npm/GHSA-1.json']);
    expect(await mirror.stored()).toEqual(['GHSA-2 npm 2.0.0', 'GHSA-2 pypi 2.0.0']);
  });

  it('keeps a record that vanishes from one ecosystem only, with its other packages', async () => {
    mirror.records.set('GHSA-2', { ecosystems: ['PyPI'], day: 1 });
    expect(await mirror.update()).toMatchObject({ counts: { changed: 1, withdrawn: 0 } });
    expect(await mirror.stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 pypi 2.0.0', 'PYSEC-1 pypi 2.0.0']);
  });

  it('reads a listed record that is still missing in the next update', async () => {
    mirror.records.set('PYSEC-2', { ecosystems: ['PyPI'], day: 2, isMissing: true });
    expect(await mirror.update()).toMatchObject({ counts: { added: 0 } });
    mirror.records.set('PYSEC-2', { ecosystems: ['PyPI'], day: 2 });
    mirror.records.set('GHSA-1', { ecosystems: ['npm'], day: 2, fixed: '9.0.0' });
    mirror.records.set('PYSEC-3', { ecosystems: ['PyPI'], day: 2 });
    expect(await mirror.update()).toMatchObject({ counts: { added: 2, changed: 1 } });
  });

  it('keeps the stored data of a listed record that is missing', async () => {
    mirror.records.set('GHSA-1', { ecosystems: ['npm'], day: 2, isMissing: true });
    await mirror.update();
    expect(await mirror.stored()).toEqual(ALL);
    mirror.records.set('GHSA-1', { ecosystems: ['npm'], day: 3, fixed: '9.0.0' });
    expect(await mirror.update()).toMatchObject({ counts: { changed: 1, withdrawn: 0 } });
  });

  it('reads the archives of changed ecosystems without the stored lists', async () => {
    await rm(join(mirror.cache, 'osv'), { recursive: true });
    mirror.records.delete('PYSEC-1');
    expect(await mirror.update()).toMatchObject({ counts: { withdrawn: 1, unchanged: 1 } });
    expect(mirror.asked.slice(2)).toEqual(['PyPI/all.zip']);
    expect(await mirror.stored()).toEqual(ALL.slice(0, 3));
  });

  it('keeps the lists of the last two states in the cache', async () => {
    for (const day of [2, 3, 4]) {
      mirror.records.set('GHSA-1', { ecosystems: ['npm'], day, fixed: `${day}.0.0` });
      await mirror.update();
    }
    expect(await readdir(join(mirror.cache, 'osv'))).toHaveLength(3);
  });

  it('reads everything again that a failed update read', async () => {
    mirror.records.set('PYSEC-2', { ecosystems: ['PyPI'], day: 2 });
    const { store } = mirror;
    const update = async () => Promise.reject(new Error('the database is full'));
    const under: Store['under'] = (lock) => {
      const held = store.under(lock);
      return { ...held, vulnerabilities: { ...held.vulnerabilities, update } };
    };
    await expect(mirror.update({}, { ...store, under })).rejects.toThrow('the database is full');
    await mirror.update();
    expect(await mirror.stored()).toContain('PYSEC-2 pypi 2.0.0');
  });
});

describe('a mirror without lists', () => {
  it('serves its archives instead', async () => {
    mirror.withoutList = ['npm', 'PyPI'];
    await mirror.update();
    expect(await mirror.update()).toEqual({ kind: 'not-modified' });
    mirror.records.delete('PYSEC-1');
    expect(await mirror.update()).toMatchObject({ counts: { withdrawn: 1 } });
    expect(await mirror.stored()).toEqual(ALL.slice(0, 3));
  });
});

describe('a mirror without the list of one ecosystem', () => {
  beforeEach(async () => {
    mirror.withoutList = ['PyPI'];
    await mirror.update();
  });

  it('keeps the packages of this ecosystem when a record vanishes from the other ecosystems', async () => {
    mirror.earlier.set('PyPI/all.zip', mirror.fileAt('PyPI/all.zip'));
    mirror.records.set('GHSA-2', { ecosystems: ['PyPI'], day: 1 });
    mirror.records.set('GHSA-1', { ecosystems: ['npm'], day: 2, fixed: '9.0.0' });
    expect(await mirror.update()).toMatchObject({ counts: { changed: 2, withdrawn: 0 } });
    expect(mirror.asked.slice(3)).toEqual(['npm/GHSA-1.json']);
    expect(await mirror.stored()).toEqual(['GHSA-1 npm 9.0.0', 'GHSA-2 pypi 2.0.0', 'PYSEC-1 pypi 2.0.0']);
  });

  it('keeps the packages of the other ecosystems when a record vanishes from this ecosystem', async () => {
    mirror.records.set('GHSA-2', { ecosystems: ['npm'], day: 1 });
    expect(await mirror.update()).toMatchObject({ counts: { changed: 1, withdrawn: 0 } });
    expect(mirror.asked.slice(3)).toEqual(['PyPI/all.zip']);
    expect(await mirror.stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 npm 2.0.0', 'PYSEC-1 pypi 2.0.0']);
  });

  it('reads changes of both', async () => {
    mirror.records.set('GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 2, fixed: '3.0.0' });
    await mirror.update();
    expect(await mirror.stored()).toEqual([
      'GHSA-1 npm 2.0.0',
      'GHSA-2 npm 3.0.0',
      'GHSA-2 pypi 3.0.0',
      'PYSEC-1 pypi 2.0.0',
    ]);
  });

  it('keeps the packages of an ecosystem whose list is unchanged and no longer stored', async () => {
    mirror.withoutList = [];
    await mirror.update({ prune: true });
    for (const list of await readdir(join(mirror.cache, 'osv'))) {
      const path = join(mirror.cache, 'osv', list);
      if ((await readFile(path, 'utf8')).includes('PYSEC-1')) await rm(path);
    }
    mirror.earlier.set('PyPI/modified_id.csv', mirror.fileAt('PyPI/modified_id.csv'));
    mirror.records.set('GHSA-2', { ecosystems: ['PyPI'], day: 1 });
    await mirror.update();
    expect(mirror.asked.slice(2)).toEqual([]);
    expect(await mirror.stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 pypi 2.0.0', 'PYSEC-1 pypi 2.0.0']);
  });
});

describe('fewer ecosystems', () => {
  beforeEach(async () => {
    await mirror.update();
    mirror.ecosystems = ['npm'];
  });

  it('leave the other ecosystems as they are, also in records of both', async () => {
    mirror.records.set('GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 2, fixed: '3.0.0' });
    mirror.records.delete('PYSEC-1');
    expect(await mirror.update()).toMatchObject({ counts: { changed: 1, withdrawn: 0 } });
    expect(await mirror.stored()).toEqual([
      'GHSA-1 npm 2.0.0',
      'GHSA-2 npm 3.0.0',
      'GHSA-2 pypi 2.0.0',
      'PYSEC-1 pypi 2.0.0',
    ]);
  });

  it('are read completely and remove the other ecosystems with `prune`', async () => {
    expect(await mirror.update({ prune: true })).toMatchObject({ counts: { changed: 1, withdrawn: 1 } });
    expect(await mirror.stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 npm 2.0.0']);
  });
});
