import { describe, expect, it } from 'vitest';
import type { FileFilter, FileOwnership } from '../owned-paths.ts';
import { readApkFileLists } from './read-file-lists.ts';

const INSTALLED = 'lib/apk/db/installed';

const MUSL = `C:Q1x=
P:musl
V:1.2.5-r0
A:x86_64
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1a=
R:libc.musl-x86_64.so.1
a:0:0:777
Z:Q1b=

`;
const TOOL = `P:tool
V:1-r0
F:
R:root.jar
F:usr
F:usr/bin
M:0:0:755
R:tool
F:usr/share/tool
R:tool.jar

`;

function read(text: string, wants: FileFilter = () => true): FileOwnership {
  return readApkFileLists(INSTALLED, Buffer.from(text), wants);
}

describe('package files', () => {
  it('are listed for each record with their directories', () => {
    expect(read(MUSL + TOOL)).toEqual({
      owned: [
        {
          owner: { type: 'apk', name: 'musl', version: '1.2.5-r0', arch: 'x86_64' },
          paths: ['lib/ld-musl-x86_64.so.1', 'lib/libc.musl-x86_64.so.1'],
        },
        {
          owner: { type: 'apk', name: 'tool', version: '1-r0' },
          paths: ['root.jar', 'usr/bin/tool', 'usr/share/tool/tool.jar'],
        },
      ],
      diagnostics: [],
    });
  });

  it('are kept if wanted', () => {
    const wants = (directory: string, basename: string): boolean =>
      directory === 'usr/bin' || basename.endsWith('.jar');
    expect(read(MUSL + TOOL, wants).owned).toEqual([
      {
        owner: { type: 'apk', name: 'tool', version: '1-r0' },
        paths: ['root.jar', 'usr/bin/tool', 'usr/share/tool/tool.jar'],
      },
    ]);
  });

  it.each<[string, string]>([
    ['CRLF', (MUSL + TOOL).replaceAll('\n', '\r\n')],
    ['no blank line after the last record', (MUSL + TOOL).slice(0, -1)],
    ['no end of the last line', (MUSL + TOOL).slice(0, -2)],
    ['a line of one character between records', (MUSL + TOOL).replace('\n\n', '\nx\n')],
    ['a byte order mark', `\uFEFF${MUSL}${TOOL}`],
  ])('are read with %s', (_, text) => {
    expect(read(text)).toEqual(read(MUSL + TOOL));
  });

  it('do not inherit the directory of the previous record', () => {
    expect(read(`${MUSL}P:b\nR:x\n\n`)).toEqual({
      owned: read(MUSL).owned,
      diagnostics: [
        {
          code: 'file-list-unreadable',
          message: '1 entry was skipped: a file is listed before its directory',
          where: `${INSTALLED}:14`,
        },
      ],
    });
  });

  it('are read from records longer than a piece of text', () => {
    const files = Array.from({ length: 3000 }, (_, index) => `R:${'x'.repeat(100)}${index}\n`).join('');
    const { owned, diagnostics } = read(`P:a\nF:d\n${files}\n${MUSL}`, (_, basename) => !basename.startsWith('x'));
    expect(diagnostics).toEqual([]);
    expect(owned).toEqual(read(MUSL).owned);
    const last = read(`P:a\nF:d\n${files}`, (_, basename) => basename.endsWith('2999')).owned;
    expect(last).toEqual([{ owner: { type: 'apk', name: 'a' }, paths: [`d/${'x'.repeat(100)}2999`] }]);
  });
});

describe('a broken record', () => {
  it.each<[string, string, string, number]>([
    ['no name', 'F:d\nR:x\n\n', 'an entry has files, but no name', 15],
    ['an empty name', 'P:\nF:d\nR:x\n\n', 'an entry has files, but no name', 16],
    [
      'a long name',
      `P:${'x'.repeat(1025)}\nF:d\nR:x\n\n`,
      'the name, version or architecture of an entry is longer than 1024 characters',
      16,
    ],
    [
      'a directory that leads out of the root',
      'P:b\nF:../d\nR:x\n\n',
      'a path has a segment that is empty, `.` or `..`',
      15,
    ],
    ['a file that leads out of the root', 'P:b\nF:d\nR:..\n\n', 'a path has a segment that is empty, `.` or `..`', 15],
    ['a file with a slash', 'P:b\nF:d\nR:e/x\n\n', 'a file name contains a slash', 15],
    ['control characters', 'P:b\nF:d\nR:x\0\n\n', 'a path has control characters', 15],
    [
      'a directory that is too long',
      `P:b\nF:${'d'.repeat(4096)}\nR:x\n\n`,
      'a path is longer than 4095 characters',
      15,
    ],
  ])('with %s loses its file and causes a diagnostic', (_, text, why, line) => {
    const { owned, diagnostics } = read(`${MUSL}${text}P:c\nF:e\nR:y\n`);
    expect(owned).toEqual([...read(MUSL).owned, { owner: { type: 'apk', name: 'c' }, paths: ['e/y'] }]);
    expect(diagnostics).toEqual([
      { code: 'file-list-unreadable', message: `1 entry was skipped: ${why}`, where: `${INSTALLED}:${line}` },
    ]);
  });

  it('with two names belongs to the first', () => {
    expect(read('P:a\nA:x\nP:b\nA:y\nF:d\nR:x\n').owned).toEqual([
      { owner: { type: 'apk', name: 'a', arch: 'x' }, paths: ['d/x'] },
    ]);
  });

  it.each(['', '\n\n', 'V:1\n\n', 'M:0:0:755\nZ:x\n\n'])('%j without files causes no diagnostic', (text) => {
    expect(read(text)).toEqual({ owned: [], diagnostics: [] });
  });
});
