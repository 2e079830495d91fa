import { describe, expect, it } from 'vitest';
import { createOwnedPaths, type FileOwner, type FileOwnership, MAX_PATH_LENGTH, plainPath } from './owned-paths.ts';

const LIST = 'var/lib/list';
const OWNER: FileOwner = { type: 'deb', name: 'a', arch: 'amd64' };

describe('plainPath', () => {
  it.each([
    ['/usr/bin', 'usr/bin'],
    ['usr/bin/', 'usr/bin'],
    ['/usr/bin/', 'usr/bin'],
    ['./usr/bin', 'usr/bin'],
    ['.//./usr//bin/./', 'usr/bin'],
    ['usr/bin/.', 'usr/bin'],
    ['usr/.hidden/x.', 'usr/.hidden/x.'],
    ['usr./bin', 'usr./bin'],
    ['usr/../bin', 'usr/../bin'],
    ['/', ''],
    ['/.', ''],
    ['///', ''],
    ['', ''],
  ])('normalises %j to %j', (written, plain) => {
    expect(plainPath(written)).toBe(plain);
  });
});

function collectedOf(basenames: readonly string[], directory = 'd'): FileOwnership {
  const files = createOwnedPaths(LIST, () => true);
  for (const [index, basename] of basenames.entries()) files.add(directory, basename, index + 1);
  files.endPackage(OWNER);
  return files.collected();
}

describe('a collection', () => {
  it('has the wanted paths of each package, and no package without paths', () => {
    const files = createOwnedPaths(LIST, (directory, basename) => directory === 'lib' || basename === 'x.jar');
    files.add('lib', 'a.so', 1);
    files.add('bin', 'a', 2);
    files.add('', 'x.jar', 3);
    files.endPackage(OWNER);
    files.add('bin', 'b', 4);
    files.endPackage({ type: 'deb', name: 'b' });
    files.add('opt/c', 'x.jar', 5);
    files.endPackage({ type: 'deb', name: 'c' });
    expect(files.collected()).toEqual({
      owned: [
        { owner: OWNER, paths: ['lib/a.so', 'x.jar'] },
        { owner: { type: 'deb', name: 'c' }, paths: ['opt/c/x.jar'] },
      ],
      diagnostics: [],
    });
  });

  it('drops the paths of a package without an owner', () => {
    const files = createOwnedPaths(LIST, () => true);
    files.add('d', 'x', 1);
    files.endPackage(undefined);
    files.add('d', 'y', 2);
    files.endPackage(OWNER);
    expect(files.collected().owned).toEqual([{ owner: OWNER, paths: ['d/y'] }]);
  });

  it.each<[string, string, string, string]>([
    ['a parent', 'usr/../etc', 'x', 'a path has a segment that is empty, `.` or `..`'],
    ['a parent at the start', '../etc', 'x', 'a path has a segment that is empty, `.` or `..`'],
    ['a parent as the file', 'd', '..', 'a path has a segment that is empty, `.` or `..`'],
    ['the directory itself as the file', 'd', '.', 'a path has a segment that is empty, `.` or `..`'],
    ['no file', 'd', '', 'a path has a segment that is empty, `.` or `..`'],
    ['an empty segment', 'd//e', 'x', 'a path has a segment that is empty, `.` or `..`'],
    ['a slash in the name of the file', 'd', 'e/x', 'a file name contains a slash'],
    ['NUL', 'd', 'x\0y', 'a path has control characters'],
    ['a line feed in the directory', 'd\ne', 'x', 'a path has control characters'],
    ['an escape sequence', 'd', '\u001b[31mx', 'a path has control characters'],
    ['a C1 control character', 'd', 'x\u009b', 'a path has control characters'],
  ])('skips a path with %s', (_, directory, basename, why) => {
    expect(collectedOf([basename, 'good'], directory)).toEqual({
      owned: directory === 'd' ? [{ owner: OWNER, paths: ['d/good'] }] : [],
      diagnostics: [
        {
          code: 'file-list-unreadable',
          message: `${directory === 'd' ? '1 entry was' : '2 entries were'} skipped: ${why}`,
          where: `${LIST}:1`,
        },
      ],
    });
  });

  it('ignores a broken path that is not wanted', () => {
    const files = createOwnedPaths(LIST, () => false);
    files.add('..', 'x\n', 1);
    files.endPackage(OWNER);
    expect(files.collected()).toEqual({ owned: [], diagnostics: [] });
  });

  it('counts equal faults in one diagnostic at the first entry', () => {
    expect(collectedOf(['good', '..', 'x\0', '..', '..']).diagnostics).toEqual([
      {
        code: 'file-list-unreadable',
        message: '3 entries were skipped: a path has a segment that is empty, `.` or `..`',
        where: `${LIST}:2`,
      },
      {
        code: 'file-list-unreadable',
        message: '1 entry was skipped: a path has control characters',
        where: `${LIST}:3`,
      },
    ]);
  });
});

describe('limits', () => {
  it(`accept a path of ${MAX_PATH_LENGTH} characters, and skip longer paths before the filter`, () => {
    const asked: number[] = [];
    const files = createOwnedPaths(LIST, (directory, basename) => {
      asked.push(directory.length + basename.length + 1);
      return true;
    });
    const longest = 'x'.repeat(MAX_PATH_LENGTH - 2);
    files.add('d', longest, 1);
    files.add('d', `${longest}x`, 2);
    files.endPackage(OWNER);
    expect(asked).toEqual([MAX_PATH_LENGTH]);
    expect(files.collected()).toEqual({
      owned: [{ owner: OWNER, paths: [`d/${longest}`] }],
      diagnostics: [
        {
          code: 'file-list-unreadable',
          message: '1 entry was skipped: a path is longer than 4095 characters',
          where: `${LIST}:2`,
        },
      ],
    });
  });
});
