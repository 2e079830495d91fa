import { once } from 'node:events';
import * as fc from 'fast-check';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';

import {
  base256,
  END,
  gnuLong,
  inChunks,
  type Member,
  pax,
  tarHeader,
  tarMember,
  tarOf,
  withoutEnd,
} from '../testing/tar-builder.ts';
import { ClairError } from '../../errors.ts';
import type { ChunkedBytes } from '../chunks/chunked-bytes.ts';
import { walkTar } from './walk.ts';
import type { TarEntry, TarSummary } from './entry.ts';
import type { TarLimits } from './limits.ts';

type Walked = TarSummary & { readonly seen: readonly TarEntry[]; readonly contents: Readonly<Record<string, string>> };

async function walk(archive: Buffer, options: { limits?: Partial<TarLimits>; chunk?: number } = {}): Promise<Walked> {
  const seen: TarEntry[] = [];
  const contents: Record<string, string> = {};
  const visitor = {
    entry: (entry: TarEntry) => seen.push(entry) > 0,
    content: (entry: TarEntry, bytes: Uint8Array) => {
      contents[entry.path] = Buffer.from(bytes).toString();
    },
  };
  const limits = options.limits ?? {};
  const summary = await walkTar(inChunks(archive, options.chunk), visitor, { where: 'layer.tar', limits });
  return { ...summary, seen, contents };
}

async function failureOf(archive: Buffer, limits: Partial<TarLimits> = {}): Promise<string> {
  const error: unknown = await walk(archive, { limits }).catch((reason: unknown) => reason);
  return error instanceof ClairError ? `${error.code}: ${error.message}` : `no ClairError: ${String(error)}`;
}

const LONG = `${'directory/'.repeat(30)}file`;

