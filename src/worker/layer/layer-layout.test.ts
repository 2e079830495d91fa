import { describe, expect, it } from 'vitest';
import { digestOf } from '../../database/testing/packages.ts';
import type { TarEntry } from '../../bytes/tar/entry.ts';
import { contentsDigest, memberInImage } from './layer-layout.ts';

function file(path: string): TarEntry {
  return { kind: 'file', path, size: 1 };
}

function link(kind: 'symlink' | 'hardlink', path: string, target: string): TarEntry {
  return { kind, path, size: 0, target };
}

describe('a member of an ACI', () => {
  it.each<[string, TarEntry, TarEntry | null]>([
    ['below rootfs', file('rootfs/etc/os-release'), file('etc/os-release')],
    ['below a second rootfs', file('rootfs/rootfs/a'), file('rootfs/a')],
    ['not at the root of the archive', file('etc/os-release'), null],
    ['not as the manifest', file('manifest'), null],
    ['not as rootfs itself', { kind: 'directory', path: 'rootfs', size: 0 }, null],
    ['not below another name', file('rootfs2/etc/os-release'), null],
    [
      'as a symbolic link, whose target is a path in the image',
      link('symlink', 'rootfs/a', 'rootfs/b'),
      link('symlink', 'a', 'rootfs/b'),
    ],
    [
      'as a hard link, whose target is a path in the archive',
      link('hardlink', 'rootfs/a', 'rootfs/b'),
      link('hardlink', 'a', 'b'),
    ],
    ['as a hard link to something beside the image', link('hardlink', 'rootfs/a', 'b'), link('hardlink', 'a', '../b')],
  ])('%s', (_, member, expected) => {
    expect(memberInImage(member, 'aci')).toEqual(expected);
  });
});

it('leaves a member of a Docker layer unchanged', () => {
  expect(memberInImage(file('rootfs/a'), 'docker')).toEqual(file('rootfs/a'));
});

it('names contents by digest and layout', () => {
  expect(contentsDigest(digestOf('a'), 'docker')).toBe(digestOf('a'));
  const names = [digestOf('a'), digestOf('b')].flatMap((diffId) => [
    contentsDigest(diffId, 'docker'),
    contentsDigest(diffId, 'aci'),
  ]);
  expect(new Set(names).size).toBe(4);
});
