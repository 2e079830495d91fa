import { describe, expect, it } from 'vitest';
import { inChunks, type Member, pax, tarOf } from '../../../bytes/testing/tar-builder.ts';
import type { Detector, FileFacts } from '../../detectors/detector.ts';
import { exactPaths, type PathPattern } from '../../detectors/path-pattern.ts';
import type { LayerEntry, LayerContents } from '../layer-contents.ts';
import { digestOfText, type LayerLayout } from '../layer-layout.ts';
import { readLayer } from '../layer-reader.ts';
import type { LinkTarget } from '../link-targets.ts';
import type { LayerLimits } from '../limits.ts';
import { pathsOf } from '../tree/path-list.ts';

const MAGIC = '\u007fELF';

function found(id: string, path: string, text: string): FileFacts {
  const features = [{ feature: { type: 'made', name: text, version: id }, path }];
  return { features, content: digestOfText(text), diagnostics: [] };
}

/** Returns a detector that finds nothing in an empty file. */
function detector(id: string, ...wants: readonly PathPattern[]): Detector {
  const read = (path: string, bytes: Uint8Array): FileFacts =>
    bytes.length === 0 ? { diagnostics: [] } : found(id, path, Buffer.from(bytes).toString());
  return { id, kind: 'features', version: 1, wants, read };
}

const NAMES = detector('names', { kind: 'basename', name: 'METADATA', parentSuffix: '.dist-info' });
const SUFFIXES = detector('suffixes', { kind: 'suffix', suffix: '.jar' });
const PROGRAMS = detector('programs', { kind: 'executable' });
const OS: Detector = {
  ...detector('os', ...exactPaths('etc/os-release')),
  kind: 'os',
  read: (_, bytes) => ({ release: { text: Buffer.from(bytes).toString() }, diagnostics: [] }),
};
const DETECTORS = [NAMES, SUFFIXES, PROGRAMS, OS];

type Options = { readonly limits?: Partial<LayerLimits>; readonly layout?: LayerLayout };

async function contentsOf(members: readonly Member[], options: Options = {}): Promise<LayerContents> {
  const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members)) };
  return (await readLayer(source, DETECTORS, options)).contents;
}

async function othersOf(members: readonly Member[], options: Options = {}): Promise<readonly string[]> {
  const { others } = await contentsOf(members, options);
  return others === undefined ? [] : [...pathsOf(others)];
}

function file(path: string, ...byDetector: readonly (readonly [string, string])[]): LayerEntry {
  const read = byDetector.map(([id, text]) => [id, found(id, path, text)] as const);
  return { kind: 'file', path, byDetector: Object.fromEntries(read) };
}

