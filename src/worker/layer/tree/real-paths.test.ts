import { describe, expect, it } from 'vitest';
import type { LayerEntry } from '../layer-contents.ts';
import { emptyTree, layOver } from './file-tree.ts';
import { createRealPaths, type RealPaths } from './real-paths.ts';

const file = (path: string): LayerEntry => ({ kind: 'file', path, facts: { diagnostics: [] } });
const link = (path: string, target: string): LayerEntry => ({ kind: 'symlink', path, target });

function pathsIn(...entries: readonly LayerEntry[]): RealPaths {
  return createRealPaths(layOver(emptyTree(), { whiteouts: [], opaque: [], entries, outside: 0 }));
}

const TREE = [
  link('lib', 'usr/lib'),
  link('usr/lib64', 'lib'),
  link('opt', '/srv/opt'),
  link('round', 'round'),
  link('usr/lib/alias.jar', 'a.jar'),
  file('usr/lib/a.jar'),
  file('srv/opt/x/b.jar'),
];

describe('the real path of a directory', () => {
  it.each([
    ['', ''],
    ['usr/lib', 'usr/lib'],
    ['lib', 'usr/lib'],
    ['usr/lib64', 'usr/lib'],
    ['opt/x', 'srv/opt/x'],
    ['usr/share', undefined],
    ['usr/lib/a.jar', undefined],
    ['round', undefined],
    ['round/x', undefined],
    ['lib/x/y', undefined],
  ])('of %j is %j', (path, real) => {
    expect(pathsIn(...TREE).ofDirectory(path)).toBe(real);
  });
});

describe('the real path of a file', () => {
  it.each([
    ['usr/lib/a.jar', 'usr/lib/a.jar'],
    ['lib/a.jar', 'usr/lib/a.jar'],
    ['lib/alias.jar', 'usr/lib/a.jar'],
    ['lib/a.jar/META-INF/lib/b.jar', 'usr/lib/a.jar'],
    ['lib/alias.jar/b.jar', 'usr/lib/a.jar'],
    ['opt/x/b.jar/c/d', 'srv/opt/x/b.jar'],
    ['usr/lib', undefined],
    ['usr/lib/none', undefined],
    ['usr/none/a/b', undefined],
    ['round', undefined],
    ['', undefined],
  ])('of %j is %j', (path, real) => {
    expect(pathsIn(...TREE).ofFile(path)).toBe(real);
  });
});

it('is the same for the same path, asked again', () => {
  const paths = pathsIn(...TREE);
  const asked = ['lib', 'opt/x', 'lib', 'opt/x', 'usr/lib64'].map(paths.ofDirectory);
  expect(asked).toEqual(['usr/lib', 'srv/opt/x', 'usr/lib', 'srv/opt/x', 'usr/lib']);
});
