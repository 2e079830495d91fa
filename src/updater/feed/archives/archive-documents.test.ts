import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collected } from '../../testing/feed-documents.ts';
import { tarOf, withoutEnd } from '../../../bytes/testing/tar-builder.ts';
import { zipOf } from '../../../bytes/testing/zip-builder.ts';
import type { DocumentOptions } from '../document-intake.ts';
import { localDocuments } from '../local-documents.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clair-archive-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function readContents(archive: Uint8Array): Promise<readonly string[]> {
  const path = join(folder, 'archive');
  await writeFile(path, archive);
  const lines: string[] = [];
  for await (const { name, stream } of localDocuments(path)) {
    lines.push(`${name}: ${Buffer.concat(await collected(stream)).toString('base64')}`);
  }
  return lines;
}

/** Reverses the order of the entries in the central directory. */
function backwards(archive: Buffer, count: number): Buffer {
  const mark = Buffer.from('PK\u0001\u0002', 'latin1');
  const headers: Buffer[] = [];
  const start = archive.length - END_BYTES - archive.readUInt32LE(archive.length - END_BYTES + 12);
  for (let at = start; headers.length < count; ) {
    const next = archive.indexOf(mark, at + 4);
    const end = next === -1 ? archive.length - END_BYTES : next;
    headers.push(archive.subarray(at, end));
    at = end;
  }
  return Buffer.concat([archive.subarray(0, start), ...headers.toReversed(), archive.subarray(-END_BYTES)]);
}

const END_BYTES = 22;

async function read(archive: Uint8Array, options?: DocumentOptions): Promise<readonly string[]> {
  const path = join(folder, 'archive');
  await writeFile(path, archive);
  const lines: string[] = [];
  for await (const { name, stream } of localDocuments(path, options)) {
    lines.push(`${name}: ${Buffer.concat(await collected(stream)).length}`);
  }
  return lines;
}

const FILE = { name: 'a.json', content: 'aaa' };
const LARGE = { name: 'large.json', content: Buffer.alloc(600 * 1024, 'a') };

describe('a tar of documents', () => {
  it('returns the later of two files with the same name, in its position', async () => {
    const archive = tarOf(FILE, { name: 'b.json', content: 'b' }, { name: './a.json', content: 'changed' });
    expect(await read(archive)).toEqual(['b.json: 1', 'a.json: 7']);
  });

  it('omits a file that a later member replaces', async () => {
    expect(await read(tarOf(FILE, { name: 'b', content: 'b' }, { name: 'a.json', type: '5' }))).toEqual(['b: 1']);
  });

  it('skips links and devices', async () => {
    const archive = tarOf(
      FILE,
      { name: 'hard.json', type: '1', link: 'a.json' },
      { name: 'soft.json', type: '2', link: '/etc/hostname' },
      { name: 'device.json', type: '3' },
      { name: 'pipe.json', type: '6' },
      { name: 'folder.json/', type: '5' },
    );
    expect(await read(archive)).toEqual(['a.json: 3']);
  });

  it('returns large and empty files', async () => {
    expect(await read(tarOf(LARGE, { name: 'empty.json' }))).toEqual(['large.json: 614400', 'empty.json: 0']);
  });

  it.each([
    ['has a path that leaves the archive', tarOf(FILE, { name: '../b.json', content: 'b' }), 'bytes/corrupt'],
    ['has a path that leaves the archive and returns', tarOf(FILE, { name: 'x/../../b.json' }), 'bytes/corrupt'],
    ['is truncated between two files', withoutEnd(FILE), 'bytes/truncated'],
    ['is truncated in a file', withoutEnd(FILE, LARGE).subarray(0, 200_000), 'bytes/truncated'],
    ['is truncated in a header', withoutEnd(FILE, FILE).subarray(0, 1200), 'bytes/truncated'],
    ['has a damaged header', Buffer.concat([withoutEnd(FILE), Buffer.alloc(512, 'x')]), 'bytes/corrupt'],
  ])('is rejected when it %s', async (_, archive, code) => {
    await expect(read(archive)).rejects.toMatchObject({ code });
  });
});

