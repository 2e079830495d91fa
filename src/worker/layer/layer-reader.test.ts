import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { END, inChunks, type Member, tarHeader, tarOf } from '../../bytes/testing/tar-builder.ts';
import { ClairError } from '../../errors.ts';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import type { Detector, FileFacts } from '../detectors/detector.ts';
import { childrenOf, exactPaths, type PathPattern } from '../detectors/path-pattern.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import type { LayerContents } from './layer-contents.ts';
import { readLayer, type ReadLayerOptions } from './layer-reader.ts';

function recorder(id: string, ...wants: readonly PathPattern[]): Detector {
  return {
    id,
    kind: 'os',
    version: 1,
    wants,
    read: (_, bytes) => ({ release: { [id]: Buffer.from(bytes).toString() }, diagnostics: [] }),
  };
}

const OS = recorder('os', ...exactPaths('etc/os-release', 'usr/lib/os-release'));
const DPKG = recorder('dpkg', ...exactPaths('var/lib/dpkg/status'), ...childrenOf('var/lib/dpkg/status.d'));
const DETECTORS = [OS, DPKG];

function sourceOf(bytes: Buffer, promised: Partial<LayerSource> = {}): LayerSource {
  return { where: 'layer.tar', open: async () => inChunks(bytes), ...promised };
}

async function contentsOf(members: readonly (Member | Buffer)[], detectors = DETECTORS): Promise<LayerContents> {
  return (await readLayer(sourceOf(tarOf(...members)), detectors)).contents;
}

async function failureOf(source: LayerSource, options: ReadLayerOptions = {}): Promise<string> {
  const error: unknown = await readLayer(source, DETECTORS, options).catch((reason: unknown) => reason);
  return error instanceof ClairError ? `${error.code}: ${error.message}` : `no ClairError: ${String(error)}`;
}

