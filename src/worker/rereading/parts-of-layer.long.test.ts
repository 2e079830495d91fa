import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inChunks, type Member, tarHeader, tarOf } from '../../bytes/testing/tar-builder.ts';
import { fileBytes } from '../../bytes/file-bytes.ts';
import { digestOfHex } from '../../model/digest.ts';
import { DETECTORS } from '../detectors/index.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { createLayerReader, type LayerReader } from '../layer/layer-reader.ts';
import type { LinkTarget } from '../layer/link-targets.ts';
import { unpackContents } from '../layer/packed-contents.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import { createReaderPool } from '../threads/reader-pool.ts';
import { createKnownLayers } from './known-layers.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-parts-'));
const path = join(folder, 'layer.tar');
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

const MIB = 1024 * 1024;
const TARGETS: readonly LinkTarget[] = [
  { wants: { kind: 'exact', path: 'data/status' }, detector: 'dpkg', as: 'var/lib/dpkg/status' },
];
const PACKAGE = 'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n';
const STATUS: Member = { name: 'data/status', content: PACKAGE };
const big = (name: string, bytes = MIB): Member => ({ name, content: Buffer.alloc(bytes, name) });
const LAYER = tarOf(big('a'), STATUS, big('b'));

let reader: LayerReader;
beforeEach(() => {
  rmSync(path, { force: true });
  reader = createLayerReader(DETECTORS, { layers: createKnownLayers({ settledMilliseconds: 0 }) });
});

function sourceOf(more: Partial<LayerSource> = {}): LayerSource {
  return { where: 'layer', open: async () => fileBytes(path), file: () => ({ path }), ...more };
}

function digestOf(bytes: Uint8Array): `sha256:${string}` {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

async function contentsOf(source: LayerSource, from: LayerReader = reader): Promise<LayerContents> {
  return unpackContents((await from.read(source, { targets: TARGETS })).contents);
}

async function countReads(): Promise<{ bytes: number }> {
  const count = { bytes: 0 };
  const some = await openFile(path);
  const handle: Pick<FileHandle, 'read'> = Object.getPrototypeOf(some);
  await some.close();
  const read = handle.read as (...args: unknown[]) => Promise<{ bytesRead: number }>;
  vi.spyOn(handle, 'read').mockImplementation(async function counted(this: unknown, ...args: unknown[]) {
    const result = await read.apply(this, args);
    count.bytes += result.bytesRead;
    return result as never;
  });
  return count;
}

/** Changes a byte, and restores the file's old times. */
function change(at: number): void {
  const { atime, mtime } = statSync(path);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.of(0x58), 0, 1, at);
  closeSync(file);
  utimesSync(path, atime, mtime);
}

describe('the second reading of a layer of 16 MiB', () => {
  it('reads less than a hundredth and returns the same contents', async () => {
    // Write a sparse file, whose big member takes no disk space.
    writeFileSync(path, tarHeader({ name: 'big', size: 16 * MIB }));
    truncateSync(path, 512 + 16 * MIB);
    writeFileSync(path, tarOf(STATUS), { flag: 'a' });
    const source = sourceOf();
    const count = await countReads();
    const first = await reader.read(source);
    const whole = count.bytes;
    const second = await reader.read(source, { targets: TARGETS });
    const again = count.bytes - whole;
    expect(whole).toBeGreaterThan(16 * MIB);
    expect(again).toBeLessThan(whole / 100);
    expect([second.digest, second.diffId]).toEqual([first.digest, first.diffId]);
    const streamed = await createLayerReader(DETECTORS).read(source, { targets: TARGETS });
    expect(unpackContents(second.contents)).toEqual(unpackContents(streamed.contents));
    expect(unpackContents(second.contents).entries).toMatchObject([{ facts: { packages: [{ name: 'a' }] } }]);
  });
});

