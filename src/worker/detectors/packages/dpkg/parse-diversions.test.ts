import { describe, expect, it } from 'vitest';
import type { Diversion, FileFilter } from '../owned-paths.ts';
import { divertedPath, parseDiversions } from './parse-diversions.ts';

const FILE = 'var/lib/dpkg/diversions';
const PG_CONFIG = '/usr/bin/pg_config\n/usr/bin/pg_config.libpq-dev\npostgresql-common\n';
const LOADER = '/lib64/ld-linux-x86-64.so.2\n/lib64/ld-linux-x86-64.so.2.usr-is-merged\nlibc6\n';
const LOCAL = '/usr/bin/a\n/usr/bin/a.distrib\n:\n';

function read(text: string, wants: FileFilter = () => true): ReturnType<typeof parseDiversions> {
  return parseDiversions(FILE, Buffer.from(text), wants);
}

describe('diversions', () => {
  it('have the original path, the diverted path and the package, or null for the administrator', () => {
    expect(read(PG_CONFIG + LOCAL)).toEqual({
      diversions: [
        { from: 'usr/bin/pg_config', to: 'usr/bin/pg_config.libpq-dev', by: 'postgresql-common' },
        { from: 'usr/bin/a', to: 'usr/bin/a.distrib', by: null },
      ],
      diagnostics: [],
    });
  });

  it.each<[string, (directory: string, basename: string) => boolean, readonly string[]]>([
    ['both paths', (directory) => directory === 'usr/bin', ['usr/bin/pg_config', 'usr/bin/a']],
    ['the path in the package', (_, basename) => basename === 'pg_config', ['usr/bin/pg_config']],
    ['the diverted path', (_, basename) => basename === 'a.distrib', ['usr/bin/a']],
  ])('are kept when detectors read %s', (_, wants, kept) => {
    expect(read(PG_CONFIG + LOADER + LOCAL, wants).diversions.map(({ from }) => from)).toEqual(kept);
  });

  it('may be absent', () => {
    expect(read('')).toEqual({ diversions: [], diagnostics: [] });
  });

  it('may lack the last line end', () => {
    expect(read(LOCAL.slice(0, -1)).diversions).toHaveLength(1);
  });

  it.each<[string, string, string]>([
    ['ends early', '/usr/bin/x\n/usr/bin/y\n', 'the last diversion has fewer than three lines'],
    ['has a path that leads out of the root', '/usr/../x\n/y\nz\n', 'a path has a segment that is empty, `.` or `..`'],
    [
      'diverts to a path that leads out of the root',
      '/x\n/../y\nz\n',
      'a path has a segment that is empty, `.` or `..`',
    ],
    ['diverts the root', '/\n/y\nz\n', 'a path has a segment that is empty, `.` or `..`'],
    ['has control characters', '/x\n/y\u001b\nz\n', 'a path has control characters'],
    ['has no package', '/x\n/y\n-z\n', 'a diversion has no valid package name'],
    ['has a package name that is too long', `/x\n/y\n${'z'.repeat(1025)}\n`, 'a diversion has no valid package name'],
    ['diverts the same path', '/usr/bin/a\n/y\nz\n', 'a path is in two diversions'],
    ['diverts to the same path', '/x\n/usr/bin/a.distrib\nz\n', 'a path is in two diversions'],
    ['diverts the target of another diversion', '/usr/bin/a.distrib\n/y\nz\n', 'a path is in two diversions'],
  ])('skip an entry that %s', (_, text, why) => {
    expect(read(LOCAL + text)).toEqual({
      diversions: [{ from: 'usr/bin/a', to: 'usr/bin/a.distrib', by: null }],
      diagnostics: [{ code: 'file-list-unreadable', message: `1 entry was skipped: ${why}`, where: `${FILE}:4` }],
    });
  });
});

describe('the place of a file', () => {
  const diversions = new Map(
    read(PG_CONFIG + LOCAL).diversions.map((each): readonly [string, Diversion] => [each.from, each]),
  );

  it.each([
    ['usr/bin/pg_config', 'libpq-dev', 'usr/bin/pg_config.libpq-dev'],
    ['usr/bin/pg_config', 'postgresql-common', 'usr/bin/pg_config'],
    ['usr/bin/a', 'any', 'usr/bin/a.distrib'],
    ['usr/bin/b', 'any', 'usr/bin/b'],
    ['usr/bin/a.distrib', 'any', 'usr/bin/a.distrib'],
  ])('%s of %s is %s', (path, owner, place) => {
    expect(divertedPath(path, owner, diversions)).toBe(place);
  });
});
