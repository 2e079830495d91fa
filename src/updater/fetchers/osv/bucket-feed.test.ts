import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpClient } from '../../../bytes/http/client.ts';
import { zipOf } from '../../../bytes/testing/zip-builder.ts';
import type { Store } from '../../../database/contracts/store.ts';
import { openStore } from '../../../database/open-store.ts';
import { ClairError } from '../../../errors.ts';
import type { UpdateResult } from '../../update-result.ts';
import { createUpdater, type UpdateOptions } from '../../updater.ts';
import { osv } from './fetcher.ts';

/** The records of a bucket: the ecosystems of their packages, the day of the last change, and the fixed version. */
type Bucket = Map<
  string,
  { ecosystems: string[]; day: number; fixed?: string; withdrawn?: boolean; isMissing?: boolean }
>;

const BASE = 'https://bucket.test/';

let cache: string;
let store: Store;
let bucket: Bucket;
let asked: string[];
/** The ecosystems whose lists a mirror does not serve. */
let withoutList: readonly string[];
/** The files that a mirror copied earlier than the others, by path. */
let earlier: Map<string, string | Buffer | undefined>;
let ecosystems: readonly string[] | undefined;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'clair-bucket-'));
  store = await openStore({ type: 'memory' });
  withoutList = [];
  earlier = new Map();
  ecosystems = ['npm', 'PyPI'];
  asked = [];
  bucket = new Map([
    ['GHSA-1', { ecosystems: ['npm'], day: 1 }],
    ['GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 1 }],
    ['PYSEC-1', { ecosystems: ['PyPI'], day: 1 }],
  ]);
});
afterEach(async () => {
  await store.close();
  await rm(cache, { recursive: true });
});

function timeOf(day: number): string {
  return new Date(Date.UTC(2099, 0, day, 12)).toISOString();
}

function recordOf(id: string): string {
  const { ecosystems: of = [], day = 1, fixed = '2.0.0', withdrawn = false } = bucket.get(id) ?? {};
  const ranges = [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }];
  const affected = of.map((ecosystem) => ({ package: { ecosystem, name: 'a' }, ranges }));
  return JSON.stringify({ id, modified: timeOf(day), affected, ...(withdrawn && { withdrawn: timeOf(day) }) });
}

/** The file at a path of the bucket, generated from its records. */
function fileAt(path: string): string | Buffer | undefined {
  const [ecosystem = '', name = ''] = decodeURIComponent(path).split('/');
  const ids = [...bucket].filter(([, of]) => of.ecosystems.includes(ecosystem)).map(([id]) => id);
  if (ids.length === 0) return undefined;
  if (name === 'all.zip') return zipOf(...ids.map((id) => ({ name: `${id}.json`, content: recordOf(id) })));
  if (name === 'modified_id.csv') {
    const byTime = ids.toSorted((a, b) => (bucket.get(b)?.day ?? 0) - (bucket.get(a)?.day ?? 0));
    if (withoutList.includes(ecosystem)) return undefined;
    return byTime.map((id) => `${timeOf(bucket.get(id)?.day ?? 0)},${id}\n`).join('');
  }
  const id = name.replace('.json', '');
  return ids.includes(id) && bucket.get(id)?.isMissing !== true ? recordOf(id) : undefined;
}

const http: HttpClient = {
  async get(url, options): Promise<HttpAnswer> {
    const path = url.slice(BASE.length);
    asked.push(path);
    const file = earlier.has(path) ? earlier.get(path) : fileAt(path);
    if (file === undefined) throw new ClairError('bytes/not-found', `${url} responded with status 404`);
    const etag = `"${Buffer.from(file).toString('base64')}"`;
    if (options?.headers?.['if-none-match'] === etag) return { status: 304 };
    const body = (async function* (): AsyncGenerator<Uint8Array> {
      yield typeof file === 'string' ? gzipSync(file) : file;
    })();
    return { status: 200, headers: { etag }, body };
  },
  close: async () => {},
};

async function update(options: UpdateOptions = {}): Promise<UpdateResult> {
  asked = [];
  const updater = createUpdater({
    store,
    fetchers: [osv],
    http,
    now: () => 1000,
    settings: { addresses: { osv: BASE }, cache, ...(ecosystems && { ecosystems }) },
  });
  return await updater.update('osv', { allowShrink: true, ...options });
}

/** The stored packages as `ID NAMESPACE FIXED`. */
async function stored(): Promise<readonly string[]> {
  const names = await store.vulnerabilities.named('', { after: '', limit: 100 });
  const records = await store.vulnerabilities.findAll(names);
  return records.flatMap(({ name, affected }) => affected.map((each) => `${name} ${each.namespace} ${each.fixed}`));
}

const ALL = ['GHSA-1 npm 2.0.0', 'GHSA-2 npm 2.0.0', 'GHSA-2 pypi 2.0.0', 'PYSEC-1 pypi 2.0.0'];

