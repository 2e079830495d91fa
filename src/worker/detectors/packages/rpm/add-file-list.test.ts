import { describe, expect, it } from 'vitest';
import { ClairError } from '../../../../errors.ts';
import { createOwnedPaths, type FileFilter, type FileOwner, type FileOwnership } from '../owned-paths.ts';
import { addFileList, MAX_LISTED_FILES, MAX_NAMES_BYTES } from './add-file-list.ts';
import { openHeader } from './parse-header.ts';
import { fileTags, numbersTag, type RpmTag, rpmHeaderOf, textsTag, textTag } from './testing/rpm-header.ts';

const DATABASE = 'var/lib/rpm/rpmdb.sqlite';
const NAMED: readonly RpmTag[] = [textTag(1000, 'a'), textTag(1001, '1'), textTag(1002, '1')];
const OWNER: FileOwner = { type: 'rpm', name: 'a', arch: 'x86_64' };

function read(
  tags: readonly RpmTag[],
  { wants = () => true, last = [] }: { readonly wants?: FileFilter; readonly last?: readonly RpmTag[] } = {},
): FileOwnership {
  const files = createOwnedPaths(DATABASE, wants);
  addFileList(openHeader(rpmHeaderOf([...NAMED, ...tags], last)), { owner: OWNER, number: 7 }, files);
  return files.collected();
}

const LISTED = ['/usr/bin/tool', '/usr/share/tool/tool.jar', '/usr/bin/other', '/etc'];

/** Creates the tag with the file states, with 8 bits for each state. */
function statesTag(states: readonly number[], type = 1): RpmTag {
  return { tag: 1029, type, count: states.length, bytes: Uint8Array.from(states) };
}

describe('package files', () => {
  it.each<[string, readonly RpmTag[]]>([
    ['directories and base names', fileTags(LISTED)],
    ['whole paths, as before rpm 4', [textsTag(1027, LISTED)]],
  ])('are read from %s', (_, tags) => {
    expect(read(tags)).toEqual({
      owned: [{ owner: OWNER, paths: ['usr/bin/tool', 'usr/share/tool/tool.jar', 'usr/bin/other', 'etc'] }],
      diagnostics: [],
    });
    const wants: FileFilter = (directory, basename) => directory === 'usr/share/tool' && basename === 'tool.jar';
    expect(read(tags, { wants }).owned).toEqual([{ owner: OWNER, paths: ['usr/share/tool/tool.jar'] }]);
  });

  it.each<[string, readonly RpmTag[]]>([
    ['a package without files', []],
    ['the root', fileTags(['/'])],
    ['the root in old headers', [textsTag(1027, ['/'])]],
  ])('are empty for %s', (_, tags) => {
    expect(read(tags)).toEqual({ owned: [], diagnostics: [] });
  });

  it.each([1, 2])('exclude files that are not installed, by states of type %i', (type) => {
    const names = ['normal', 'replaced', 'not-installed', 'net-shared', 'wrong-color', 'missing'].map((x) => `/d/${x}`);
    const states = statesTag([0, 1, 2, 3, 4, 0xff], type);
    for (const tags of [fileTags(names), [textsTag(1027, names)]]) {
      expect(read([...tags, states]).owned).toEqual([{ owner: OWNER, paths: ['d/normal', 'd/net-shared'] }]);
    }
  });

  it.each<[string, RpmTag]>([
    ['too few', statesTag([1])],
    ['cut off', { ...statesTag([1, 1, 1, 1]), bytes: Uint8Array.of(1) }],
    ['of another type', { ...statesTag([1, 1, 1, 1]), type: 7 }],
  ])('are all kept with states that are %s', (_, states) => {
    expect(read(fileTags(LISTED), { last: [states] }).owned[0]?.paths).toHaveLength(4);
  });

  it('may have non-ASCII names', () => {
    expect(read(fileTags(['/Főtanúsítvány/ő.jar'])).owned[0]?.paths).toEqual(['Főtanúsítvány/ő.jar']);
  });
});

