import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../test/fixtures/run-count.ts';
import type { SeenState, WatchedFile } from '../../model/advisories/watched-file.ts';
import type { LayerContents, LayerEntry } from '../layer/layer-contents.ts';
import { emptyTree, layOver, trace } from '../layer/tree/file-tree.ts';
import { LAYER_LIMITS } from '../layer/limits.ts';
import { ancestorsOf, parentOf } from '../layer/patterns/pattern-index.ts';
import { type FileSight, initialSight, nextSight } from './file-sight.ts';
import { digestOfContent, layerOf, type MadeUpLayer } from './testing/layer-members.ts';

const sha = (content: string): string => digestOfContent(content);

const EVIL = sha('evil');

/** Returns the states of files at the top of layers; computes the states again when links lead to additional paths. */
function statesOf(layers: readonly LayerContents[], paths: readonly string[]): Record<string, SeenState> {
  const initial = initialSight(paths.map((name): WatchedFile => ({ name, state: 'present' })));
  let { relevant } = initial;
  for (let pass = 0; ; pass += 1) {
    const top = laidOver({ ...initial, relevant }, layers, pass > 40);
    if ('tree' in top) return Object.fromEntries(top.states);
    relevant = top;
  }
}

function laidOver(start: FileSight, layers: readonly LayerContents[], isLast: boolean): ReturnType<typeof nextSight> {
  let sight = start;
  for (const layer of layers) {
    const next = nextSight(sight, layer, isLast);
    if (!('tree' in next)) return next;
    sight = next;
  }
  return sight;
}

