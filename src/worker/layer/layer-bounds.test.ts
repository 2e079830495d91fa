import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { deb } from '../../database/testing/packages.ts';
import { gnuLong, inChunks, type Member, pax, tarMember, tarOf } from '../../bytes/testing/tar-builder.ts';
import { ClairError } from '../../errors.ts';
import type { Detector } from '../detectors/detector.ts';
import { executables } from '../detectors/libraries/executables/detector.ts';
import { elfFile } from '../detectors/libraries/executables/testing/elf-file.ts';
import { elfProgram } from '../detectors/libraries/executables/testing/program-file.ts';
import { javaArchives } from '../detectors/libraries/maven/detector.ts';
import { childrenOf, exactPaths, type PathPattern } from '../detectors/path-pattern.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import { BIG_FILE_BYTES, BIG_PROGRAM_BYTES } from './big-file-watch.ts';
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

/** Yields bytes in chunks, and lets other work of the thread run before the last bytes. */
async function* paused(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield* inChunks(bytes.subarray(0, -2000), 1024 * 1024);
  await nextTurn();
  await nextTurn();
  yield bytes.subarray(-2000);
}

/** Returns a program without code that is a little larger than `bytes`. */
function program(bytes: number): Buffer {
  return Buffer.concat([elfProgram(), Buffer.alloc(bytes)]);
}

/** Returns a program whose last quarter is data, and the rest code. */
function withCode(bytes: number): Buffer {
  const data = { name: '.rodata', content: Buffer.alloc(bytes / 4), isReadOnly: true };
  return elfFile([{ name: '.text', content: Buffer.alloc(bytes), isCode: true }, data], { isTableFirst: true });
}

function javaArchive(bytes: number): Buffer {
  return Buffer.concat([Buffer.from('PK'), Buffer.alloc(bytes)]);
}

describe('limits of reading a layer', () => {
  const files = [1, 2, 3].map((number) => ({ name: `var/lib/dpkg/status.d/${number}`, content: 'xx' }));

  it.each([
    ['wanted files', files, { maxWantedFiles: 2 }, 'more than 2 members have paths that detectors read'],
    [
      'whiteouts',
      files.map(({ name }) => ({ name: name.replace('.d/', '.d/.wh.') })),
      { maxWantedFiles: 2 },
      'more than 2 members',
    ],
    ['bytes', files, { maxWantedBytes: 5 }, 'member "var/lib/dpkg/status.d/3": the files to read exceed 5 bytes'],
    ['bytes of one file', files, { maxFileBytes: 1 }, 'member "var/lib/dpkg/status.d/1": more than 1 bytes'],
    ['members', files, { maxEntries: 2 }, 'member "var/lib/dpkg/status.d/3": the archive has more than 2 members'],
    ['uncompressed bytes', files, { maxUncompressedBytes: 600 }, 'more than 600 bytes'],
  ])('%s', async (_, members, limits, message) => {
    const failure = await failureOf(sourceOf(tarOf(...members)), { limits });
    expect(failure).toContain(`bytes/limit-exceeded: layer.tar: ${message}`);
  });

  it.each([
    ['of a program, without a garbage collection', executables, 'usr/bin/a', program(BIG_PROGRAM_BYTES), [true]],
    ['of an archive, with a garbage collection', javaArchives, 'srv/a.jar', javaArchive(BIG_FILE_BYTES), [false]],
    ['of no program below the limit', executables, 'usr/bin/a', program(BIG_PROGRAM_BYTES - 4096), []],
    ['of no program below the limit without its code', executables, 'usr/bin/a', withCode(BIG_PROGRAM_BYTES), []],
    ['of no archive below the limit', javaArchives, 'srv/a.jar', javaArchive(BIG_FILE_BYTES - 4096), []],
  ])('takes a turn for the memory of big files and frees the memory: %s', async (_, detector, name, content, freed) => {
    const taken: string[] = [];
    const released: boolean[] = [];
    const turn = {
      take: () => void taken.push(name),
      give: ({ isFreed }: { isFreed: boolean }) => void released.push(isFreed),
    };
    const end = { name: 'end', content: 'x'.repeat(2000) };
    const source = { where: 'layer.tar', open: async () => paused(tarOf({ name, content }, end)) };
    await readLayer(source, [detector], { turn });
    expect(released).toEqual(freed);
    expect(new Set(taken)).toEqual(new Set(freed.map(() => name)));
  });

  it.each<[string, Member & { readonly name: string }]>([
    ['a file', { name: 'var/lib/dpkg/status', content: 'x'.repeat(2000) }],
    ['a link', { name: 'var/lib/dpkg/status', type: '2' }],
    ['a whiteout', { name: `var/lib/dpkg/status.d/.wh.${'x'.repeat(2000)}` }],
  ])('limits the characters that are kept of %s', async (_, member) => {
    const members =
      member.type === '2' ? [gnuLong('K', 'x'.repeat(2000)), member] : [pax({ path: String(member.name) }), member];
    const failure = await failureOf(sourceOf(tarOf(...members)), { limits: { maxKeptCharacters: 1500 } });
    expect(failure).toBe(
      'bytes/limit-exceeded: layer.tar: the data from the files and links that Clair reads exceeds 1500 characters',
    );
    expect(await failureOf(sourceOf(tarOf(...members)), { limits: { maxKeptCharacters: 2500 } })).toMatch(/^no ClairE/);
  });

  it('does not count replaced data', async () => {
    const again = tarMember({ name: 'var/lib/dpkg/status', content: 'x'.repeat(1000) });
    const limits = { maxKeptCharacters: 1500 };
    const { contents } = await readLayer(sourceOf(tarOf(again, again, again)), DETECTORS, { limits });
    expect(contents.entries).toHaveLength(1);
  });

  it('keeps a link with an impossibly long target as a member of unknown kind', async () => {
    const link = (length: number): (Member | Buffer)[] => [
      gnuLong('K', 'x'.repeat(length)),
      { name: 'etc/os-release', type: '2' },
    ];
    expect((await contentsOf(link(4095))).entries).toMatchObject([{ kind: 'symlink' }]);
    expect((await contentsOf(link(4096))).entries).toEqual([{ kind: 'other', path: 'etc/os-release' }]);
  });

  it('truncates packages beyond the limit of a layer, also behind hard links, with a diagnostic', async () => {
    const packages = Array.from({ length: 4 }, (_, at) => deb(`p${at}`, '1'));
    const four: Detector = { ...DPKG, read: () => ({ packages, diagnostics: [] }) };
    const members = [
      { name: 'var/lib/dpkg/status.d/a', content: 'x' },
      { name: 'var/lib/dpkg/status.d/b', type: '1', link: 'var/lib/dpkg/status.d/a' },
      { name: 'var/lib/dpkg/status.d/c', content: 'x' },
    ];
    const { contents } = await readLayer(sourceOf(tarOf(...members)), [four], { limits: { maxPackages: 6 } });
    const found = contents.entries.map((entry) => (entry.kind === 'file' ? entry.facts : undefined));
    expect(found.map((file) => file?.packages?.length)).toEqual([4, 2, 0]);
    expect(found.map((file) => file?.diagnostics.map(({ code }) => code))).toEqual([
      [],
      ['package-limit-reached'],
      ['package-limit-reached'],
    ]);
    expect(found[1]?.diagnostics[0]?.message).toBe(
      'the layer has more than 6 packages; the rest of "var/lib/dpkg/status.d/b" was not read',
    );
  });

  it('accepts values exactly at the limits', async () => {
    const limits = { maxWantedFiles: 3, maxWantedBytes: 6, maxFileBytes: 2, maxEntries: 3 };
    const { contents } = await readLayer(sourceOf(tarOf(...files)), DETECTORS, { limits });
    expect(contents.entries).toHaveLength(3);
  });

  it('counts a repeated path once', async () => {
    const again = tarMember(files[0]!);
    const archive = tarOf(...Array.from({ length: 50 }, () => again));
    const { contents } = await readLayer(sourceOf(archive), DETECTORS, { limits: { maxWantedFiles: 1 } });
    expect(contents.entries).toHaveLength(1);
  });

  it('counts a sparse file with its full size before expanding it', async () => {
    const sparse = [pax({ 'GNU.sparse.size': '600000000' }), { name: 'etc/os-release' }];
    expect(await failureOf(sourceOf(tarOf(...sparse)))).toMatch(
      /^bytes\/limit-exceeded: layer\.tar: member "etc\/os-r/,
    );
  });
});