describe('the entries of a layer', () => {
  it("are the files wanted by name, suffix or first bytes, with each detector's facts", async () => {
    const { entries } = await contentsOf([
      { name: 'usr/lib/a.dist-info/METADATA', content: 'a' },
      { name: 'usr/lib/METADATA', content: 'no' },
      { name: 'opt/b.jar', content: 'b' },
      { name: 'bin/c', content: `${MAGIC} and more` },
      { name: 'bin/d.jar', content: `${MAGIC} and more` },
      { name: 'bin/script', content: '#!/bin/sh -e' },
      { name: 'bin/short', content: MAGIC },
      { name: 'etc/os-release', content: 'text' },
    ]);
    expect(entries).toEqual([
      file('usr/lib/a.dist-info/METADATA', ['names', 'a']),
      file('opt/b.jar', ['suffixes', 'b']),
      file('bin/c', ['programs', `${MAGIC} and more`]),
      file('bin/d.jar', ['suffixes', `${MAGIC} and more`], ['programs', `${MAGIC} and more`]),
      { kind: 'file', path: 'etc/os-release', facts: { release: { text: 'text' }, diagnostics: [] } },
    ]);
  });

  it('combine facts of a fixed path and of an executable', async () => {
    const { entries } = await contentsOf([{ name: 'etc/os-release', content: `${MAGIC} and more` }]);
    expect(entries).toEqual([
      {
        ...file('etc/os-release', ['programs', `${MAGIC} and more`]),
        facts: { release: { text: `${MAGIC} and more` }, diagnostics: [] },
      },
    ]);
  });

  it('combine all facts of one detector for a file with several links', async () => {
    const source = { where: 'layer.tar', open: async () => inChunks(tarOf({ name: 'data/x', content: 'x' })) };
    const targets: readonly LinkTarget[] = [
      { wants: { kind: 'exact', path: 'data/x' }, detector: 'suffixes', as: 'opt/a.jar' },
      { wants: { kind: 'children', directory: 'data' }, detector: 'suffixes', as: 'opt/jars' },
    ];
    const { entries } = (await readLayer(source, DETECTORS, { targets })).contents;
    const [entry] = entries;
    const features = entry?.kind === 'file' ? entry.byDetector?.['suffixes']?.features : undefined;
    expect(features?.map(({ path }) => path)).toEqual(['opt/a.jar', 'opt/jars/x']);
  });

  it('exclude files without findings and everything but files', async () => {
    const members: readonly Member[] = [
      { name: 'empty.jar' },
      { name: 'folder.jar/', type: '5' },
      { name: 'link.jar', type: '2', link: 'a.jar' },
      { name: 'device.jar', type: '3' },
    ];
    expect(await contentsOf(members)).toMatchObject({ entries: [] });
    expect(await othersOf(members)).toEqual(['empty.jar', 'folder.jar/', 'link.jar', 'device.jar']);
  });

  it('include the executables of an ACI below its root', async () => {
    const members = [
      { name: 'rootfs/bin/a', content: `${MAGIC} inside` },
      { name: 'bin/b', content: `${MAGIC} beside` },
    ];
    const { entries } = await contentsOf(members, { layout: 'aci' });
    expect(entries).toEqual([file('bin/a', ['programs', `${MAGIC} inside`])]);
  });

  it('include a sparse executable but no other sparse file', async () => {
    const sparse = (name: string, start: string): readonly Member[] => [
      pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '20', 'GNU.sparse.name': name }),
      { name: 's', content: `${'1\n0\n10\n'.padEnd(512, '\0')}${start.padEnd(10, '.')}` },
    ];
    const members = [...sparse('bin/a', MAGIC), ...sparse('bin/b', 'text')];
    const { entries } = await contentsOf(members);
    expect(entries).toEqual([file('bin/a', ['programs', `${MAGIC}......${'\0'.repeat(10)}`])]);
    expect(await othersOf(members)).toEqual(['bin/b']);
  });
});

describe('a hard link', () => {
  it('is a file like its target, at its own path', async () => {
    const { entries } = await contentsOf([
      { name: 'a.jar', content: 'a' },
      { name: 'lib/b.jar', type: '1', link: 'a.jar' },
      { name: 'bin/c', content: `${MAGIC} of c` },
      { name: 'bin/d', type: '1', link: 'bin/c' },
      { name: 'bin/e', type: '1', link: 'a.jar' },
    ]);
    expect(entries).toEqual([
      file('a.jar', ['suffixes', 'a']),
      file('lib/b.jar', ['suffixes', 'a']),
      file('bin/c', ['programs', `${MAGIC} of c`]),
      file('bin/d', ['programs', `${MAGIC} of c`]),
    ]);
  });

  it('of a wanted name to another name is kept, so that its target can be read', async () => {
    const { entries, others } = await contentsOf([
      { name: 'store/1', content: 'a' },
      { name: 'a.jar', type: '1', link: 'store/1' },
    ]);
    expect(entries).toEqual([{ kind: 'hardlink', path: 'a.jar', target: 'store/1' }]);
    expect(others?.rests).toEqual(['store/1']);
  });
});

