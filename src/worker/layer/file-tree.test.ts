import { describe, expect, it } from 'vitest';
import { applyLayer, copyTree, emptyTree, type FileTree, listDirectory, lookUp } from './file-tree.ts';
import type { LayerEntry, LayerFindings } from './layer-findings.ts';

function layer(parts: Partial<LayerFindings>): LayerFindings {
  return { whiteouts: [], opaque: [], entries: [], outside: 0, ...parts };
}

/** A file that can be told apart by a word. */
function file(path: string, word = path): LayerEntry {
  return { kind: 'file', path, findings: { release: { word }, problems: [] } };
}

const dir = (path: string): LayerEntry => ({ kind: 'directory', path });
const link = (path: string, target: string): LayerEntry => ({ kind: 'symlink', path, target });
const device = (path: string): LayerEntry => ({ kind: 'other', path });

function treeOf(...layers: readonly Partial<LayerFindings>[]): FileTree {
  const tree = emptyTree();
  for (const parts of layers) applyLayer(tree, layer(parts));
  return tree;
}

/** The word of the file at a path, or the kind of what stands there instead. */
function seen(tree: FileTree, path: string): string | undefined {
  const found = lookUp(tree, path);
  return found.kind === 'file' ? found.findings.release?.['word'] : found.kind;
}

const STATUS = 'var/lib/dpkg/status';
const base = { entries: [dir('var'), dir('var/lib'), dir('var/lib/dpkg'), file(STATUS, 'base')] };

describe('laying a layer over the ones below', () => {
  it.each<[string, Partial<LayerFindings>, string]>([
    ['keeps what the layer does not mention', {}, 'base'],
    ['replaces a file by a file', { entries: [file(STATUS, 'upper')] }, 'upper'],
    ['lets the later of two entries count', { entries: [file(STATUS, 'first'), file(STATUS, 'second')] }, 'second'],
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

  it('leaves a copied tree alone', () => {
    const original = treeOf(base);
    const copy = copyTree(original);
    applyLayer(copy, layer({ whiteouts: [STATUS] }));
    expect([seen(original, STATUS), seen(copy, STATUS)]).toEqual(['base', 'missing']);
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
    ['tells of a link to nothing', [link('etc/os-release', '/run/nothing')], 'unresolved'],
    ['tells of a link to itself', [link('etc/os-release', 'os-release')], 'unresolved'],
    ['tells of a directory that is a link to nothing', [link('etc', '/usr/etc')], 'unresolved'],
    [
      'tells of a link to nothing through a link that leads somewhere',
      [dir('usr/x'), link('x', 'usr/x'), link('etc/os-release', '../x/nothing')],
      'unresolved',
    ],
    ['finds nothing below a link that leads somewhere', [dir('usr/etc'), link('etc', 'usr/etc')], 'missing'],
    ['tells of links in circles', [link('etc/os-release', 'a'), link('etc/a', 'os-release')], 'unresolved'],
    ['tells of a directory', [dir('etc/os-release')], 'directory'],
    ['finds nothing below a file', [file('etc')], 'missing'],
  ])('%s', (_, entries, expected) => {
    expect(seen(treeOf({ entries }), 'etc/os-release')).toBe(expected);
  });

  it('puts an entry below a link where the link leads', () => {
    const tree = treeOf({ entries: [dir('usr/lib'), link('lib', 'usr/lib')] }, { entries: [file('lib/x', 'x')] });
    expect(seen(tree, 'usr/lib/x')).toBe('x');
  });

  it('applies a whiteout below a link where the link leads', () => {
    const tree = treeOf({ entries: [file('usr/lib/x'), link('lib', 'usr/lib')] }, { whiteouts: ['lib/x'] });
    expect(seen(tree, 'usr/lib/x')).toBe('missing');
  });

  it('lists a directory through links, in order', () => {
    const tree = treeOf({ entries: [file('usr/d/b'), file('usr/d/a'), link('d', 'usr/d')] });
    expect(listDirectory(tree, 'd')).toEqual(['d/a', 'd/b']);
    expect(listDirectory(tree, 'none')).toEqual([]);
  });
});