function sha512(bytes: Buffer): Digest {
  return `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
}

function sha256(bytes: Buffer): string {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

function read(id: string, text: string): FileFacts {
  return { release: { [id]: text }, diagnostics: [] };
}

const NOTHING: LayerContents = { whiteouts: [], opaque: [], entries: [], outside: 0 };

describe('digests', () => {
  const tar = tarOf({ name: 'etc/os-release', content: 'ID=debian' });
  const gzip = Buffer.concat([gzipSync(tar), Buffer.alloc(300_000)]);

  it('of a plain tar are equal', async () => {
    expect(await readLayer(sourceOf(tar), DETECTORS)).toMatchObject({ digest: sha256(tar), diffId: sha256(tar) });
  });

  it('of a compressed layer differ, and cover padding and data after the end blocks', async () => {
    const stated = { digest: digestOfHex(sha256(gzip).slice(7)) };
    expect(await readLayer(sourceOf(gzip, stated), DETECTORS)).toMatchObject({ ...stated, diffId: sha256(tar) });
    const longer = Buffer.concat([tar, Buffer.alloc(100_000, 1)]);
    expect(await readLayer(sourceOf(longer), DETECTORS)).toMatchObject({ digest: sha256(longer) });
  });

  it('of compressed bytes are not computed unless the source states a digest', async () => {
    const reading = await readLayer(sourceOf(gzip), DETECTORS);
    expect(reading).toMatchObject({ diffId: sha256(tar) });
    expect(reading).not.toHaveProperty('digest');
  });

  it('of no bytes are the digests of an empty input', async () => {
    const digest = sha256(Buffer.alloc(0));
    expect(await readLayer(sourceOf(Buffer.alloc(0)), DETECTORS)).toEqual({
      digest,
      diffId: digest,
      contents: NOTHING,
    });
  });

  it('are accepted when they match the source', async () => {
    const promised = { digest: digestOfHex(sha256(gzip).slice(7)), diffId: digestOfHex(sha256(tar).slice(7)) };
    expect(await readLayer(sourceOf(gzip, promised), DETECTORS)).toMatchObject(promised);
  });

  it.each([
    ['compressed', gzip],
    ['not compressed', tar],
  ])('by SHA-512 are computed where the source states them, of a layer that is %s', async (_, bytes) => {
    const [stored, whole] = [sha512(bytes), sha512(tar)];
    for (const promised of [{ digest: stored }, { diffId: whole }, { digest: stored, diffId: whole }]) {
      expect(await readLayer(sourceOf(bytes, promised), DETECTORS)).toMatchObject({ diffId: sha256(tar), ...promised });
      const other = Object.fromEntries(Object.keys(promised).map((name) => [name, `sha512:${'0'.repeat(128)}`]));
      expect(await failureOf(sourceOf(bytes, other))).toMatch(/^bytes\/digest-mismatch: .* have digest sha512:/);
    }
  });

  it.each([
    ['digest', 'the bytes', sha256(gzip)],
    ['diffId', 'the uncompressed bytes', sha256(tar)],
  ])("that differ from the source's %s are an error with both digests", async (promise, what, found) => {
    const other = digestOfHex('0'.repeat(64));
    const failure = await failureOf(sourceOf(gzip, { [promise]: other }));
    expect(failure).toBe(`bytes/digest-mismatch: layer.tar: ${what} have digest ${found} instead of ${other}`);
  });
});

describe('entries', () => {
  it('are the wanted files and the directories, links and other members above them', async () => {
    const { entries } = await contentsOf([
      { name: './', type: '5' },
      { name: './etc/', type: '5' },
      { name: './etc/passwd', content: 'root' },
      { name: './etc/os-release', type: '2', link: '../usr/lib/os-release' },
      { name: './usr/lib/os-release', content: 'ID=debian' },
      { name: './usr/lib/libc.so', content: 'ELF' },
      { name: './var', type: '2', link: '/mnt/var' },
      { name: './var/lib/dpkg/status.d/base', content: 'Package: base' },
      { name: './var/lib/dpkg/status.d/sub/', type: '5' },
      { name: './var/lib/dpkg/status.d/sub/file', content: 'x' },
      { name: './var/lib/dpkg/info/base.list', content: '/.' },
    ]);
    expect(entries).toEqual([
      { kind: 'directory', path: 'etc' },
      { kind: 'symlink', path: 'etc/os-release', target: '../usr/lib/os-release' },
      { kind: 'file', path: 'usr/lib/os-release', facts: read('os', 'ID=debian') },
      { kind: 'symlink', path: 'var', target: '/mnt/var' },
      { kind: 'file', path: 'var/lib/dpkg/status.d/base', facts: read('dpkg', 'Package: base') },
      { kind: 'directory', path: 'var/lib/dpkg/status.d/sub' },
    ]);
  });

  it('mark a file, pipe or device above wanted paths as other', async () => {
    const { entries } = await contentsOf([
      { name: 'etc', content: 'x' },
      { name: 'usr', type: '6' },
      { name: 'var/lib/dpkg/status', type: '3' },
    ]);
    expect(entries).toEqual([
      { kind: 'other', path: 'etc' },
      { kind: 'other', path: 'usr' },
      { kind: 'other', path: 'var/lib/dpkg/status' },
    ]);
  });

  it('merge the facts of several detectors for one file', async () => {
    const also = recorder('also', ...childrenOf('etc'));
    const { entries } = await contentsOf([{ name: 'etc/os-release', content: 'x' }], [OS, also]);
    const facts = { release: { os: 'x', also: 'x' }, diagnostics: [] };
    expect(entries).toEqual([{ kind: 'file', path: 'etc/os-release', facts }]);
  });

  it('keep packages and diagnostics of several detectors', async () => {
    const source = { name: 'a', version: '1' };
    const found = { type: 'deb', name: 'a', version: '1', arch: 'all', source } as const;
    const diagnostic = { code: 'package-entry-unreadable', message: 'm', where: 'w' } as const;
    const one: Detector = { ...OS, id: 'one', read: () => ({ packages: [found], diagnostics: [] }) };
    const two: Detector = { ...OS, id: 'two', read: () => ({ diagnostics: [diagnostic] }) };
    const { entries } = await contentsOf([{ name: 'etc/os-release' }], [one, two]);
    expect(entries).toMatchObject([{ facts: { packages: [found], diagnostics: [diagnostic] } }]);
  });

  it('with the same path are replaced by the later file, at its place in the archive', async () => {
    const { entries } = await contentsOf([
      { name: 'etc/os-release', content: 'first' },
      { name: 'usr/lib/os-release', content: 'other' },
      { name: 'etc/os-release', content: 'second' },
    ]);
    expect(entries).toEqual([
      { kind: 'file', path: 'usr/lib/os-release', facts: read('os', 'other') },
      { kind: 'file', path: 'etc/os-release', facts: read('os', 'second') },
    ]);
  });

  it('exclude and count names that lead out of the root', async () => {
    const contents = await contentsOf([{ name: '../etc/os-release', content: 'evil' }]);
    expect(contents).toEqual({ ...NOTHING, outside: 1 });
  });

  it('below a directory are removed when a file replaces it', async () => {
    const { entries } = await contentsOf([
      { name: 'usr/lib/os-release', content: 'gone' },
      { name: 'usr/lib', content: 'a file' },
    ]);
    expect(entries).toEqual([{ kind: 'other', path: 'usr/lib' }]);
  });

  it('mark a directory that replaces a link as opaque', async () => {
    const contents = await contentsOf([
      { name: 'usr/lib', type: '2', link: 'lib64' },
      { name: 'usr/lib/', type: '5' },
      { name: 'usr/lib/os-release', content: 'new' },
    ]);
    expect(contents.opaque).toEqual(['usr/lib']);
    expect(contents.entries).toEqual([
      { kind: 'directory', path: 'usr/lib' },
      { kind: 'file', path: 'usr/lib/os-release', facts: read('os', 'new') },
    ]);
  });
});

describe('hard links', () => {
  const link = { name: 'usr/lib/os-release', type: '1', link: 'etc/os-release' };

  it('have the contents of their target at that point', async () => {
    const { entries } = await contentsOf([
      { name: 'etc/os-release', content: 'before' },
      link,
      { name: 'etc/os-release', content: 'after' },
    ]);
    expect(entries).toEqual([
      { kind: 'file', path: 'usr/lib/os-release', facts: read('os', 'before') },
      { kind: 'file', path: 'etc/os-release', facts: read('os', 'after') },
    ]);
  });

  it.each<[string, (Member | Buffer)[]]>([
    ['comes later', [link, { name: 'etc/os-release', content: 'late' }]],
    [
      'is not wanted',
      [
        { name: 'etc/shadow', content: 'x' },
        { ...link, link: 'etc/shadow' },
      ],
    ],
    [
      'is wanted only by other detectors',
      [
        { name: 'var/lib/dpkg/status', content: 'x' },
        { ...link, link: 'var/lib/dpkg/status' },
      ],
    ],
    ['was removed by a file above it', [{ name: 'etc/os-release' }, { name: 'etc', content: 'x' }, link]],
  ])('are kept as hard links when the target %s', async (_, members) => {
    const { entries } = await contentsOf(members);
    const target = (members.find((member) => 'link' in member) as Member).link;
    expect(entries).toContainEqual({ kind: 'hardlink', path: 'usr/lib/os-release', target });
  });

  it('to a kept symbolic link become that link', async () => {
    const { entries } = await contentsOf([{ name: 'etc/os-release', type: '2', link: '/x' }, link]);
    expect(entries).toContainEqual({ kind: 'symlink', path: 'usr/lib/os-release', target: '/x' });
  });

  it('above wanted paths are files and remove everything below', async () => {
    const { entries } = await contentsOf([{ name: 'etc', type: '1', link: 'x' }]);
    expect(entries).toEqual([{ kind: 'other', path: 'etc' }]);
  });
});

describe('whiteouts', () => {
  it.each<[string, string, Partial<LayerContents>]>([
    ['of a wanted file', 'etc/.wh.os-release', { whiteouts: ['etc/os-release'] }],
    ['of a directory above', 'var/.wh.lib', { whiteouts: ['var/lib'] }],
    ['at the root', '.wh.var', { whiteouts: ['var'] }],
    ['of a file in a wanted directory', 'var/lib/dpkg/status.d/.wh.x', { whiteouts: ['var/lib/dpkg/status.d/x'] }],
    ['of something else', 'var/lib/.wh.apt', {}],
    ['that are opaque', 'var/lib/dpkg/.wh..wh..opq', { opaque: ['var/lib/dpkg'] }],
    [
      'that make a wanted directory opaque',
      'var/lib/dpkg/status.d/.wh..wh..opq',
      { opaque: ['var/lib/dpkg/status.d'] },
    ],
    ['that make the root opaque', '.wh..wh..opq', { opaque: [''] }],
    ['that are opaque elsewhere', 'var/cache/.wh..wh..opq', {}],
    ['of AUFS metadata', 'var/lib/dpkg/status.d/.wh..wh.orph', {}],
    ['of an impossible name', 'var/lib/dpkg/status.d/.wh...', {}],
    ['with the prefix in the middle of the name', 'var/lib/dpkg/statu.wh.s', {}],
    ['with the prefix in the name of a directory', '.wh.etc/os-release', {}],
  ])('%s', async (_, name, expected) => {
    expect(await contentsOf([{ name }])).toEqual({ ...NOTHING, ...expected });
  });

  it('.wh. alone is an ordinary file', async () => {
    const { entries, whiteouts } = await contentsOf([{ name: 'var/lib/dpkg/status.d/.wh.', content: 'x' }]);
    expect(entries).toEqual([{ kind: 'file', path: 'var/lib/dpkg/status.d/.wh.', facts: read('dpkg', 'x') }]);
    expect(whiteouts).toEqual([]);
  });

  it('stay in addition to a file of the same name, in either order', async () => {
    const file = { name: 'etc/os-release', content: 'new' };
    const whiteout = { name: 'etc/.wh.os-release' };
    const expected = {
      whiteouts: ['etc/os-release'],
      entries: [{ kind: 'file', path: 'etc/os-release', facts: read('os', 'new') }],
    };
    expect(await contentsOf([file, whiteout])).toMatchObject(expected);
    expect(await contentsOf([whiteout, file])).toMatchObject(expected);
  });

  it('without a wanted path are not kept, regardless of their number', async () => {
    const block = tarHeader({ name: 'usr/share/.wh.x' });
    const archive = Buffer.concat([...Array.from({ length: 100 }, () => block), END]);
    const limits = { maxFilesAnywhere: 0, maxWantedFiles: 0 };
    expect((await readLayer(sourceOf(archive), DETECTORS, { limits })).contents).toEqual(NOTHING);
  });
});

describe('an ACI', () => {
  async function contentsOfAci(...members: readonly Member[]): Promise<LayerContents> {
    return (await readLayer(sourceOf(tarOf(...members)), DETECTORS, { layout: 'aci' })).contents;
  }

  it('reads files below rootfs only', async () => {
    const { entries } = await contentsOfAci(
      { name: 'manifest', content: '{"acKind":"ImageManifest"}' },
      { name: 'etc/os-release', content: 'beside' },
      { name: './rootfs/', type: '5' },
      { name: './rootfs/etc/os-release', content: 'inside' },
      { name: 'rootfs/usr/lib/os-release', type: '1', link: 'rootfs/etc/os-release' },
    );
    expect(entries).toEqual([
      { kind: 'file', path: 'etc/os-release', facts: read('os', 'inside') },
      { kind: 'file', path: 'usr/lib/os-release', facts: read('os', 'inside') },
    ]);
  });

  it('has no whiteouts', async () => {
    const { entries, whiteouts, opaque } = await contentsOfAci(
      { name: 'rootfs/etc/.wh.os-release' },
      { name: 'rootfs/etc/.wh..wh..opq' },
      { name: 'rootfs/var/lib/dpkg/status.d/.wh.x', content: 'x' },
    );
    expect(entries).toEqual([{ kind: 'file', path: 'var/lib/dpkg/status.d/.wh.x', facts: read('dpkg', 'x') }]);
    expect([whiteouts, opaque]).toEqual([[], []]);
  });

  it('has hard links within the image only', async () => {
    const { entries } = await contentsOfAci(
      { name: 'rootfs/etc/os-release', content: 'inside' },
      { name: 'rootfs/usr/lib/os-release', type: '1', link: 'etc/os-release' },
    );
    expect(entries[1]).toMatchObject({
      facts: { diagnostics: [{ code: 'link-unresolved', message: expect.stringContaining('"../etc/os-release"') }] },
    });
  });

  it('is not the default layout', async () => {
    expect(await contentsOf([{ name: 'rootfs/etc/os-release', content: 'inside' }])).toEqual(NOTHING);
  });
});

describe('sources', () => {
  it('pass their errors unchanged', async () => {
    const missing = new ClairError('bytes/not-found', 'layer.tar does not exist');
    const source: LayerSource = { where: 'layer.tar', open: () => Promise.reject(missing) };
    await expect(readLayer(source, DETECTORS)).rejects.toBe(missing);
  });

  it('are aborted when the layer is broken', async () => {
    let told: AbortSignal | undefined;
    const source: LayerSource = {
      where: 'layer.tar',
      open: async (signal) => {
        told = signal;
        return inChunks(Buffer.alloc(2000, 'x'));
      },
    };
    expect(await failureOf(source)).toContain('not a tar archive');
    expect(told?.aborted).toBe(true);
  });

  it('end with the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(readLayer(sourceOf(tarOf({ name: 'a' })), DETECTORS, { signal })).rejects.toThrow('enough');
  });
});