describe('a layer hides', () => {
  it('the paths of whiteouts and opaque directories, even far from fixed paths', async () => {
    const contents = await contentsOf([{ name: 'usr/share/.wh.x' }, { name: 'opt/a/.wh..wh..opq' }, { name: '.wh.y' }]);
    expect(contents).toMatchObject({ whiteouts: ['usr/share/x', 'y'], opaque: ['opt/a'], entries: [] });
  });

  it('everything that its other members replace; directories have a trailing slash', async () => {
    const members: readonly Member[] = [
      { name: './', type: '5' },
      { name: 'usr/', type: '5' },
      { name: 'usr/a', content: 'text' },
      { name: 'usr/b', type: '2', link: 'a' },
      { name: 'usr/c', type: '1', link: 'usr/a' },
      { name: 'etc/', type: '5' },
      { name: 'usr/d.jar', content: 'wanted' },
    ];
    expect(await othersOf(members)).toEqual(['usr/', 'usr/a', 'usr/b', 'usr/c']);
    const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members)) };
    expect((await readLayer(source, [OS])).contents).not.toHaveProperty('others');
  });

  it('members up to a limit', async () => {
    const members = [{ name: 'aaaa' }, { name: 'bbbb' }, { name: 'cccc' }];
    expect(await othersOf(members, { limits: { maxOtherCharacters: 20 } })).toEqual(['aaaa', 'bbbb']);
  });

  it.each<[string, readonly Member[]]>([
    ['another file', [{ name: 'a.jar', content: 'a' }, { name: 'a.jar' }]],
    [
      'a link',
      [
        { name: 'a.jar', content: 'a' },
        { name: 'a.jar', type: '2', link: 'b' },
      ],
    ],
    [
      'a directory',
      [
        { name: 'a.jar', content: 'a' },
        { name: 'a.jar/', type: '5' },
      ],
    ],
    ['a file in place of its directory', [{ name: 'a.jar/b.jar', content: 'a' }, { name: 'a.jar' }]],
    [
      'a file in place of its directory, which then comes back',
      [{ name: 'a.jar/b.jar', content: 'a' }, { name: 'a.jar' }, { name: 'a.jar/', type: '5' }],
    ],
    [
      'a wanted file in place of its directory, which then comes back',
      [
        { name: 'a.jar/b.jar', content: 'a' },
        { name: 'a.jar', content: 'a' },
        { name: 'a.jar/', type: '5' },
      ],
    ],
  ])('a file of its own that is later replaced by %s', async (_, members) => {
    expect((await contentsOf(members)).entries).toEqual([]);
    expect(await othersOf(members)).toContain('a.jar');
  });
});