describe('a zip of documents', () => {
  it('returns its stored and deflated files and no directories', async () => {
    const archive = zipOf({ ...FILE, method: 'stored' }, { name: 'folder/' }, LARGE, { name: 'empty.json' });
    expect(await read(archive)).toEqual(['a.json: 3', 'large.json: 614400', 'empty.json: 0']);
  });

  it('may be empty', async () => {
    expect(await read(zipOf())).toEqual([]);
  });

  it.each([
    ['has a name that climbs out', zipOf(FILE, { name: '../b.json' }), 'bytes/corrupt'],
    ['has a name that climbs out on its way', zipOf({ name: 'x/../../b.json' }), 'bytes/corrupt'],
    ['has a name from the root', zipOf({ name: '/etc/b.json' }), 'bytes/corrupt'],
    ['has a name of another system', zipOf({ name: 'c:/b.json' }), 'bytes/corrupt'],
    ['has a wrong checksum', zipOf({ ...FILE, checksum: 1 }), 'bytes/corrupt'],
    ['has a wrong checksum of a stored file', zipOf({ ...FILE, method: 'stored', checksum: 1 }), 'bytes/corrupt'],
    ['has a file that is longer than it says', zipOf({ ...FILE, size: 2 }), 'bytes/corrupt'],
    ['has a file that is shorter than it says', zipOf({ ...FILE, size: 4 }), 'bytes/corrupt'],
    ['has a large file that is longer than it says', zipOf({ ...LARGE, size: 600_000 }), 'bytes/corrupt'],
    ['has a large file that is shorter than it says', zipOf({ ...LARGE, size: 700_000 }), 'bytes/corrupt'],
    ['has a file that is not deflated', zipOf({ ...FILE, deflated: Buffer.from('aaa') }), 'bytes/corrupt'],
    ['has a file beyond its end', zipOf({ ...FILE, offset: 1_000_000 }), 'bytes/corrupt'],
    ['has an encrypted file', zipOf({ ...FILE, flags: 1 }), 'bytes/corrupt'],
    ['was cut off', zipOf(FILE, LARGE).subarray(0, 200), 'bytes/corrupt'],
    ['lost its end', zipOf(FILE).subarray(0, -10), 'bytes/corrupt'],
  ] as const)('is rejected when it %s', async (_, archive, code) => {
    await expect(read(archive)).rejects.toMatchObject({ code });
  });

  it('returns files of all sizes at all positions, in the order of the central directory', async () => {
    const files = Array.from({ length: 400 }, (_, number) => ({
      name: `${number}.json`,
      content: randomBytes(1 + ((number * 7919) % 4000)),
      method: number % 2 === 0 ? ('stored' as const) : ('deflated' as const),
    }));
    const sums = (of: typeof files): readonly string[] =>
      of.map(({ name, content }) => `${name}: ${content.toString('base64')}`);
    expect(await readContents(zipOf(...files))).toEqual(sums(files));
    expect(await readContents(backwards(zipOf(...files), files.length))).toEqual(sums(files.toReversed()));
  });

  it('lets other work run while many small files are read', async () => {
    const path = join(folder, 'many');
    const files = Array.from({ length: 2000 }, (_, number) => ({ name: `${number}.json`, content: randomBytes(400) }));
    await writeFile(path, zipOf(...files));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    for await (const { stream } of localDocuments(path)) await collected(stream);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it('is closed at the end, and when the reader stops earlier', async () => {
    const path = join(folder, 'closed');
    await writeFile(path, zipOf({ ...FILE, content: randomBytes(2 ** 20) }, LARGE));
    for await (const { stream } of localDocuments(path)) await collected(stream);
    for await (const { stream } of localDocuments(path)) {
      for await (const _ of stream) break;
      break;
    }
    const open = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    );
    expect(open).not.toContain(path);
  });

  it('is rejected when its central directory is damaged', async () => {
    const archive = zipOf(FILE);
    const damaged = Buffer.from(archive);
    damaged.fill(0, archive.indexOf('PK\u0001\u0002'), archive.indexOf('PK\u0001\u0002') + 4);
    await expect(read(damaged)).rejects.toMatchObject({ code: 'bytes/corrupt' });
  });

  it('is rejected when a file expands above the limit', async () => {
    const content = Buffer.alloc(2 * 1024 * 1024);
    const limits = { expansionFreeBytes: 1024 * 1024 };
    await expect(read(zipOf({ name: 'bomb.json', content }), { limits })).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: expect.stringMatching(
        /^bomb\.json in .*: \d+ compressed bytes expand to more than 500 times their size$/,
      ),
    });
    expect(await read(zipOf({ name: 'b.json', content }), { limits: { expansionFreeBytes: content.length } })).toEqual([
      'b.json: 2097152',
    ]);
    expect(await read(zipOf({ name: 'b.json', content, method: 'stored' }), { limits })).toEqual(['b.json: 2097152']);
  });
});
