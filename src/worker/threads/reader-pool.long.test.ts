import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { buildLayer } from '../testing/image-builder.ts';
import { tarHeader, tarOf } from '../../bytes/testing/tar-builder.ts';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { fileBytes } from '../../bytes/file-bytes.ts';
import { ClairError } from '../../errors.ts';
import { DETECTORS } from '../detectors/index.ts';
import { createLayerReader, type LayerReader } from '../layer/layer-reader.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { packContents, unpackContents } from '../layer/packed-contents.ts';
import { createReaderPool } from './reader-pool.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-reader-pool-'));
const here = createLayerReader(DETECTORS);
const pools: LayerReader[] = [];

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  rmSync(folder, { recursive: true });
});

function poolOf(options: Parameters<typeof createReaderPool>[0]): LayerReader {
  const pool = createReaderPool(options);
  pools.push(pool);
  return pool;
}

const pool = poolOf({ threads: 2 });

function statusOf(count: number): string {
  const stanza = (index: number): string =>
    `Package: p${index}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.${index}\n`;
  return Array.from({ length: count }, (_, index) => stanza(index)).join('\n');
}

const tar = await buildLayer({ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n', 'var/lib/dpkg/status': statusOf(3) });

function sourceOf(bytes: Uint8Array, more: Partial<LayerSource> = {}): LayerSource {
  return { where: 'layer', open: async () => chunksOf(bytes), ...more };
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

function hanging(events: string[]): LayerSource {
  async function* drip(): ByteStream & AsyncGenerator<Uint8Array> {
    try {
      yield tar.subarray(0, 100);
      for (;;) {
        await setTimeout(5);
        yield new Uint8Array(0);
      }
    } finally {
      events.push('closed');
    }
  }
  return sourceOf(tar, {
    open: async () => {
      events.push('opened');
      return drip();
    },
  });
}

it.each([
  ['with the first layer', false, 0],
  ['at once if the caller wants this', true, 2],
])('starts its threads %s', async (_, areStarted, expected) => {
  let started = 0;
  const count = (): number => (started += 1);
  subscribe('worker_threads', count);
  try {
    const early = poolOf({ threads: 2, areStarted });
    await expect.poll(() => started).toBe(expected);
    await early.read(sourceOf(tar));
    expect(started).toBe(Math.max(1, expected));
  } finally {
    unsubscribe('worker_threads', count);
  }
});

describe('a pool of reading threads', () => {
  it.each([
    ['plain', tar],
    ['gzip', gzipSync(tar)],
  ])('reads the same as the reader of this thread: %s', async (_, bytes) => {
    expect(await pool.read(sourceOf(bytes))).toEqual(await here.read(sourceOf(bytes)));
  });

  it("does not transfer the memory of the source's bytes, because the source may yield the bytes again", async () => {
    const first = await pool.read(sourceOf(tar));
    expect(await pool.read(sourceOf(tar))).toEqual(first);
  });

  it('reads a file or a part of one by itself', async () => {
    const path = join(folder, 'archive');
    writeFileSync(path, Buffer.concat([Buffer.alloc(512), gzipSync(tar), Buffer.alloc(99)]));
    const open = async (): Promise<never> => await Promise.reject(new Error('it was opened here'));
    const range = { start: 512, length: gzipSync(tar).length };
    const read = await pool.read(sourceOf(tar, { open, file: () => ({ path, range }) }));
    expect(read).toEqual(await here.read(sourceOf(gzipSync(tar))));
  });

  it('supports the ACI layout', async () => {
    const { contents } = await pool.read(sourceOf(tar), { layout: 'aci' });
    expect(unpackContents(contents)).toMatchObject({ entries: [] });
  });

  it.each<[string, LayerSource]>([
    ['bytes that end too early', sourceOf(gzipSync(tar).subarray(0, 200))],
    ['bytes that are no archive', sourceOf(Buffer.alloc(2000, 1))],
    ['bytes that are no archive, and more of them', sourceOf(Buffer.alloc(20_000_000, 1))],
    ['other bytes than expected', sourceOf(tar, { digest: `sha256:${'0'.repeat(64)}` })],
    ['a file that is not there', sourceOf(tar, { file: () => ({ path: join(folder, 'none') }) })],
  ])('fails like the reader of this thread: %s', async (_, source) => {
    const expected: unknown = await here
      .read(source.file === undefined ? source : { ...source, open: async () => fileBytes(source.file!().path) })
      .catch((error: unknown) => error);
    const failure: unknown = await pool.read(source).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClairError);
    expect(failure).toHaveProperty('code', (expected as ClairError).code);
    expect(failure).toHaveProperty('message', (expected as ClairError).message);
  });

  it('passes on the error of a source', async () => {
    const gone = new ClairError('bytes/not-found', 'gone');
    await expect(pool.read(sourceOf(tar, { open: async () => await Promise.reject(gone) }))).rejects.toBe(gone);
    const broken = new ClairError('bytes/unreachable', 'cut off');
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield tar.subarray(0, 700);
      throw broken;
    }
    await expect(pool.read(sourceOf(tar, { open: async () => breaking() }))).rejects.toBe(broken);
  });

  it('stops on abort, closes the source, and continues with other sources', async () => {
    const events: string[] = [];
    const stop = new AbortController();
    const reading = pool.read(hanging(events), { signal: stop.signal });
    await expect.poll(() => events).toEqual(['opened']);
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await expect.poll(() => events).toEqual(['opened', 'closed']);
    expect(await pool.read(sourceOf(tar))).toEqual(await here.read(sourceOf(tar)));
  });

  it('opens at most one source for each thread', async () => {
    const events: string[] = [];
    const stop = new AbortController();
    const readings = [1, 2, 3, 4].map(() => pool.read(hanging(events), { signal: stop.signal }));
    await expect.poll(() => events).toEqual(['opened', 'opened']);
    stop.abort();
    expect((await Promise.allSettled(readings)).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect(events.filter((event) => event === 'opened')).toHaveLength(2);
  });

  it('keeps one big file in memory at a time, and frees the turn of an aborted reading', async () => {
    const two = poolOf({ threads: 2 });
    const opened: string[] = [];
    let drops = 0;
    const header = tarHeader({ name: 'var/lib/dpkg/status', size: 17 * 1024 ** 2 });
    const stalled = (name: string): LayerSource =>
      sourceOf(tar, {
        where: name,
        open: async () => {
          opened.push(name);
          return (async function* drip() {
            yield header;
            for (;;) {
              await setTimeout(5);
              drops += 1;
              yield Buffer.alloc(1, '\n');
            }
          })();
        },
      });
    const stop = new AbortController();
    const first = two.read(stalled('first'), { signal: stop.signal });
    await expect.poll(() => opened).toEqual(['first']);
    // The size exceeds the buffers of the streams, so the thread has started with the file.
    await expect.poll(() => drops, { timeout: 30_000 }).toBeGreaterThan(100);
    const content = `Description: ${'x'.repeat(17 * 1024 ** 2)}\n\n${statusOf(2)}`;
    let isRead = false;
    const path = join(folder, 'big');
    writeFileSync(path, tarOf({ name: 'var/lib/dpkg/status', content }));
    const second = two.read(sourceOf(tar, { file: () => ({ path }) })).then(({ contents }) => {
      isRead = true;
      return contents;
    });
    await setTimeout(700);
    expect(isRead).toBe(false);
    stop.abort();
    await expect(first).rejects.toBe(stop.signal.reason);
    expect(JSON.stringify(unpackContents(await second))).toContain('"name":"p1"');
  });

  it('compares contents', async () => {
    const contents = { whiteouts: [], opaque: [], entries: [], outside: 0 };
    const part = packContents({ ...contents, parts: { fetched: 1, size: 2 } });
    const other: LayerContents = { ...contents, entries: [{ kind: 'other', path: 'etc/os-release' }] };
    expect(await pool.differing(part, packContents(contents))).toBeUndefined();
    const marked = await pool.differing(part, packContents(other));
    expect(unpackContents(marked!)).toEqual({ ...other, isListedDifferently: true });
  });

  it('ends a layer that takes too long', async () => {
    const hurried = poolOf({ threads: 1, maxMilliseconds: 1500 });
    const events: string[] = [];
    await expect(hurried.read(hanging(events))).rejects.toMatchObject({ code: 'bytes/limit-exceeded' });
    await expect.poll(() => events).toEqual(['opened', 'closed']);
  });

  it('survives a layer that takes too much memory', async () => {
    const small = poolOf({ threads: 1, maxHeapMegabytes: 24 });
    const status = statusOf(20_000).replaceAll('Package: ', `Package: ${'x'.repeat(300)}`);
    const big = await buildLayer({ 'var/lib/dpkg/status': status });
    await expect(small.read(sourceOf(gzipSync(big)))).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: expect.stringContaining('needs more than 24 MB of memory'),
    });
    expect(await small.read(sourceOf(tar))).toEqual(await here.read(sourceOf(tar)));
  });
});