describe('the state of a file', () => {
  it.each<[what: string, layers: readonly MadeUpLayer[], path: string, state: SeenState]>([
    ['in no layer', [{}], 'a/b', 'absent'],
    ['in a layer', [{ members: ['a/', 'a/b'] }], 'a/b', 'present'],
    ['without members for its directories', [{ members: ['a/b'] }], 'a/b', 'present'],
    ['that is a directory', [{ members: ['a/b/'] }], 'a/b', 'present'],
    ['that is a directory without a member', [{ members: ['a/b/c'] }], 'a/b', 'present'],
    ['that detectors read', [{ files: ['a/b'] }], 'a/b', 'present'],
    ['that is a dangling link', [{ links: { 'a/b': 'none' } }], 'a/b', 'present'],
    ['behind a prefix of its name', [{ members: ['a/bc', 'ab'] }], 'a/b', 'absent'],
    ['in a lower layer', [{ members: ['a/b'] }, { members: ['a/', 'a/c'] }], 'a/b', 'present'],
    ['that a layer removes', [{ members: ['a/b'] }, { whiteouts: ['a/b'] }], 'a/b', 'absent'],
    ['in a removed directory', [{ members: ['a/b/c'] }, { whiteouts: ['a'] }], 'a/b/c', 'absent'],
    ['in a directory that replaces its content', [{ members: ['a/b'] }, { opaque: ['a'] }], 'a/b', 'absent'],
    [
      'removed and added in one layer',
      [{ members: ['a/b'] }, { whiteouts: ['a/b'], members: ['a/b'] }],
      'a/b',
      'present',
    ],
    ['removed and added later', [{ members: ['a/b'] }, { whiteouts: ['a'] }, { members: ['a/b'] }], 'a/b', 'present'],
    ['whose directory a file replaces', [{ members: ['a/b'] }, { files: ['a'] }], 'a/b', 'absent'],
    [
      'whose directory something of unknown kind replaces',
      [{ members: ['a/b'] }, { members: ['a'] }],
      'a/b',
      'unknown',
    ],
    ['deep below something of unknown kind', [{ members: ['a/b'] }], 'a/b/c/d', 'unknown'],
    ['through a link of its layer', [{ links: { bin: 'usr/bin' }, members: ['usr/bin/x'] }], 'bin/x', 'present'],
    ['missing behind a link', [{ links: { bin: 'usr/bin' }, members: ['usr/bin/y'] }], 'bin/x', 'absent'],
    ['through an absolute link', [{ links: { 'var/run': '/run' }, members: ['run/x'] }], 'var/run/x', 'present'],
    ['through two links', [{ links: { a: 'b', b: 'c' }, members: ['c/x'] }], 'a/x', 'present'],
    ['through a loop of links', [{ links: { a: 'b', b: 'a' } }], 'a/x', 'unknown'],
    ['through a link of a higher layer', [{ members: ['v2/x'] }, { links: { now: 'v2' } }], 'now/x', 'present'],
    [
      'through a link that a higher layer changes',
      [{ members: ['v1/x', 'v2/y'], links: { now: 'v1' } }, { links: { now: 'v2' } }],
      'now/x',
      'absent',
    ],
    [
      'that a layer lists under a link of a lower layer',
      [{ links: { bin: 'usr/bin' }, members: ['usr/bin/'] }, { members: ['bin/x'] }],
      'usr/bin/x',
      'present',
    ],
    [
      'that a layer removes under a link of a lower layer',
      [{ links: { bin: 'usr/bin' }, members: ['usr/bin/x'] }, { whiteouts: ['bin/x'] }],
      'usr/bin/x',
      'absent',
    ],
    ['in a layer of which only some members were read', [{ isPartial: true }], 'a/b', 'unknown'],
    ['read in such a layer', [{ isPartial: true, files: ['a/b'] }], 'a/b', 'present'],
    ['in an unreadable layer', [{ absent: 'gone' }], 'a/b', 'unknown'],
    ['above an unreadable layer', [{ absent: 'gone' }, { members: ['a/c'] }], 'a/b', 'unknown'],
    ['added above an unreadable layer', [{ absent: 'gone' }, { members: ['a/b'] }], 'a/b', 'present'],
    ['below an unreadable layer', [{ members: ['a/b'] }, { absent: 'gone' }], 'a/b', 'present'],
    ['removed above an unreadable layer', [{ absent: 'gone' }, { whiteouts: ['a'] }], 'a/b', 'absent'],
  ])('%s', (_, layers, path, state) => {
    expect(statesOf(layers.map(layerOf), [path])).toEqual({ [path]: state });
  });

  it.each<[what: string, layers: readonly MadeUpLayer[], name: string, state: SeenState]>([
    ['with a content, in no layer', [{ contents: {} }], EVIL, 'absent'],
    ['with a content', [{ contents: { a: 'evil' } }], EVIL, 'present'],
    ['with another content', [{ contents: { a: 'good' } }], EVIL, 'absent'],
    ['with a content, deep in a directory', [{ contents: { 'x/y/z': 'evil' } }], EVIL, 'present'],
    ['with a content, in a lower layer', [{ contents: { a: 'evil' } }, { contents: { b: '' } }], EVIL, 'present'],
    ['with a content, removed above', [{ contents: { 'x/a': 'evil' } }, { whiteouts: ['x'] }], EVIL, 'absent'],
    ['with a content, replaced above', [{ contents: { a: 'evil' } }, { contents: { a: 'good' } }], EVIL, 'absent'],
    [
      'with a content, replaced above in a layer without digests',
      [{ contents: { a: 'evil' } }, { members: ['a'] }],
      EVIL,
      'unhashed',
    ],
    [
      'with a content, moved above',
      [{ contents: { a: 'evil' } }, { whiteouts: ['a'], contents: { b: 'evil' } }],
      EVIL,
      'present',
    ],
    [
      'with a content, of which one of two is removed',
      [{ contents: { a: 'evil', b: 'evil' } }, { whiteouts: ['a'] }],
      EVIL,
      'present',
    ],
    [
      'with a content, listed through a link and removed at its real path',
      [
        { links: { bin: 'usr/bin' }, members: ['usr/bin/'], contents: {} },
        { contents: { 'bin/x': 'evil' } },
        { whiteouts: ['usr/bin/x'] },
      ],
      EVIL,
      'absent',
    ],
    ['with a content, that detectors read', [{ files: ['a'], contents: { b: '' } }], sha('a'), 'present'],
    ['with a content, in a layer without digests', [{ members: ['a'] }], EVIL, 'unhashed'],
    [
      'with a content, above a layer without digests',
      [{ members: ['a'] }, { contents: { b: 'evil' } }],
      EVIL,
      'present',
    ],
    [
      'with a content, in layers that hide one without digests',
      [{ members: ['a'] }, { opaque: [''], contents: { b: '' } }],
      EVIL,
      'absent',
    ],
    [
      'with a content, in a layer of directories without digests',
      [{ members: ['a/'] }, { contents: { b: '' } }],
      EVIL,
      'absent',
    ],
    ['with a content, in an unreadable layer', [{ absent: 'gone' }, { contents: { b: '' } }], EVIL, 'unknown'],
    ['with a content at a path', [{ contents: { a: 'evil', b: 'evil' } }], `a ${EVIL}`, 'present'],
    ['with a content at another path', [{ contents: { b: 'evil' } }], `a ${EVIL}`, 'absent'],
    ['with another content at a path', [{ contents: { a: 'good' } }], `a ${EVIL}`, 'absent'],
    ['at a path without digests', [{ members: ['a'] }], `a ${EVIL}`, 'unhashed'],
    [
      'at a path without digests, replaced above',
      [{ members: ['a'] }, { contents: { a: 'evil' } }],
      `a ${EVIL}`,
      'present',
    ],
    ['without a path, in a layer without digests', [{ members: ['b'] }], `a ${EVIL}`, 'absent'],
    ['with a content at a link', [{ links: { a: 'x/b' }, contents: { 'x/b': 'evil' } }], `a ${EVIL}`, 'present'],
    ['with another content at a link', [{ links: { a: 'x/b' }, contents: { 'x/b': 'good' } }], `a ${EVIL}`, 'absent'],
    [
      'with a content behind a directory link',
      [{ links: { d: 'x' }, contents: { 'x/b': 'evil' } }],
      `d/b ${EVIL}`,
      'present',
    ],
    ['changed at a path', [{ contents: { a: 'good' } }], `a not ${EVIL}`, 'present'],
    ['unchanged at a path', [{ contents: { a: 'evil' } }], `a not ${EVIL}`, 'absent'],
    ['changed at a missing path', [{ contents: { b: 'good' } }], `a not ${EVIL}`, 'absent'],
    ['changed at a path in a layer without digests', [{ members: ['a'] }], `a not ${EVIL}`, 'unhashed'],
    ['with a content at a pattern', [{ contents: { 'x/a.sh': 'evil' } }], `x/*.sh ${EVIL}`, 'present'],
    ['with a content beside a pattern', [{ contents: { 'y/a.sh': 'evil' } }], `x/*.sh ${EVIL}`, 'absent'],
    ['at a pattern', [{ members: ['x/y/a.sh'] }], 'x/*.sh', 'present'],
    ['at no pattern', [{ members: ['x/y/a.sh.gz'] }], 'x/*.sh', 'absent'],
    ['at a pattern, a directory without a member', [{ members: ['x/y/a'] }], '*/y', 'present'],
    ['at a pattern, in the root directory', [{ files: ['a.sh'] }], '*.sh', 'present'],
    [
      'at a pattern, through a link',
      [{ links: { x: 'y' }, members: ['y/'] }, { members: ['x/a.sh'] }],
      'y/*.sh',
      'present',
    ],
    ['at a pattern, removed above', [{ members: ['x/a.sh'] }, { whiteouts: ['x/a.sh'] }], 'x/*.sh', 'absent'],
    [
      'at a pattern, removed and added',
      [{ members: ['x/a.sh'] }, { whiteouts: ['x'], members: ['x/b.sh'] }],
      'x/*.sh',
      'present',
    ],
    ['at a pattern, in an unreadable layer', [{ absent: 'gone' }], '*.sh', 'unknown'],
  ])('%s', (_, layers, name, state) => {
    expect(statesOf(layers.map(layerOf), [name])).toEqual({ [name]: state });
  });

  it('at a pattern with more places than are kept is unknown when the kept places are gone', () => {
    const members = Array.from({ length: 101 }, (_, at) => `x/${at}.sh`);
    const [first, second] = [layerOf({ members }), layerOf({ whiteouts: members.slice(0, 100) })];
    expect(statesOf([first], ['x/*.sh'])).toEqual({ 'x/*.sh': 'present' });
    expect(statesOf([first, second], ['x/*.sh'])).toEqual({ 'x/*.sh': 'unknown' });
  });

  it('with a content equals the state in a list of all files', () => {
    const contents = fc.dictionary(PATHS, fc.constantFrom('evil', 'good'), { maxKeys: 3 });
    const layer = fc.record({ contents, whiteouts: fc.array(PATHS, { maxLength: 2 }) });
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1, maxLength: 5 }), (layers) => {
        fc.pre(
          layers.every((each) =>
            Object.keys(each.contents).every((path) => !ancestorsOf(path).some((above) => above in each.contents)),
          ),
        );
        let files: Readonly<Record<string, string>> = {};
        for (const each of layers) {
          const gone = (path: string): boolean =>
            [path, ...ancestorsOf(path)].some((one) => each.whiteouts.includes(one)) ||
            Object.keys(each.contents).some(
              (added) => ancestorsOf(path).includes(added) || ancestorsOf(added).includes(path),
            );
          files = { ...Object.fromEntries(Object.entries(files).filter(([path]) => !gone(path))), ...each.contents };
        }
        const found = Object.entries(files)
          .filter(([, content]) => content === 'evil')
          .map(([path]) => path);
        const stateOf = (is: boolean): SeenState => (is ? 'present' : 'absent');
        const expected = {
          [EVIL]: stateOf(found.length > 0),
          [`a/b ${EVIL}`]: stateOf(found.includes('a/b')),
          [`a/b not ${EVIL}`]: stateOf(files['a/b'] === 'good'),
          [`a/* ${EVIL}`]: stateOf(found.some((path) => path.startsWith('a/'))),
        };
        expect(statesOf(layers.map(layerOf), Object.keys(expected))).toEqual(expected);
      }),
      { numRuns: runCount(10_000, 120) },
    );
  });

  it('is unknown after a layer with more members than its list holds', () => {
    const rests = ['x'.repeat(LAYER_LIMITS.maxOtherCharacters - 1000)];
    const cut = { ...layerOf({}), others: { shared: [0], rests } };
    expect(statesOf([cut, layerOf({ members: ['b'] })], ['a', 'b'])).toEqual({ a: 'unknown', b: 'present' });
  });

  it('is unknown behind more links than a walk follows, and takes bounded time', () => {
    const links = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`l${at}`, `l${at + 1}`]));
    expect(statesOf([layerOf({ links, members: ['l2000/x'] })], ['l0/x'])).toEqual({ 'l0/x': 'unknown' });
  });

  it('equals the state in a tree of all members', () => {
    fc.assert(
      fc.property(
        fc.array(LAYERS, { minLength: 1, maxLength: 4 }),
        fc.uniqueArray(PATHS, { minLength: 1 }),
        (made, paths) => {
          const layers = made.map(layerOf);
          let whole = emptyTree();
          for (const layer of layers) {
            const listed = withAllMembers(layer);
            const isThroughDeadLink = listed.entries.some(({ path }) => leadsThroughDeadLink(whole, path));
            // The place of a member below a replaced directory depends on the order in which the layer is unpacked.
            const isThroughReplaced = replacesDirectory(whole, listed) && leadsThroughLink(whole, listed);
            fc.pre(!isThroughReplaced);
            whole = layOver(whole, listed);
            // No unpacked image has members below dangling links, and the relevant paths do not show whether the target
            // of a link exists.
            fc.pre(!isThroughDeadLink && !listed.entries.some(({ path }) => leadsThroughDeadLink(whole, path)));
          }
          const expected = paths.map((path) => [path, stateIn(whole, path)]);
          expect(statesOf(layers, paths)).toEqual(Object.fromEntries(expected));
        },
      ),
      { numRuns: runCount(20_000, 160) },
    );
  });
});

