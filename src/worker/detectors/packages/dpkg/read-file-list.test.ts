import { describe, expect, it } from 'vitest';
import type { FileOwnership } from '../owned-paths.ts';
import { readDpkgFileList } from './read-file-list.ts';

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';
const INFO = 'var/lib/dpkg/info';

function read(path: string, text: string, wants: (directory: string, basename: string) => boolean): FileOwnership {
  return readDpkgFileList(path, Buffer.from(text), wants);
}

function pathsOf({ owned, diagnostics }: FileOwnership): readonly string[] {
  expect(diagnostics).toEqual([]);
  return owned.flatMap(({ paths }) => paths);
}

describe('a list', () => {
  const text = '/.\n/usr\n/usr/bin\n/usr/bin/a\n/usr/share\n/usr/share/doc\n/usr/share/doc/a\n/usr/share/doc/a/a.jar\n';

  it('returns the wanted files, relative to the root', () => {
    const wants = (directory: string, basename: string): boolean =>
      directory === 'usr/bin' || basename.endsWith('.jar');
    expect(pathsOf(read(`${INFO}/a.list`, text, wants))).toEqual(['usr/bin/a', 'usr/share/doc/a/a.jar']);
  });

  it('passes directory and name of each entry to the filter', () => {
    const asked: string[] = [];
    read(`${INFO}/a.list`, text, (directory, basename) => {
      asked.push(`${directory}|${basename}`);
      return false;
    });
    expect(asked).toEqual([
      '|usr',
      'usr|bin',
      'usr/bin|a',
      'usr|share',
      'usr/share|doc',
      'usr/share/doc|a',
      'usr/share/doc/a|a.jar',
    ]);
  });

  it.each<[string, string, readonly string[]]>([
    ['nothing', '', []],
    ['the root', '/.\n', []],
    ['the root as a slash', '/\n', []],
    ['no end of the last line', '/a\n/b', ['a', 'b']],
    ['a slash after a directory', '/usr/\n/usr/lib/\n', ['usr', 'usr/lib']],
    ['no slash before a path', 'usr/a\n./usr/b\nc\n/d\n', ['usr/a', 'usr/b', 'c', 'd']],
    ['slashes and dots before a path', './/./usr/a\n//b\n/./c', ['usr/a', 'b', 'c']],
    ['only slashes and dots', '/./\n.\n./\n//\n/.', []],
    ['names with dots, blanks and colons', '/.x/..y/z.\n/a b\n/c:d\n', ['.x/..y/z.', 'a b', 'c:d']],
    ['non-ASCII names', '/Főtanúsítvány.crt\n/\u{1F600}\n', ['Főtanúsítvány.crt', '\u{1F600}']],
  ])('with %s is read', (_, written, paths) => {
    expect(pathsOf(read(`${INFO}/a.list`, written, () => true))).toEqual(paths);
  });

  it('decodes invalid UTF-8 as the archive reader does', () => {
    const bytes = Buffer.concat([Buffer.from('/caf'), Buffer.from([0xe9]), Buffer.from('\n')]);
    expect(pathsOf(readDpkgFileList(`${INFO}/a.list`, bytes, () => true))).toEqual(['caf\uFFFD']);
  });

  it('longer than a piece of text is read as a whole', () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `/${'x'.repeat(100)}/${index}\n`);
    const { owned, diagnostics } = read(`${INFO}/a.list`, lines.join(''), (_, basename) => basename.endsWith('999'));
    expect(diagnostics).toEqual([]);
    expect(owned[0]?.paths.map((path) => path.slice(101))).toEqual(['999', '1999', '2999', '3999', '4999']);
  });

  it('skips broken lines and reports the first', () => {
    expect(read(`${INFO}/a.list`, '/a\n\n/../b\n/c\n\n/d\0\n', () => true)).toEqual({
      owned: [{ owner: { type: 'deb', name: 'a' }, paths: ['a', 'c'] }],
      diagnostics: [
        { code: 'file-list-unreadable', message: '2 entries were skipped: a line is empty', where: `${INFO}/a.list:2` },
        {
          code: 'file-list-unreadable',
          message: '1 entry was skipped: a path has a segment that is empty, `.` or `..`',
          where: `${INFO}/a.list:3`,
        },
        {
          code: 'file-list-unreadable',
          message: '1 entry was skipped: a path has control characters',
          where: `${INFO}/a.list:6`,
        },
      ],
    });
  });
});

