import { describe, expect, it } from 'vitest';
import { emptyTree, type FileTree, isExhausted, layOver, listDirectory, lookUp, visitFiles } from './file-tree.ts';
import type { LayerEntry, LayerContents } from '../layer-contents.ts';

function layer(parts: Partial<LayerContents>): LayerContents {
  return { whiteouts: [], opaque: [], entries: [], outside: 0, ...parts };
}

function file(path: string, word = path): LayerEntry {
  return { kind: 'file', path, facts: { release: { word }, diagnostics: [] } };
}

const dir = (path: string): LayerEntry => ({ kind: 'directory', path });
const link = (path: string, target: string): LayerEntry => ({ kind: 'symlink', path, target });
const device = (path: string): LayerEntry => ({ kind: 'other', path });

function treeOf(...layers: readonly Partial<LayerContents>[]): FileTree {
  return layers.reduce((tree, parts) => layOver(tree, layer(parts)), emptyTree());
}

/** Returns the word in the file at a path, or the kind of another node. */
function seen(tree: FileTree, path: string): string | undefined {
  const found = lookUp(tree, path);
  return found.kind === 'file' ? found.facts?.release?.['word'] : found.kind;
}

const STATUS = 'var/lib/dpkg/status';
const base = { entries: [dir('var'), dir('var/lib'), dir('var/lib/dpkg'), file(STATUS, 'base')] };

describe('applying a layer', () => {
  it.each<[string, Partial<LayerContents>, string]>([
    ['keeps what the layer does not mention', {}, 'base'],
    ['replaces a file by a file', { entries: [file(STATUS, 'upper')] }, 'upper'],
    ['uses the later of two entries', { entries: [file(STATUS, 'first'), file(STATUS, 'second')] }, 'second'],
    ['removes by whiteout', { whiteouts: [STATUS] }, 'missing'],
    ['removes by a whiteout far above', { whiteouts: ['var'] }, 'missing'],
    ['hides by an opaque directory', { opaque: ['var/lib/dpkg'] }, 'missing'],
    ['hides by an opaque directory far above', { opaque: ['var'] }, 'missing'],
    ['hides everything by an opaque root', { opaque: [''] }, 'missing'],
    ['ignores a whiteout elsewhere', { whiteouts: ['var/lib/dpkg/status-old', 'etc'] }, 'base'],
    ['keeps a file of the layer beside its whiteout', { whiteouts: [STATUS], entries: [file(STATUS, 'new')] }, 'new'],
    ['keeps a file of the layer in its opaque directory', { opaque: ['var'], entries: [file(STATUS, 'new')] }, 'new'],
    ['merges a directory into a directory', { entries: [dir('var/lib/dpkg')] }, 'base'],
    ['removes the tree below a file', { entries: [device('var/lib')] }, 'missing'],
    ['removes the tree below a link', { entries: [link('var/lib', '/nowhere')] }, 'unresolved'],
    ['puts a directory in place of a file', { entries: [dir(STATUS)] }, 'directory'],
    ['makes missing directories', { opaque: ['var'], entries: [file(STATUS, 'new')] }, 'new'],
  ])('%s', (_, upper, expected) => {
    expect(seen(treeOf(base, upper), STATUS)).toBe(expected);
  });

  it.each<[string, Partial<LayerContents>]>([
    ['a whiteout', { whiteouts: [STATUS] }],
    ['an opaque directory', { opaque: ['var/lib'] }],
    ['an opaque root', { opaque: [''] }],
    ['another file', { entries: [file(STATUS, 'upper')] }],
    ['a link above', { entries: [link('var', '/elsewhere')] }],
  ])('does not modify the tree below: %s', (_, upper) => {
    const below = treeOf(base);
    const before = structuredClone(below);
    expect(seen(layOver(below, layer(upper)), STATUS)).not.toBe('base');
    expect(below).toEqual(before);
    expect(seen(below, STATUS)).toBe('base');
  });

  it('shares untouched nodes, and the whole tree when it touches nothing', () => {
    const below = treeOf(base, { entries: [dir('etc'), file('etc/os-release')] });
    const above = layOver(below, layer({ entries: [file('etc/os-release', 'new')] }));
    expect(above.root.children.get('var')).toBe(below.root.children.get('var'));
    expect(above.root.children.get('etc')).not.toBe(below.root.children.get('etc'));
    expect(layOver(below, layer({ outside: 1 })).root).toBe(below.root);
  });
});