describe('the first update', () => {
  it('reads the archives of the chosen ecosystems', async () => {
    expect(await update()).toMatchObject({ counts: { added: 3 } });
    expect(await stored()).toEqual(ALL);
    expect(asked).toEqual(['npm/modified_id.csv', 'PyPI/modified_id.csv', 'npm/all.zip', 'PyPI/all.zip']);
  });

  it('fails as a whole if an ecosystem is missing', async () => {
    ecosystems = undefined;
    await expect(update()).rejects.toMatchObject({ code: 'bytes/not-found' });
    expect(await stored()).toEqual([]);
  });
});

describe('a later update', () => {
  beforeEach(async () => {
    await update();
  });

  it('asks for the lists only, while they are the same', async () => {
    expect(await update()).toEqual({ kind: 'not-modified' });
    expect(asked).toEqual(['npm/modified_id.csv', 'PyPI/modified_id.csv']);
  });

  it('reads changed and new records singly, each once, and writes only what changed', async () => {
    bucket.set('GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 2, fixed: '3.0.0' });
    bucket.set('PYSEC-2', { ecosystems: ['PyPI'], day: 2 });
    expect(await update()).toMatchObject({ counts: { added: 1, changed: 1, withdrawn: 0 } });
    expect(asked.slice(2)).toEqual(['npm/GHSA-2.json', 'PyPI/PYSEC-2.json']);
    expect(await stored()).toEqual([
      'GHSA-1 npm 2.0.0',
      'GHSA-2 npm 3.0.0',
      'GHSA-2 pypi 3.0.0',
      'PYSEC-1 pypi 2.0.0',
      'PYSEC-2 pypi 2.0.0',
    ]);
    expect(await update()).toEqual({ kind: 'not-modified' });
  });

  it('has the same content as a complete one', async () => {
    bucket.set('GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 2, fixed: '3.0.0' });
    await update();
    expect(await update({ prune: true })).toMatchObject({
      counts: { added: 0, changed: 0, withdrawn: 0, unchanged: 3 },
    });
  });

  it('removes withdrawn records, and records that vanish without being withdrawn', async () => {
    bucket.set('GHSA-1', { ecosystems: ['npm'], day: 2, withdrawn: true });
    bucket.delete('PYSEC-1');
    expect(await update()).toMatchObject({ counts: { withdrawn: 2 } });
    expect(asked.slice(2)).toEqual(['npm/GHSA-1.json']);
    expect(await stored()).toEqual(['GHSA-2 npm 2.0.0', 'GHSA-2 pypi 2.0.0']);
  });

  it('keeps a record that vanishes from one ecosystem only, with its other packages', async () => {
    bucket.set('GHSA-2', { ecosystems: ['PyPI'], day: 1 });
    expect(await update()).toMatchObject({ counts: { changed: 1, withdrawn: 0 } });
    expect(await stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 pypi 2.0.0', 'PYSEC-1 pypi 2.0.0']);
  });

  it('reads a listed record that is still missing in the next update', async () => {
    bucket.set('PYSEC-2', { ecosystems: ['PyPI'], day: 2, isMissing: true });
    expect(await update()).toMatchObject({ counts: { added: 0 } });
    bucket.set('PYSEC-2', { ecosystems: ['PyPI'], day: 2 });
    bucket.set('GHSA-1', { ecosystems: ['npm'], day: 2, fixed: '9.0.0' });
    bucket.set('PYSEC-3', { ecosystems: ['PyPI'], day: 2 });
    expect(await update()).toMatchObject({ counts: { added: 2, changed: 1 } });
  });

  it('keeps the stored data of a listed record that is missing', async () => {
    bucket.set('GHSA-1', { ecosystems: ['npm'], day: 2, isMissing: true });
    await update();
    expect(await stored()).toEqual(ALL);
    bucket.set('GHSA-1', { ecosystems: ['npm'], day: 3, fixed: '9.0.0' });
    expect(await update()).toMatchObject({ counts: { changed: 1, withdrawn: 0 } });
  });

  it('reads only the archive of the ecosystem of which many records changed', async () => {
    for (let number = 0; number < 1001; number += 1) bucket.set(`MAL-${number}`, { ecosystems: ['npm'], day: 2 });
    expect(await update()).toMatchObject({ counts: { added: 1001, changed: 0, withdrawn: 0 } });
    expect(asked.slice(2)).toEqual(['npm/all.zip']);
    expect(await stored()).toEqual(expect.arrayContaining(['GHSA-2 npm 2.0.0', 'GHSA-2 pypi 2.0.0']));
    expect(await update()).toEqual({ kind: 'not-modified' });
  });

  it('reads the archives of changed ecosystems without the stored lists', async () => {
    await rm(join(cache, 'osv'), { recursive: true });
    bucket.delete('PYSEC-1');
    expect(await update()).toMatchObject({ counts: { withdrawn: 1, unchanged: 1 } });
    expect(asked.slice(2)).toEqual(['PyPI/all.zip']);
    expect(await stored()).toEqual(ALL.slice(0, 3));
  });

  it('keeps the lists of the last two states in the cache', async () => {
    for (const day of [2, 3, 4]) {
      bucket.set('GHSA-1', { ecosystems: ['npm'], day, fixed: `${day}.0.0` });
      await update();
    }
    expect(await readdir(join(cache, 'osv'))).toHaveLength(3);
  });

  it('reads everything again that a failed update read', async () => {
    bucket.set('PYSEC-2', { ecosystems: ['PyPI'], day: 2 });
    const failing = createUpdater({
      store: {
        ...store,
        vulnerabilities: { ...store.vulnerabilities, update: async () => Promise.reject(new Error()) },
      },
      fetchers: [osv],
      http,
      now: () => 1000,
      settings: { addresses: { osv: BASE }, cache, ...(ecosystems && { ecosystems }) },
    });
    await failing.update('osv').catch(() => undefined);
    await update();
    expect(await stored()).toContain('PYSEC-2 pypi 2.0.0');
  });
});

describe('a mirror without lists', () => {
  it('is asked for its archives', async () => {
    withoutList = ['npm', 'PyPI'];
    await update();
    expect(await update()).toEqual({ kind: 'not-modified' });
    bucket.delete('PYSEC-1');
    expect(await update()).toMatchObject({ counts: { withdrawn: 1 } });
    expect(await stored()).toEqual(ALL.slice(0, 3));
  });
});

describe('a mirror without the list of one ecosystem', () => {
  beforeEach(async () => {
    withoutList = ['PyPI'];
    await update();
  });

  it('keeps the packages of this ecosystem when a record vanishes from the others', async () => {
    earlier.set('PyPI/all.zip', fileAt('PyPI/all.zip'));
    bucket.set('GHSA-2', { ecosystems: ['PyPI'], day: 1 });
    bucket.set('GHSA-1', { ecosystems: ['npm'], day: 2, fixed: '9.0.0' });
    expect(await update()).toMatchObject({ counts: { changed: 2, withdrawn: 0 } });
    expect(asked.slice(3)).toEqual(['npm/GHSA-1.json']);
    expect(await stored()).toEqual(['GHSA-1 npm 9.0.0', 'GHSA-2 pypi 2.0.0', 'PYSEC-1 pypi 2.0.0']);
  });

  it('keeps the packages of the others when a record vanishes from this ecosystem', async () => {
    bucket.set('GHSA-2', { ecosystems: ['npm'], day: 1 });
    expect(await update()).toMatchObject({ counts: { changed: 1, withdrawn: 0 } });
    expect(asked.slice(3)).toEqual(['PyPI/all.zip']);
    expect(await stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 npm 2.0.0', 'PYSEC-1 pypi 2.0.0']);
  });

  it('reads changes of both', async () => {
    bucket.set('GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 2, fixed: '3.0.0' });
    await update();
    expect(await stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 npm 3.0.0', 'GHSA-2 pypi 3.0.0', 'PYSEC-1 pypi 2.0.0']);
  });

  it('keeps the packages of an ecosystem whose list is unchanged and no longer stored', async () => {
    withoutList = [];
    await update({ prune: true });
    for (const list of await readdir(join(cache, 'osv'))) {
      const path = join(cache, 'osv', list);
      if ((await readFile(path, 'utf8')).includes('PYSEC-1')) await rm(path);
    }
    earlier.set('PyPI/modified_id.csv', fileAt('PyPI/modified_id.csv'));
    bucket.set('GHSA-2', { ecosystems: ['PyPI'], day: 1 });
    await update();
    expect(asked.slice(2)).toEqual([]);
    expect(await stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 pypi 2.0.0', 'PYSEC-1 pypi 2.0.0']);
  });
});

describe('fewer ecosystems', () => {
  beforeEach(async () => {
    await update();
    ecosystems = ['npm'];
  });

  it('leave the others as they are, also in records of both', async () => {
    bucket.set('GHSA-2', { ecosystems: ['npm', 'PyPI'], day: 2, fixed: '3.0.0' });
    bucket.delete('PYSEC-1');
    expect(await update()).toMatchObject({ counts: { changed: 1, withdrawn: 0 } });
    expect(await stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 npm 3.0.0', 'GHSA-2 pypi 2.0.0', 'PYSEC-1 pypi 2.0.0']);
  });

  it('are read anew and remove the others with `prune`', async () => {
    expect(await update({ prune: true })).toMatchObject({ counts: { changed: 1, withdrawn: 1 } });
    expect(await stored()).toEqual(['GHSA-1 npm 2.0.0', 'GHSA-2 npm 2.0.0']);
  });
});