describe('the limits of files in any directory', () => {
  const jars = ['a', 'b', 'c'].map((name) => ({ name: `${name}.jar`, content: 'xxxxx' }));

  async function diagnosticsOf(limits: Partial<LayerLimits>, members: readonly Member[] = jars): Promise<unknown> {
    const { entries } = await contentsOf(members, { limits });
    return entries.flatMap((entry) => {
      if (entry.kind !== 'file') return [];
      return Object.values(entry.byDetector ?? {}).flatMap(({ diagnostics }) => diagnostics);
    });
  }

  it.each<[string, Partial<LayerLimits>, readonly Member[], string]>([
    [
      'one file',
      { maxFileBytes: 4 },
      jars.slice(0, 1),
      '"a.jar" was not searched for packages: it exceeds the limit of 4 bytes per file',
    ],
    [
      'all files',
      { maxBytesAnywhere: 10 },
      jars,
      '"c.jar" was not searched for packages: the files to search in a layer exceed the total limit of 10 bytes',
    ],
    [
      'an executable',
      { maxFileBytes: 9 },
      [{ name: 'big', content: `${MAGIC}xxxxxx` }],
      '"big" was not searched for packages: it exceeds the limit of 9 bytes per file',
    ],
  ])('cause a diagnostic while reading continues: %s', async (_, limits, members, message) => {
    const where = members.at(-1)?.name;
    expect(await diagnosticsOf(limits, members)).toEqual([{ code: 'package-limit-reached', message, where }]);
  });

  it('exclude files at fixed paths and non-executables', async () => {
    const members = [
      { name: 'etc/os-release', content: 'x'.repeat(20) },
      { name: 'log', content: 'x'.repeat(3000) },
    ];
    expect(await diagnosticsOf({ maxBytesAnywhere: 15 }, [...members, ...jars])).toEqual([]);
    expect(await diagnosticsOf({ maxFileBytes: 2000 }, members)).toEqual([]);
  });

  it('cut features like packages, with a diagnostic', async () => {
    const { entries } = await contentsOf(jars, { limits: { maxPackages: 2 } });
    expect(entries.at(-1)).toMatchObject({
      path: 'c.jar',
      byDetector: { suffixes: { features: [], diagnostics: [{ code: 'package-limit-reached' }] } },
    });
  });

  it.each(['.wh.x', 'd/.wh..wh..opq', 'd.jar'])('count whiteouts like files: %s', async (name) => {
    const members = [
      ...jars,
      { name, content: 'x' },
      { name, content: 'x' },
      { name: 'etc/os-release' },
      { name: '.wh.etc' },
    ];
    const limits = { maxFilesAnywhere: 4, maxWantedFiles: 2 };
    await expect(contentsOf(members, { limits })).resolves.toBeDefined();
    await expect(contentsOf(members, { limits: { ...limits, maxFilesAnywhere: 3 } })).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message:
        'layer.tar: more than 3 members are whiteouts, or files that detectors read regardless of their directory',
    });
    await expect(contentsOf(members, { limits: { ...limits, maxWantedFiles: 1 } })).rejects.toThrow(
      'layer.tar: more than 1 members have paths that detectors read',
    );
  });

  describe('for links that are only followed', () => {
    const LINKS = detector('links', { kind: 'link', depth: 2 });
    const links = Array.from({ length: 100 }, (_, at) => ({ name: `l${at}`, type: '2', link: 'usr/lib' }));
    const read = async (limits: Partial<LayerLimits>, members: readonly Member[] = links): Promise<LayerContents> => {
      const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members)) };
      return (await readLayer(source, [...DETECTORS, LINKS], { limits })).contents;
    };

    it('are independent of the other limits', async () => {
      const contents = await read({ maxFilesAnywhere: 0, maxWantedFiles: 0, maxKeptCharacters: 100 });
      expect(contents.entries).toHaveLength(100);
      expect(contents.areLinksCut).toBeUndefined();
    });

    it('drop further links with a flag, and list them as members', async () => {
      const contents = await read({ maxFollowedCharacters: 1000 });
      const count = contents.entries.length;
      expect(contents.areLinksCut).toBe(true);
      expect(count).toBeGreaterThan(10);
      expect(count).toBeLessThan(30);
      expect(contents.entries.at(-1)?.path).toBe(`l${count - 1}`);
      expect(contents.others && [...pathsOf(contents.others)]).toHaveLength(100 - count);
    });

    it('count a replaced link once, and no link at a fixed path', async () => {
      const again = links.map((link) => ({ ...link, name: 'lib' }));
      const { entries, areLinksCut } = await read({ maxFollowedCharacters: 100 }, again);
      expect([entries.length, areLinksCut]).toEqual([1, undefined]);
      const fixed = [{ name: 'etc', type: '2', link: 'x'.repeat(90) }];
      const contents = await read({ maxFollowedCharacters: 10 }, fixed);
      expect([contents.entries.length, contents.areLinksCut]).toEqual([1, undefined]);
    });
  });

  it('count a replaced file once', async () => {
    const members = [...jars, ...jars, { name: 'a.jar/', type: '5' }, { name: 'd.jar', content: 'x' }];
    await expect(contentsOf(members, { limits: { maxFilesAnywhere: 3 } })).resolves.toMatchObject({
      entries: [{ path: 'b.jar' }, { path: 'c.jar' }, { path: 'd.jar' }],
    });
  });
});