describe('other members of a layer replace', () => {
  function others(...paths: readonly string[]): Partial<LayerContents> {
    return { others: { shared: paths.map(() => 0), rests: paths } };
  }

  it.each<[string, readonly string[], string]>([
    ['a file', [STATUS], 'missing'],
    ['a file by a directory', [`${STATUS}/`], 'missing'],
    ['a file by what lies below', [`${STATUS}/a/b`], 'missing'],
    ['a directory by a file', ['var/lib'], 'missing'],
    ['no directory by a directory', ['var/lib/', 'var/lib/dpkg/'], 'base'],
    ['nothing by its neighbours', ['var/lib/dpkg/statu', 'var/lib/dpkg/status2', 'etc/a', 'a'], 'base'],
  ])('%s', (_, paths, expected) => {
    expect(seen(treeOf(base, others(...paths)), STATUS)).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['a file', 'lib/dpkg/status', 'missing'],
    ['a file by a directory', 'lib/dpkg/status/', 'missing'],
    ['no directory by a directory', 'lib/dpkg/', 'base'],
    ['a directory by a file', 'lib/dpkg', 'missing'],
    ['nothing next to it', 'lib/x/status', 'base'],
    ['not the target of a link that it replaces', 'lib', 'base'],
  ])('%s through links', (_, path, expected) => {
    const tree = treeOf(base, { entries: [link('lib', 'var/lib')] }, others('lib/dpkg/other', path));
    expect(seen(tree, STATUS)).toBe(expected);
  });

  it('nothing that the layer itself puts there', () => {
    const upper = { ...others('var', `${STATUS}/`), entries: [file(STATUS, 'new')] };
    expect(seen(treeOf(base, upper), STATUS)).toBe('new');
  });

  it('the target of a hard link, so that the link does not share the file of a lower layer', () => {
    const hard: LayerEntry = { kind: 'hardlink', path: 'etc/os-release', target: STATUS };
    expect(seen(treeOf(base, { entries: [hard] }), 'etc/os-release')).toBe('base');
    expect(seen(treeOf(base, { ...others(STATUS), entries: [hard] }), 'etc/os-release')).toBe('unresolved');
  });

  it('nothing in an unaffected tree, which stays the same', () => {
    const below = treeOf(base);
    expect(layOver(below, layer(others('var/lib/', 'var/lib/dpkg/other', 'usr/a'))).root).toBe(below.root);
  });
});

describe('long paths', () => {
  it('cost time linear in their length, with and without existing directories', () => {
    const deep = 'a/'.repeat(30_000);
    const entries = [file(`${deep}x`, 'x'), file(`${deep}y`, 'y')];
    // Looking up each directory from the root would exceed any limit of steps.
    const tree = layOver(emptyTree({ maxSteps: 1 }), layer({ entries, whiteouts: [`${deep}z`], opaque: [`${deep}w`] }));
    const found: string[] = [];
    visitFiles(tree, (path) => found.push(path.slice(-3)));
    expect(found).toEqual(['a/x', 'a/y']);
  });
});

