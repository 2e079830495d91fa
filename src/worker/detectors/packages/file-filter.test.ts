import { describe, expect, it } from 'vitest';
import { childrenEndingIn, childrenOf, exactPaths, type PathPattern } from '../path-pattern.ts';
import { fileFilterOf } from './file-filter.ts';

function wants(path: string, ...patterns: readonly PathPattern[]): boolean {
  const slash = path.lastIndexOf('/');
  return fileFilterOf(patterns)(path.slice(0, Math.max(slash, 0)), path.slice(slash + 1));
}

describe("a path in a package's list may be wanted", () => {
  const METADATA: PathPattern = { kind: 'basename', name: 'METADATA', parentSuffix: '.dist-info' };
  const JSON_FILE: PathPattern = { kind: 'basename', name: 'package.json' };
  const JAR: PathPattern = { kind: 'suffix', suffix: '.jar' };
  it.each<[string, boolean, PathPattern]>([
    ['usr/share/x/package.json', true, JSON_FILE],
    ['package.json', true, JSON_FILE],
    ['usr/share/x/package.jso', false, JSON_FILE],
    ['usr/package.json/x', false, JSON_FILE],
    ['usr/lib/python3/dist-packages/a-1.dist-info/METADATA', true, METADATA],
    ['usr/lib/python3/dist-packages/a-1.egg-info/METADATA', false, METADATA],
    ['usr/share/java/a.jar', true, JAR],
    ['usr/share/java/a.jar.txt', false, JAR],
    // Directories of a listed path may be links, such as lib to usr/lib.
    ['lib/os-release', true, exactPaths('usr/lib/os-release')[0] ?? JAR],
    ['usr/lib/os-release.d', false, exactPaths('usr/lib/os-release')[0] ?? JAR],
    ['bin/x', true, childrenOf('usr/bin')[0] ?? JAR],
    ['usr/bin/x/y', false, childrenOf('usr/bin')[0] ?? JAR],
    ['opt/plugins/x.jar', true, childrenEndingIn('.jar', 'srv/plugins')],
    ['opt/plugins/x.txt', false, childrenEndingIn('.jar', 'srv/plugins')],
  ])('%s: %j', (path, isWanted, pattern) => {
    expect(wants(path, pattern)).toBe(isWanted);
  });

  it('if any pattern matches', () => {
    expect(wants('a/x.jar', JSON_FILE, METADATA, JAR)).toBe(true);
    expect(wants('a/METADATA', JSON_FILE, JAR)).toBe(false);
    expect(wants('a/x.jar')).toBe(false);
  });
});

describe('a path may be an executable', () => {
  it.each<[string, boolean]>([
    ['usr/bin/x', true],
    ['usr/sbin/mkfs.ext4', true],
    ['usr/libexec/docker/cli-plugins/docker-buildx', true],
    ['opt/tool/bin/tool.real', true],
    ['usr/lib/x86_64-linux-gnu/libssl.so.3', true],
    ['usr/lib/x/plugin.so', true],
    ['usr/share/dotnet/x.dll', true],
    ['usr/lib/x/python3.13', true],
    ['usr/lib/x/program', true],
    ['usr/lib/xorg/Xorg.wrap', true],
    ['usr/lib/x/x.cgi', true],
    ['usr/lib/x/firmware.bin', true],
    ['usr/bin/x.py', true],
    ['usr/lib/python3/x.py', false],
    ['usr/share/doc/x/changelog.gz', false],
    ['usr/share/man/man1/x.1.gz', false],
    ['usr/include/x.h', false],
  ])('%s: %j', (path, isWanted) => {
    expect(wants(path, { kind: 'executable' })).toBe(isWanted);
  });
});
