import { describe, expect, it } from 'vitest';
import type { LayerEntry } from '../layer-contents.ts';
import type { TreeLimits } from '../limits.ts';
import { emptyTree, type FileTree, layOver } from './file-tree.ts';
import { createRealPaths } from './real-paths.ts';
import type { Directory } from './tree-nodes.ts';

const file = (path: string): LayerEntry => ({ kind: 'file', path, facts: { diagnostics: [] } });
const link = (path: string, target: string): LayerEntry => ({ kind: 'symlink', path, target });

function treeOf(entries: readonly LayerEntry[], limits: Partial<TreeLimits> = {}): FileTree {
  return layOver(emptyTree(limits), { whiteouts: [], opaque: [], entries, outside: 0 });
}

function pathOf(directory: Directory, at: Directory, path = ''): string | undefined {
  if (directory === at) return path;
  for (const [name, child] of at.children) {
    const below = path === '' ? name : `${path}/${name}`;
    const found = child.kind === 'directory' ? pathOf(directory, child, below) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const TREE = treeOf([
  link('lib', 'usr/lib'),
  link('usr/lib64', 'lib'),
  link('opt', '/srv/opt'),
  link('round', 'round'),
  link('usr/lib/alias.jar', 'a.jar'),
  link('here', '.'),
  file('usr/lib/a.jar'),
  file('srv/opt/x/b.jar'),
  file('c.jar'),
]);

describe('the directory at a path', () => {
  it.each([
    ['', ''],
    ['usr/lib', 'usr/lib'],
    ['lib', 'usr/lib'],
    ['usr/lib64', 'usr/lib'],
    ['opt/x', 'srv/opt/x'],
    ['here/here/here', ''],
    ['here/opt/x', 'srv/opt/x'],
    ['usr/share', undefined],
    ['usr/lib/a.jar', undefined],
    ['round', undefined],
    ['round/x', undefined],
    ['lib/x/y', undefined],
  ])('maps %j to %j', (path, real) => {
    const directory = createRealPaths(TREE).directoryAt(path);
    expect(directory && pathOf(directory, TREE.root)).toBe(real);
  });
});

describe('the file at a path', () => {
  it.each([
    ['usr/lib/a.jar', 'usr/lib', 'a.jar'],
    ['lib/a.jar', 'usr/lib', 'a.jar'],
    ['lib/alias.jar', 'usr/lib', 'a.jar'],
    ['lib/a.jar/META-INF/lib/b.jar', 'usr/lib', 'a.jar'],
    ['lib/alias.jar/b.jar', 'usr/lib', 'a.jar'],
    ['opt/x/b.jar/c/d', 'srv/opt/x', 'b.jar'],
    ['c.jar', '', 'c.jar'],
    ['c.jar!/META-INF/MANIFEST.MF', '', 'c.jar'],
    ['lib/a.jar!/lib/b.jar!/META-INF/maven/g/a/pom.properties', 'usr/lib', 'a.jar'],
    ['here/lib/alias.jar', 'usr/lib', 'a.jar'],
  ])('maps %j to directory %j, name %j', (path, directory, name) => {
    const found = createRealPaths(TREE).fileAt(path);
    expect(found && [pathOf(found.directory, TREE.root), found.name]).toEqual([directory, name]);
  });

  it.each(['usr/lib', 'usr/lib/none', 'usr/none/a/b', 'round', ''])('is undefined at %j', (path) => {
    expect(createRealPaths(TREE).fileAt(path)).toBeUndefined();
  });
});

it('returns the same result for repeated paths', () => {
  const paths = createRealPaths(TREE);
  const asked = ['lib', 'opt/x', 'none/x', 'lib', 'opt/x', 'usr/lib64', 'none/x'].map(paths.directoryAt);
  const real = asked.map((directory) => directory && pathOf(directory, TREE.root));
  expect(real).toEqual(['usr/lib', 'srv/opt/x', undefined, 'usr/lib', 'srv/opt/x', 'usr/lib', undefined]);
});

describe('the steps of a look-up', () => {
  const deep = (name: string, segments: number): string => Array.from({ length: segments }, () => name).join('/');

  function stepsOf(entries: readonly LayerEntry[], look: (paths: ReturnType<typeof createRealPaths>) => void): number {
    const tree = treeOf(entries);
    const before = tree.steps.left;
    look(createRealPaths(tree));
    return before - tree.steps.left;
  }

  it('end at the first missing segment', () => {
    const paths = Array.from({ length: 50 }, (_, at) => `${deep('a', 2000)}/${at}`);
    expect(stepsOf([file('x')], ({ directoryAt }) => paths.forEach(directoryAt))).toBe(100);
  });

  it('end at a file, however long the rest of the path', () => {
    expect(stepsOf([file('usr/a.jar')], ({ fileAt }) => void fileAt(`usr/a.jar/${deep('x', 2000)}`))).toBe(3);
  });

  it('are one for a cached directory, found or not', () => {
    const entries = [file(`${deep('a', 1000)}/x`)];
    for (const path of [deep('a', 1000), `${deep('a', 999)}/b`]) {
      expect(stepsOf(entries, ({ directoryAt }) => void directoryAt(path))).toBe(1001);
      expect(stepsOf(entries, ({ directoryAt }) => [path, path, path].forEach(directoryAt))).toBe(1003);
    }
  });

  it('follow a link once, however many paths lead through it', () => {
    const paths = Array.from({ length: 100 }, (_, at) => `${deep('l', 20)}/${at}`);
    const steps = stepsOf([link('l', '.'), file('x')], ({ directoryAt }) => paths.forEach(directoryAt));
    expect(steps).toBe(100 * (1 + 20 + 1) + 2);
  });

  it('come from the tree; when no steps are left, nothing is found', () => {
    const tree = treeOf([file('usr/lib/x')], { maxSteps: 8 });
    const paths = createRealPaths(tree);
    expect(paths.directoryAt('usr/lib')).toBeDefined();
    expect(paths.isExhausted()).toBe(false);
    expect(paths.directoryAt('none/a')).toBeUndefined();
    expect(paths.isExhausted()).toBe(false);
    expect(paths.directoryAt('none/b/c')).toBeUndefined();
    expect(paths.directoryAt('usr/lib')).toBeUndefined();
    expect(paths.isExhausted()).toBe(true);
  });
});

it('finds nothing more once paths lead to too many directories', () => {
  const paths = createRealPaths(treeOf([file('usr/lib/x')], { maxListedDirectories: 2 }));
  expect(paths.directoryAt('usr/lib')).toBeDefined();
  expect(paths.directoryAt('none')).toBeUndefined();
  expect(paths.isExhausted()).toBe(false);
  paths.directoryAt('none/else');
  expect(paths.isExhausted()).toBe(true);
  expect(paths.directoryAt('usr/lib')).toBeUndefined();
});