describe('looking up a path', () => {
  it.each<[string, LayerEntry[], string]>([
    [
      'follows a relative link',
      [link('etc/os-release', '../usr/lib/os-release'), file('usr/lib/os-release', 'x')],
      'x',
    ],
    ['follows an absolute link', [link('etc/os-release', '/usr/lib/os-release'), file('usr/lib/os-release', 'x')], 'x'],
    ['stays inside the root', [link('etc/os-release', '../../../../usr/x'), file('usr/x', 'x')], 'x'],
    ['follows links of directories', [link('etc', 'usr/etc'), file('usr/etc/os-release', 'x')], 'x'],
    ['follows links to links', [link('etc/os-release', 'a'), link('etc/a', './b'), file('etc/b', 'x')], 'x'],
    ['reports a dangling link', [link('etc/os-release', '/run/nothing')], 'unresolved'],
    ['reports a link to itself', [link('etc/os-release', 'os-release')], 'unresolved'],
    ['reports a dangling directory link', [link('etc', '/usr/etc')], 'unresolved'],
    [
      'reports a dangling link behind a valid link',
      [dir('usr/x'), link('x', 'usr/x'), link('etc/os-release', '../x/nothing')],
      'unresolved',
    ],
    ['finds nothing below a valid link', [dir('usr/etc'), link('etc', 'usr/etc')], 'missing'],
    ['reports a loop of links', [link('etc/os-release', 'a'), link('etc/a', 'os-release')], 'unresolved'],
    ['reports a directory', [dir('etc/os-release')], 'directory'],
    ['finds nothing below a file', [file('etc')], 'missing'],
  ])('%s', (_, entries, expected) => {
    expect(seen(treeOf({ entries }), 'etc/os-release')).toBe(expected);
  });

  it("puts an entry below a link at the link's target", () => {
    const tree = treeOf({ entries: [dir('usr/lib'), link('lib', 'usr/lib')] }, { entries: [file('lib/x', 'x')] });
    expect(seen(tree, 'usr/lib/x')).toBe('x');
  });

  it("applies a whiteout below a link at the link's target", () => {
    const tree = treeOf({ entries: [file('usr/lib/x'), link('lib', 'usr/lib')] }, { whiteouts: ['lib/x'] });
    expect(seen(tree, 'usr/lib/x')).toBe('missing');
  });

  it('lists a directory through links, in order', () => {
    const tree = treeOf({ entries: [file('usr/d/b'), file('usr/d/a'), link('d', 'usr/d')] });
    expect(listDirectory(tree, 'd')).toEqual(['d/a', 'd/b']);
    expect(listDirectory(tree, 'none')).toEqual([]);
  });
});

describe('the limits of a tree', () => {
  const { size } = treeOf(base, { entries: [link('lib', 'var/lib')] }).root;

  it.each<[string, Partial<LayerContents>]>([
    ['replaced files', { entries: [file(STATUS, 'other'), file(STATUS, 'base')] }],
    ['removed files that come back', { whiteouts: ['lib'], entries: [link('lib', 'var/lib')] }],
    ['a hidden directory that comes back', { opaque: ['var'], entries: base.entries.slice(1) }],
    ['all that is hidden and comes back', { opaque: [''], entries: [...base.entries, link('lib', 'var/lib')] }],
  ])('count present nodes once: %s', (_, upper) => {
    expect(treeOf(base, { entries: [link('lib', 'var/lib')] }, upper).root.size).toEqual(size);
  });

  it.each<[string, object, string]>([
    ['entries', { maxEntries: 4 }, 'detectors need more than 4 files, directories and links of the image'],
    ['characters', { maxCharacters: 500 }, 'the data that detectors need from the image exceeds 500 characters'],
    ['steps', { maxSteps: 3 }, 'following the links of a layer takes more than 3 steps'],
  ])('reject a layer with too many %s', (_, limits, message) => {
    const more = [file('etc/os-release', 'x'.repeat(200)), link('lib', 'var/lib'), file('lib/x')];
    const lay = (): FileTree => layOver(emptyTree(limits), layer({ entries: [...base.entries, ...more] }));
    expect(lay).toThrow(expect.objectContaining({ code: 'bytes/limit-exceeded', message }));
  });

  it('end a look-up through too many links, and all look-ups after too many steps', () => {
    const entries = [link('etc/long', '../etc/'.repeat(300)), link('etc/os-release', 'x'), file('etc/x', 'x')];
    const limited = layOver(emptyTree({ maxLookupSteps: 500, maxSteps: 2000 }), layer({ entries }));
    expect(lookUp(limited, 'etc/long')).toMatchObject({ kind: 'unresolved', link: 'etc/long' });
    expect(seen(limited, 'etc/os-release')).toBe('x');
    expect(isExhausted(limited)).toBe(false);
    for (let look = 0; look < 4; look += 1) lookUp(limited, 'etc/long');
    expect(isExhausted(limited)).toBe(true);
    expect(seen(limited, 'etc/os-release')).toBe('unresolved');
    // A layer above starts with new steps.
    expect(seen(layOver(limited, layer({})), 'etc/os-release')).toBe('x');
  });

  it('stop a chain of links with long targets at the steps of one look-up', () => {
    const target = '../etc/'.repeat(9000);
    const links = Array.from({ length: 38 }, (_, at) => link(`etc/c${at}`, `${target}c${at + 1}`));
    const tree = treeOf({ entries: [...links, link('etc/os-release', 'c0')] });
    const { left } = tree.steps;
    expect(seen(tree, 'etc/os-release')).toBe('unresolved');
    expect(left - tree.steps.left).toBeLessThanOrEqual(4097);
  });
});