const NAMES = fc.constantFrom('a', 'b', 'c');
const PATHS = fc.array(NAMES, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const LINKS = fc.array(NAMES, { minLength: 1, maxLength: 2 }).map((names) => names.join('/'));
const LAYERS = fc
  .record({
    members: fc.array(
      fc.tuple(PATHS, fc.boolean()).map(([path, isDirectory]) => (isDirectory ? `${path}/` : path)),
      {
        maxLength: 4,
      },
    ),
    files: fc.array(PATHS, { maxLength: 1 }),
    links: fc.dictionary(LINKS, PATHS, { maxKeys: 1 }),
    whiteouts: fc.array(PATHS, { maxLength: 1 }),
    opaque: fc.array(PATHS, { maxLength: 1 }),
  })
  .map(consistent);

/**
 * Removes members so that, as in an archive of a file system, there is one member at a path and none below a link of
 * the layer.
 */
function consistent({
  members,
  files,
  links,
  ...hidden
}: Required<Omit<MadeUpLayer, 'absent' | 'isPartial' | 'contents'>>): MadeUpLayer {
  const isFree = (path: string): boolean => [path, ...ancestorsOf(path)].every((each) => links[each] === undefined);
  const freeFiles = files.filter(isFree);
  const listed = members.filter((member) => {
    const path = member.replace(/[/]$/, '');
    return isFree(path) && !freeFiles.some((file) => file === path || ancestorsOf(path).includes(file));
  });
  return { members: listed, files: freeFiles, links, ...hidden };
}

function withAllMembers({ others, ...layer }: LayerContents): LayerContents {
  const listed = others === undefined ? [] : membersOf(others);
  return { ...layer, entries: [...listed, ...layer.entries] };
}

function membersOf({ shared, rests }: NonNullable<LayerContents['others']>): readonly LayerEntry[] {
  let last = '';
  return rests.map((rest, at) => {
    last = last.slice(0, shared[at]) + rest;
    return last.endsWith('/') ? { kind: 'directory', path: last.slice(0, -1) } : { kind: 'other', path: last };
  });
}

function leadsThroughDeadLink(tree: ReturnType<typeof emptyTree>, path: string): boolean {
  return ancestorsOf(path).some((above) => {
    const { node, hasLinks } = trace(tree, above);
    return hasLinks && node?.kind !== 'directory';
  });
}

/** Returns whether a link of the layer replaces a directory of the layers below. */
function replacesDirectory(below: ReturnType<typeof emptyTree>, { entries }: LayerContents): boolean {
  return entries.some(({ kind, path }) => kind === 'symlink' && trace(below, path).node?.kind === 'directory');
}

/** Returns whether a member of the layer has a path through a link of the layers below. */
function leadsThroughLink(below: ReturnType<typeof emptyTree>, { entries }: LayerContents): boolean {
  return entries.some(({ path }) => ancestorsOf(path).some((above) => trace(below, above).hasLinks));
}

function stateIn(tree: ReturnType<typeof emptyTree>, path: string): SeenState {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const { node, path: at } = trace(tree, parentOf(path));
  if (node?.kind === 'directory') return node.children.has(name) ? 'present' : 'absent';
  const end = node ?? trace(tree, parentOf(at)).node;
  return end?.kind === 'other' || end?.kind === 'symlink' ? 'unknown' : 'absent';
}