describe('members', () => {
  it.each<[string, readonly Member[], TarEntry]>([
    ['a file', [{ name: 'a', content: 'x' }], { kind: 'file', path: 'a', size: 1 }],
    ['a file of the oldest archives', [{ name: 'a', type: '\0', format: 'v7' }], { kind: 'file', path: 'a', size: 0 }],
    ['a contiguous file', [{ name: 'a', type: '7' }], { kind: 'file', path: 'a', size: 0 }],
    ['a directory', [{ name: 'a/', type: '5' }], { kind: 'directory', path: 'a', size: 0 }],
    [
      'a directory of the oldest archives, by its name alone',
      [{ name: 'a/', type: '\0', format: 'v7' }],
      { kind: 'directory', path: 'a', size: 0 },
    ],
    [
      'a symbolic link with its unresolved target',
      [{ name: 'a', type: '2', link: '../b/./c' }],
      { kind: 'symlink', path: 'a', size: 0, target: '../b/./c' },
    ],
    [
      'a hard link, its target from the root',
      [{ name: 'a', type: '1', link: './b//c' }],
      { kind: 'hardlink', path: 'a', size: 0, target: 'b/c' },
    ],
    ['a device', [{ name: 'a', type: '3' }], { kind: 'other', path: 'a', size: 0 }],
    ['a pipe', [{ name: 'a', type: '6' }], { kind: 'other', path: 'a', size: 0 }],
    ['an unknown type', [{ name: 'a', type: 'Z', content: 'zz' }], { kind: 'other', path: 'a', size: 0 }],
    [
      'the prefix of POSIX',
      [{ name: 'b', patch: { at: 345, bytes: 'long/prefix' } }],
      { kind: 'file', path: 'long/prefix/b', size: 0 },
    ],
    [
      'no prefix in GNU archives, which store times there',
      [{ name: 'b', format: 'gnu', patch: { at: 345, bytes: '14000000000' } }],
      { kind: 'file', path: 'b', size: 0 },
    ],
    ['a GNU long name', [gnuLong('L', LONG), { name: 'cut' }], { kind: 'file', path: LONG, size: 0 }],
    [
      'a GNU long link and name together',
      [gnuLong('K', LONG), gnuLong('L', 'n'), { name: 'cut', type: '2', link: 'cut' }],
      { kind: 'symlink', path: 'n', size: 0, target: LONG },
    ],
    ['a PAX path', [pax({ path: LONG }), { name: 'cut' }], { kind: 'file', path: LONG, size: 0 }],
    [
      'a PAX link path',
      [pax({ linkpath: LONG }), { name: 'a', type: '1', link: 'cut' }],
      { kind: 'hardlink', path: 'a', size: 0, target: LONG },
    ],
    [
      'a PAX size, which overrides the header',
      [pax({ size: '3' }), { name: 'a', content: 'xyz', size: 0 }],
      { kind: 'file', path: 'a', size: 3 },
    ],
    [
      'an empty PAX value, which counts as absent',
      [pax({ path: '' }), { name: 'a' }],
      { kind: 'file', path: 'a', size: 0 },
    ],
    [
      'a global PAX header, which does not name a member',
      [pax({ path: 'g' }, 'g'), { name: 'a' }],
      { kind: 'file', path: 'a', size: 0 },
    ],
    [
      'a size in base 256',
      [{ name: 'a', content: 'xyz', patch: { at: 124, bytes: base256(3n) } }],
      { kind: 'file', path: 'a', size: 3 },
    ],
    ['a checksum of signed bytes', [{ name: 'ä', signedChecksum: true }], { kind: 'file', path: 'ä', size: 0 }],
    ['a name in invalid UTF-8', [{ name: Buffer.from([0x61, 0xff]) }], { kind: 'file', path: 'a\uFFFD', size: 0 }],
  ])('%s', async (_, members, expected) => {
    const { seen } = await walk(tarOf(...members, { name: 'next' }));
    expect(seen).toEqual([expected, { kind: 'file', path: 'next', size: 0 }]);
  });

  it.each(['0', '7'])('reads the body of a file of type %s whose name ends in a slash', async (type) => {
    const content = 'x'.repeat(600);
    const { seen, contents } = await walk(tarOf({ name: 'a/', type, content }, { name: 'next' }));
    expect(seen).toEqual([
      { kind: 'file', path: 'a', size: 600 },
      { kind: 'file', path: 'next', size: 0 },
    ]);
    expect(contents['a']).toBe(content);
  });

  it.each([
    ['a directory', '5'],
    ['a hard link', '1'],
    ['a symbolic link', '2'],
    ['a device', '4'],
  ])('%s has no body, whatever its stated size', async (_, type) => {
    const { seen } = await walk(tarOf(tarHeader({ name: 'a', type, link: 'b', size: 9999 }), { name: 'next' }));
    expect(seen.map(({ path }) => path)).toEqual(['a', 'next']);
  });

  it('shows repeated names in order', async () => {
    const { seen } = await walk(tarOf({ name: 'a', content: '1' }, { name: './a', content: '22' }));
    expect(seen.map(({ path, size }) => [path, size])).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
  });

  it('counts names and hard links that climb out of the root, and hides them', async () => {
    const { seen, entries, outside } = await walk(
      tarOf({ name: '../evil', content: 'x' }, { name: 'l', type: '1', link: '../../etc/shadow' }, { name: 'good' }),
    );
    expect({ paths: seen.map(({ path }) => path), entries, outside }).toEqual({
      paths: ['good'],
      entries: 3,
      outside: 2,
    });
  });
});