describe('the limit of owned paths in a layer', () => {
  const owned: Detector = {
    id: 'owned',
    kind: 'owners',
    version: 1,
    wants: childrenOf('info'),
    read: (_, bytes) => ({
      ownedPaths: [{ owner: { type: 'deb', name: 'a' }, paths: Buffer.from(bytes).toString().split(',') }],
      diagnostics: [],
    }),
  };
  const list = (name: string, content: string): Member => ({ name: `info/${name}`, content });

  async function read(
    maxOwnedCharacters: number,
    ...members: readonly Member[]
  ): Promise<readonly (readonly [string, unknown, number])[]> {
    const { contents } = await readLayer(sourceOf(tarOf(...members)), [owned], { limits: { maxOwnedCharacters } });
    return contents.entries.map((entry) => {
      const found = entry.kind === 'file' ? entry.facts : undefined;
      const codes = found?.diagnostics.map(({ code }) => code) ?? [];
      return [entry.path, found?.ownedPaths?.flatMap(({ paths }) => paths), codes.length];
    });
  }

  it('drops the owners of files beyond it with one diagnostic', async () => {
    const members = [list('a', 'aaa,bbb'), list('b', 'x'.repeat(100)), list('c', 'ccc'), list('d', 'ddd')];
    expect(await read(100, ...members)).toEqual([
      ['info/a', ['aaa', 'bbb'], 0],
      ['info/b', undefined, 1],
      ['info/c', undefined, 0],
      ['info/d', undefined, 0],
    ]);
  });

  it('counts replaced lists once', async () => {
    expect(await read(40, list('a', 'aaa,bbb'), list('a', 'ccc,ddd'), list('b', 'eee'))).toEqual([
      ['info/a', ['ccc', 'ddd'], 0],
      ['info/b', ['eee'], 0],
    ]);
  });
});