describe('a damaged list', () => {
  const baseNames = textsTag(1117, ['x', 'y']);
  const dirNames = textsTag(1118, ['/d/']);
  const dirIndexes = numbersTag(1116, [0, 0]);

  const LONG_NAMES = { ...baseNames, bytes: Buffer.concat([Buffer.alloc(MAX_NAMES_BYTES, 'x'), Buffer.from('\0y\0')]) };

  it('returns the files when intact', () => {
    expect(read([baseNames, dirNames, dirIndexes])).toEqual({
      owned: [{ owner: OWNER, paths: ['d/x', 'd/y'] }],
      diagnostics: [],
    });
  });

  it.each<[string, readonly RpmTag[]]>([
    ['no directories', [baseNames, dirIndexes]],
    ['no indexes', [baseNames, dirNames]],
    ['too few indexes', [baseNames, dirNames, numbersTag(1116, [0])]],
    ['indexes of another type', [baseNames, dirNames, { ...dirIndexes, type: 3 }]],
    ['base names that are one text', [{ ...baseNames, type: 6 }, dirNames, dirIndexes]],
    ['no base names', [{ ...baseNames, count: 0 }, dirNames, { ...dirIndexes, count: 0 }]],
    ['old names of another type', [{ ...textsTag(1027, ['/d/x']), type: 6 }]],
    ['names of too many bytes', [LONG_NAMES, dirNames, dirIndexes]],
  ])('with %s loses all files of the package', (_, tags) => {
    expect(read(tags)).toEqual({
      owned: [],
      diagnostics: [
        {
          code: 'file-list-unreadable',
          message: '1 entry was skipped: the file list of a package is damaged, or its names exceed 33554432 bytes',
          where: `${DATABASE}:7`,
        },
      ],
    });
  });

  it.each<[string, readonly RpmTag[], RpmTag]>([
    ['indexes', [baseNames, dirNames], { ...dirIndexes, bytes: dirIndexes.bytes.subarray(0, 4) }],
    ['base names', [dirNames, numbersTag(1116, Array(9).fill(0))], { ...baseNames, count: 9 }],
    ['old names', [], { ...textsTag(1027, ['/d/x']), count: 9 }],
    ['directories', [baseNames, dirIndexes], { ...dirNames, count: 9 }],
  ])('with %s beyond the data loses all files of the package', (_, tags, last) => {
    const { owned, diagnostics } = read(tags, { last: [last] });
    expect(owned).toEqual([]);
    expect(diagnostics.map(({ where }) => where)).toEqual([`${DATABASE}:7`]);
  });

  it.each<[string, readonly RpmTag[], string]>([
    [
      'an index of no directory',
      [baseNames, dirNames, numbersTag(1116, [0, 1])],
      'is damaged, or its names exceed 33554432 bytes',
    ],
    [
      'a directory that leads out of the root',
      [baseNames, textsTag(1118, ['/d/', '/../']), numbersTag(1116, [0, 1])],
      'segment that is empty, `.` or `..`',
    ],
    [
      'a name that leads out of the root',
      [textsTag(1117, ['x', '..']), dirNames, dirIndexes],
      'segment that is empty, `.` or `..`',
    ],
    ['a name with a slash', [textsTag(1117, ['x', 'y/z']), dirNames, dirIndexes], 'a file name contains a slash'],
    ['control characters', [textsTag(1117, ['x', 'y\n']), dirNames, dirIndexes], 'a path has control characters'],
    [
      'an old name that leads out of the root',
      [textsTag(1027, ['/d/x', '/d/../y'])],
      'segment that is empty, `.` or `..`',
    ],
  ])('with %s loses that file', (_, tags, why) => {
    const { owned, diagnostics } = read(tags);
    expect(owned).toEqual([{ owner: OWNER, paths: ['d/x'] }]);
    expect(diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining(why)]);
  });

  it(`with more than ${MAX_LISTED_FILES} files is skipped`, () => {
    const count = MAX_LISTED_FILES + 1;
    const many: RpmTag = { tag: 1117, type: 8, count, bytes: Buffer.alloc(2 * count, 'x\0') };
    const indexes: RpmTag = { tag: 1116, type: 4, count, bytes: Buffer.alloc(4 * count) };
    const { owned, diagnostics } = read([many, dirNames, indexes]);
    expect(owned).toEqual([]);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      '1 entry was skipped: a package lists more than 500000 files',
    ]);
  });
});

function filesOf(header: Uint8Array): number | undefined {
  const files = createOwnedPaths(DATABASE, () => true);
  try {
    addFileList(openHeader(header), { owner: OWNER, number: 1 }, files);
  } catch (error) {
    if (error instanceof ClairError) return undefined;
    throw error;
  }
  return files.collected().owned.reduce((sum, { paths }) => sum + paths.length, 0);
}

it('a header with any byte changed is rejected or yields no more files than it has', () => {
  const header = rpmHeaderOf([...NAMED, ...fileTags(LISTED), statesTag([0, 0, 0, 0])]);
  const counts = Array.from(header.keys()).flatMap((at) =>
    [0, 0x7f, 0xff].map((value) => filesOf(Buffer.from(header).fill(value, at, at + 1))),
  );
  expect(counts.filter((count = 0) => count > LISTED.length)).toEqual([]);
  expect(new Set(counts)).toContain(undefined);
});