describe('digests', () => {
  it.each<[string, string, readonly string[]]>([
    ['two blanks', `${MD5}  usr/bin/a\n${MD5}  b\n`, ['usr/bin/a', 'b']],
    ['an asterisk', `${MD5} *usr/bin/a\n`, ['usr/bin/a']],
    ['a dot before the path', `${MD5}  ./usr/bin/a\n`, ['usr/bin/a']],
    ['a slash before the path', `${MD5}  /usr/bin/a\n`, ['usr/bin/a']],
    ['blanks in the path', `${MD5}  a  b\n`, ['a  b']],
    ['no end of the last line', `${MD5}  a`, ['a']],
    ['nothing', '', []],
  ])('with %s are read', (_, text, paths) => {
    expect(pathsOf(read(`${INFO}/a.md5sums`, text, () => true))).toEqual(paths);
  });

  it.each([
    ['a path alone', '/usr/bin/a'],
    ['one blank', `${MD5} usr/bin/a`],
    ['a digest that is too long', `${MD5}00  usr/bin/a`],
    ['no path', `${MD5}  `],
    ['an empty line', ''],
  ])('skips %s', (_, line) => {
    expect(read(`${INFO}/a.md5sums`, `${MD5}  x\n${line}\n${MD5}  y\n`, () => true)).toEqual({
      owned: [{ owner: { type: 'deb', name: 'a' }, paths: ['x', 'y'] }],
      diagnostics: [
        {
          code: 'file-list-unreadable',
          message: '1 entry was skipped: a line is not an MD5 digest, two blanks and a path',
          where: `${INFO}/a.md5sums:2`,
        },
      ],
    });
  });
});

describe('the owner', () => {
  it.each([
    [`${INFO}/libc6.list`, { type: 'deb', name: 'libc6' }],
    [`${INFO}/libc6:amd64.list`, { type: 'deb', name: 'libc6', arch: 'amd64' }],
    [`${INFO}/libstdc++6:kfreebsd-i386.md5sums`, { type: 'deb', name: 'libstdc++6', arch: 'kfreebsd-i386' }],
    [`${INFO}/libsigc++-2.0-0v5.list`, { type: 'deb', name: 'libsigc++-2.0-0v5' }],
    [`${INFO}/Vendor_Tool.list`, { type: 'deb', name: 'Vendor_Tool' }],
    ['var/lib/dpkg/status.d/base-files.md5sums', { type: 'deb', name: 'base-files' }],
    ['var/lib/dpkg/status.d/YmFzZS1maWxlcw==.md5sums', { type: 'deb', name: 'base-files' }],
    ['var/lib/dpkg/status.d/bGliZXhwYXQx.md5sums', { type: 'deb', name: 'libexpat1' }],
    ['var/lib/dpkg/status.d/abcd.md5sums', { type: 'deb', name: 'abcd' }],
    ['var/lib/dpkg/status.d/Abcd.md5sums', { type: 'deb', name: 'Abcd' }],
  ])('of %s is derived from the name', (path, owner) => {
    const text = path.endsWith('.list') ? '/x\n' : `${MD5}  x\n`;
    expect(read(path, text, () => true)).toEqual({ owned: [{ owner, paths: ['x'] }], diagnostics: [] });
  });

  it.each([
    `${INFO}/-a.list`,
    `${INFO}/a b.list`,
    `${INFO}/a:AMD64.list`,
    `${INFO}/a:.list`,
    `${INFO}/a:b:c.list`,
    `${INFO}/\u001b.list`,
    `${INFO}/${'x'.repeat(1025)}.list`,
  ])('of %j is unknown', (path) => {
    const message = '1 entry was skipped: the file name is not a package name';
    expect(read(path, '/x\n', () => true)).toEqual({
      owned: [],
      diagnostics: [{ code: 'file-list-unreadable', message, where: `${path}:1` }],
    });
  });

  it.each(['a.postinst', 'a.conffiles', 'format', 'list', '.list'])('is not read from %s', (name) => {
    expect(read(`${INFO}/${name}`, '/x\n', () => true)).toEqual({ owned: [], diagnostics: [] });
  });
});