describe('a layer file that changed', () => {
  const body = LAYER.indexOf('Package: a');

  it.each<[string, () => void]>([
    ['in a wanted file', () => change(body + 'Package: '.length)],
    ['in an unwanted file', () => change(LAYER.length - 1024 - 300_000)],
    ['in a header', () => change(LAYER.indexOf('data/status'))],
    ['by truncation', () => truncateSync(path, body)],
    [
      'by replacing the file',
      () => {
        const other = tarOf(big('a'), { ...STATUS, content: PACKAGE.replace('Package: a', 'Package: x') }, big('b'));
        writeFileSync(`${path}.new`, other);
        renameSync(`${path}.new`, path);
      },
    ],
  ])('%s is read as a whole and rejected', async (_, harm) => {
    writeFileSync(path, LAYER);
    const source = sourceOf({ diffId: digestOf(LAYER) });
    await reader.read(source);
    harm();
    await expect(reader.read(source, { targets: TARGETS })).rejects.toMatchObject({ code: /^bytes\// });
  });

  it('and has new digests is read again', async () => {
    writeFileSync(path, LAYER);
    const source = sourceOf();
    await reader.read(source);
    const other = tarOf({ ...STATUS, content: PACKAGE.replace('Package: a', 'Package: x') });
    writeFileSync(path, other);
    const promised = { ...source, diffId: digestOf(other) };
    expect((await contentsOf(promised)).entries).toMatchObject([{ facts: { packages: [{ name: 'x' }] } }]);
  });

  it('and was deleted is an error', async () => {
    writeFileSync(path, LAYER);
    const source = sourceOf();
    await reader.read(source);
    rmSync(path);
    await expect(reader.read(source)).rejects.toMatchObject({ code: 'bytes/not-found' });
  });
});

describe('the second reading reads everything', () => {
  it.each<[string, LayerReader, number]>([
    ['a file that was changed a moment before', createLayerReader(DETECTORS), 0o644],
    [
      'a file that others may write to',
      createLayerReader(DETECTORS, { layers: createKnownLayers({ settledMilliseconds: 0 }) }),
      0o666,
    ],
  ])('for %s', async (_, strict, mode) => {
    writeFileSync(path, LAYER);
    chmodSync(path, mode);
    const source = sourceOf();
    await strict.read(source);
    const count = await countReads();
    await strict.read(source, { targets: TARGETS });
    expect(count.bytes).toBe(LAYER.length);
  });

  it('for a compressed layer', async () => {
    const bytes = gzipSync(LAYER);
    writeFileSync(path, bytes);
    const source = sourceOf();
    await reader.read(source);
    const count = await countReads();
    expect((await contentsOf(source)).entries).toHaveLength(1);
    expect(count.bytes).toBe(bytes.length);
  });

  it('for a layer that is not a file', async () => {
    let opened = 0;
    const open: LayerSource['open'] = async () => {
      opened += 1;
      return inChunks(LAYER);
    };
    const source: LayerSource = { where: 'layer', open };
    await reader.read(source);
    expect((await contentsOf(source)).entries).toHaveLength(1);
    expect(opened).toBe(2);
  });
});

it('a range of a file, such as a layer in an archive, is read again in parts', async () => {
  const before = 5000;
  writeFileSync(path, Buffer.concat([Buffer.alloc(before, 1), LAYER, Buffer.alloc(MIB, 1)]));
  const range = { start: before, length: LAYER.length };
  const source = sourceOf({ open: async () => fileBytes(path, range), file: () => ({ path, range }) });
  await reader.read(source);
  const count = await countReads();
  expect((await contentsOf(source)).entries).toMatchObject([{ facts: { packages: [{ name: 'a' }] } }]);
  expect(count.bytes).toBeLessThan(LAYER.length / 2 + MIB / 2);
});

it('a thread reads a layer again in parts', async () => {
  const pool = createReaderPool({ threads: 1, layers: createKnownLayers({ settledMilliseconds: 0 }) });
  try {
    writeFileSync(path, LAYER);
    const source = sourceOf();
    await pool.read(source);
    const { digest, known } = await pool.read(source, { targets: TARGETS });
    expect(digest).toBe(digestOf(LAYER));
    // Only a full reading records a stamp.
    expect(known).toBeUndefined();
    expect(await contentsOf(source, pool)).toEqual(await contentsOf(source));
  } finally {
    await pool.close();
  }
});

it('returns the same contents in parts as in a stream, for any layer', async () => {
  const member = fc
    .record({
      name: fc.constantFrom(
        'data/status',
        'var/lib/dpkg/status',
        'data',
        'x',
        'etc/os-release',
        'data/.wh.status',
        '../y',
      ),
      type: fc.constantFrom('0', '0', '0', '1', '2', '5'),
      size: fc.constantFrom(0, 1, 511, 512, 70_000, 256 * 1024),
    })
    .map(({ name, type, size }): Member => {
      const content = type === '0' ? `${PACKAGE}\n${'#'.repeat(size)}` : '';
      return { name, type, content, ...((type === '1' || type === '2') && { link: 'data/status' }) };
    });
  await fc.assert(
    fc.asyncProperty(fc.array(member, { maxLength: 5 }), async (members) => {
      const tar = tarOf(...members);
      writeFileSync(path, tar);
      const source = sourceOf();
      await reader.read(source);
      const { digest, contents } = await reader.read(source, { targets: TARGETS });
      const streamed = await reader.read({ where: 'layer', open: async () => inChunks(tar) }, { targets: TARGETS });
      expect(digest).toBe(streamed.digest);
      expect(unpackContents(contents)).toEqual(unpackContents(streamed.contents));
    }),
    { numRuns: 100 },
  );
});