describe('content', () => {
  it('arrives for wanted files before the next member', async () => {
    const calls: string[] = [];
    const archive = tarOf({ name: 'a', content: 'first' }, { name: 'b', content: 'x' }, { name: 'c' });
    await walkTar(
      inChunks(archive),
      {
        entry: ({ path }) => calls.push(`entry ${path}`) > 0 && path !== 'b',
        content: ({ path }, bytes) => calls.push(`content ${path} ${Buffer.from(bytes).toString()}`),
      },
      { where: 'layer.tar' },
    );
    expect(calls).toEqual(['entry a', 'content a first', 'entry b', 'entry c', 'content c ']);
  });

  it('begins at the offset passed with the entry', async () => {
    const archive = tarOf(gnuLong('L', LONG), { name: 'cut', content: 'first' }, { name: 'b', content: 'second' });
    const contents: string[] = [];
    const entry = ({ size }: TarEntry, offset: number): boolean =>
      contents.push(archive.toString('utf8', offset, offset + size)) < 0;
    await walkTar(inChunks(archive, 700), { entry, content: () => undefined }, { where: 'layer.tar' });
    expect(contents).toEqual(['first', 'second']);
  });

  it('is absent for links and directories', async () => {
    const { contents } = await walk(tarOf({ name: 'd/', type: '5' }, { name: 'l', type: '2', link: 'd' }));
    expect(contents).toEqual({});
  });

  it('does not depend on the chunk size', async () => {
    const archive = tarOf(gnuLong('L', LONG), { name: 'cut', content: 'x'.repeat(700) }, pax({ path: 'p' }), {
      name: 'q',
      content: 'y'.repeat(1024),
    });
    const whole = await walk(archive);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (chunk) => {
        expect(await walk(archive, { chunk })).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('matches archives written by tar-stream', async () => {
    const name = fc.stringMatching(/^[a-zé]{1,60}(\/[a-z]{1,60}){0,3}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, fc.string({ maxLength: 2000 }), { noNullPrototype: true }),
        async (files) => {
          const archive = pack();
          const chunks: Buffer[] = [];
          archive.on('data', (chunk) => chunks.push(Buffer.from(chunk as Uint8Array)));
          for (const [path, content] of Object.entries(files)) archive.entry({ name: path }, content);
          archive.finalize();
          await once(archive, 'end');
          expect((await walk(Buffer.concat(chunks))).contents).toEqual(files);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the end', () => {
  const a = tarMember({ name: 'a', content: 'x' });

  it.each([
    ['no bytes at all', Buffer.alloc(0), 0],
    ['end blocks only', END, 0],
    ['no end blocks', a, 1],
    ['one end block', Buffer.concat([a, Buffer.alloc(512)]), 1],
    ['no padding behind the last body', a.subarray(0, 513), 1],
    ['anything behind the end blocks', Buffer.concat([a, END, Buffer.from('junk'.repeat(400))]), 1],
  ])('%s: accepted', async (_, archive, entries) => {
    expect(await walk(archive)).toMatchObject({ entries });
  });

  it.each([
    ['inside a header', withoutEnd(a, a.subarray(0, 300)), 'the archive ends inside a header'],
    ['inside a body', tarMember({ name: 'a', content: 'x'.repeat(600) }).subarray(0, 900), 'inside member "a"'],
    ['inside a PAX header', tarMember(pax({ path: LONG })).subarray(0, 600), 'inside a PAX header'],
    ['behind a long name', tarMember(gnuLong('L', LONG)), 'after a GNU long name, before its member'],
  ])('%s: truncated', async (_, archive, message) => {
    expect(await failureOf(archive)).toMatch(new RegExp(`^bytes/truncated: layer.tar: .*${message}$`));
  });

  it('reads the stream to its end, so that a hash covers all of it', async () => {
    let read = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of inChunks(Buffer.concat([END, Buffer.alloc(100_000)]), 1000)) {
        read += chunk.length;
        yield chunk;
      }
    }
    await walkTar(counted(), { entry: () => false, content: () => undefined }, { where: 'layer.tar' });
    expect(read).toBe(101_024);
  });
});

describe('rejects', () => {
  const damaged = tarMember({ name: 'b' });
  damaged[0] = 0x7a;
  const header = tarHeader({ name: 'a', size: 1 });

  it.each<[string, Buffer, string]>([
    ['text', Buffer.from('<html>'.repeat(200)), 'bytes/corrupt: layer.tar: not a tar archive'],
    [
      'a little text',
      Buffer.from('<html>'),
      'bytes/corrupt: layer.tar: the input has 6 bytes, too few for a tar archive',
    ],
    [
      'a wrong checksum',
      withoutEnd({ name: 'a' }, damaged),
      'bytes/corrupt: layer.tar: the header at byte 512 is damaged',
    ],
    [
      'a block of zeros among members',
      withoutEnd({ name: 'a' }, Buffer.alloc(512), { name: 'b' }),
      'bytes/corrupt: layer.tar: there is a single block',
    ],
    [
      'a size that is no number',
      tarOf({ name: 'a', patch: { at: 124, bytes: '9bytes' } }),
      'bytes/corrupt: layer.tar: the header at byte 0: the size is not an octal number',
    ],
    [
      'a negative size',
      tarOf({ name: 'a', patch: { at: 124, bytes: base256(-5n) } }),
      'bytes/corrupt: layer.tar: the header at byte 0: the size is negative',
    ],
    [
      'a size beyond 2^53',
      tarOf({ name: 'a', patch: { at: 124, bytes: base256(2n ** 60n) } }),
      'bytes/limit-exceeded: layer.tar: the header at byte 0',
    ],
    [
      'a malformed PAX record',
      tarOf({ name: 'x', type: 'x', content: '99 path=a\n' }),
      'bytes/corrupt: layer.tar: the PAX header at byte 0',
    ],
    [
      'a malformed PAX size',
      tarOf(pax({ size: '-1' }), header),
      'bytes/corrupt: layer.tar: the PAX header at byte 0: "-1" is not a size',
    ],
    [
      'a PAX size beyond 2^53',
      tarOf(pax({ size: '9'.repeat(18) }), header),
      'bytes/limit-exceeded: layer.tar: the PAX header at byte 0',
    ],
  ])('%s', async (_, archive, message) => {
    expect(await failureOf(archive)).toContain(message);
  });

  it.each<[string, Buffer, Partial<TarLimits>, string]>([
    [
      'too many members',
      tarOf({ name: 'a' }, { name: 'b' }),
      { maxEntries: 1 },
      'member "b": the archive has more than 1 members',
    ],
    [
      'a GNU name that is too long',
      tarOf(gnuLong('L', LONG), { name: 'a' }),
      { maxNameBytes: 50 },
      'a GNU long name is 305 bytes long',
    ],
    [
      'a PAX name that is too long',
      tarOf(pax({ path: LONG }), { name: 'a' }),
      { maxNameBytes: 50 },
      'the PAX header at byte 0: a name is longer',
    ],
    [
      'a PAX header that is too long',
      tarOf(pax({ comment: LONG }), { name: 'a' }),
      { maxPaxBytes: 50 },
      'a PAX header is 317 bytes long',
    ],
    [
      'a wanted file that is too big',
      tarOf({ name: 'a', content: 'xyz' }),
      { maxFileBytes: 2 },
      'member "a": more than 2 bytes',
    ],
  ])('%s', async (_, archive, limits, message) => {
    expect(await failureOf(archive, limits)).toMatch(/^bytes\/limit-exceeded: layer\.tar: /);
    expect(await failureOf(archive, limits)).toContain(message);
  });

  it('nothing exactly at a limit', async () => {
    const limits = { maxEntries: 1, maxNameBytes: LONG.length, maxFileBytes: 3 };
    const { seen } = await walk(tarOf(gnuLong('L', LONG), { name: 'cut', content: 'xyz' }), { limits });
    expect(seen).toEqual([{ kind: 'file', path: LONG, size: 3 }]);
  });

  it('an archive whose reading was aborted', async () => {
    const visitor = { entry: () => false, content: () => undefined };
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(walkTar(inChunks(END), visitor, { where: 'layer.tar', signal })).rejects.toThrow('enough');
  });
});

it.each([
  ['that succeeds', Buffer.alloc(0), undefined],
  ['that fails', Buffer.from('no header'.repeat(100)), 'bytes/corrupt'],
])('frees the memory of the files after a walk %s', async (_, more, code) => {
  const archive = Buffer.concat([tarMember({ name: 'a', content: 'x'.repeat(3_000_000) }), more, END]);
  let bytes: Uint8Array = new Uint8Array(1);
  const visitor = {
    entry: () => 'chunks' as const,
    content: () => undefined,
    chunks: (_entry: TarEntry, content: ChunkedBytes) => {
      bytes = content.whole();
      expect(bytes.length).toBe(3_000_000);
    },
  };
  const error: unknown = await walkTar(inChunks(archive, 100_000), visitor, { where: 'layer.tar' }).catch(
    (reason: unknown) => reason,
  );
  expect(error instanceof ClairError ? error.code : undefined).toBe(code);
  expect(bytes.buffer.byteLength).toBe(0);
});
