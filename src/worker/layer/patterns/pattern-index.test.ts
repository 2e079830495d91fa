import { describe, expect, it } from 'vitest';
import type { Detector } from '../../detectors/detector.ts';
import { childrenEndingIn, childrenOf, exactPaths, type PathPattern } from '../../detectors/path-pattern.ts';
import {
  ancestorsOf,
  detectorsOfName,
  detectorsOfPath,
  fixedRole,
  indexPatterns,
  isFollowedLink,
} from './pattern-index.ts';

function detector(id: string, ...wants: readonly PathPattern[]): Detector {
  return { id, kind: 'features', version: 1, wants, read: () => ({ diagnostics: [] }) };
}

describe('the role of a fixed path', () => {
  const exact = detector('exact', ...exactPaths('a/b/c', 'a/b'));
  const directory = detector('directory', ...childrenOf('a/d', ''));
  const both = detector('both', ...exactPaths('a/d/e'), ...childrenOf('a/d'));
  const anywhere = detector('anywhere', { kind: 'basename', name: 'c' });
  const index = indexPatterns([exact, directory, both, anywhere]);

  it.each<[string, { detectors: readonly Detector[]; above: boolean } | null]>([
    ['a/b/c', { detectors: [exact], above: false }],
    ['a/b', { detectors: [exact], above: true }],
    ['a', { detectors: [directory], above: true }],
    ['top', { detectors: [directory], above: false }],
    ['a/d', { detectors: [], above: true }],
    ['a/d/x', { detectors: [directory, both], above: false }],
    ['a/d/e', { detectors: [directory, both], above: false }],
    ['a/d/x/y', null],
    ['a/x', null],
    ['a/b/c/d', null],
    ['b/c', null],
    ['', null],
  ])('of %j', (path, role) => {
    expect(fixedRole(path, index)).toEqual(role);
  });

  it('names the detectors of fixed paths and of names, without duplicates', () => {
    const twice = detector('twice', ...exactPaths('a/c'), { kind: 'basename', name: 'c' });
    const more = indexPatterns([exact, anywhere, twice]);
    expect(detectorsOfPath('a/b/c', more)).toEqual([exact, anywhere, twice]);
    expect(detectorsOfPath('a/c', more).map(({ id }) => id)).toEqual(['anywhere', 'twice']);
    expect(detectorsOfPath('a/b', more)).toEqual([exact]);
  });
});

describe('a name in any directory', () => {
  const manifest = detector('manifest', { kind: 'basename', name: 'package.json' });
  const metadata = detector(
    'metadata',
    { kind: 'basename', name: 'METADATA', parentSuffix: '.dist-info' },
    { kind: 'basename', name: 'METADATA', parentSuffix: '.egg-info' },
  );
  const archive = detector('archive', { kind: 'suffix', suffix: '.jar' }, { kind: 'suffix', suffix: '.war' });
  const deps = detector('deps', { kind: 'suffix', suffix: '.deps.json' }, { kind: 'suffix', suffix: 'n' });
  const both = detector('both', { kind: 'basename', name: 'app.jar' }, { kind: 'suffix', suffix: '.jar' });
  const accepts = (path: string): boolean => path.startsWith('lib/');
  const some = detector('some', { kind: 'basename', name: 'METADATA', parentSuffix: 'x', accepts });
  const records = detector('records', { kind: 'suffix', suffix: '.json', parentSuffix: 'meta' });
  const index = indexPatterns([manifest, metadata, archive, deps, both, some, records]);

  it.each<[string, readonly string[]]>([
    ['package.json', ['manifest', 'deps']],
    ['a/b/package.json', ['manifest', 'deps']],
    ['a/b/npackage.json', ['deps']],
    ['package.json/a', []],
    ['a.dist-info/METADATA', ['metadata']],
    ['usr/lib/a-1.egg-info/METADATA', ['metadata']],
    ['.dist-info/METADATA', ['metadata']],
    ['a.dist-info/b/METADATA', []],
    ['a.dist-info2/METADATA', []],
    ['METADATA', []],
    ['lib/x/METADATA', ['some']],
    ['lib/y/METADATA', []],
    ['opt/x/METADATA', []],
    ['a/x.jar', ['archive', 'both']],
    ['a/app.jar', ['both', 'archive']],
    ['.jar', ['archive', 'both']],
    ['jar', []],
    ['a.jar/b', []],
    ['x.JAR', []],
    ['b.war', ['archive']],
    ['a/x.deps.json', ['deps']],
    ['n', ['deps']],
    ['opt/conda-meta/x.json', ['deps', 'records']],
    ['opt/conda-meta/y/x.json', ['deps']],
    ['', []],
  ])('%j', (path, ids) => {
    const found = detectorsOfName(path, index).map(({ id }) => id);
    expect(found.toSorted()).toEqual(ids.toSorted());
    expect(fixedRole(path, index)).toBeNull();
  });
});

describe('an index', () => {
  it('has the detectors of executables, and states whether any pattern matches in any directory', () => {
    const one = detector('one', { kind: 'executable' }, { kind: 'executable' });
    expect(indexPatterns([one])).toMatchObject({ executables: [one], isAnywhere: true });
    expect(indexPatterns([detector('name', { kind: 'basename', name: 'x' })])).toMatchObject({ isAnywhere: true });
    const fixed = detector('fixed', ...exactPaths('a'), ...childrenOf('b'));
    expect(indexPatterns([fixed])).toMatchObject({ executables: [], isAnywhere: false });
  });
});

describe('the files of a directory', () => {
  const lists = detector('lists', childrenEndingIn('.list', 'info'));
  const all = detector('all', ...childrenOf('info'));

  it.each<[string, readonly string[] | undefined]>([
    ['info/a.list', ['lists']],
    ['info/a.postinst', undefined],
    ['info/sub/a.list', undefined],
    ['a.list', undefined],
  ])('are wanted by suffix: %s', (path, ids) => {
    expect(fixedRole(path, indexPatterns([lists]))?.detectors.map(({ id }) => id)).toEqual(ids);
  });

  it('may be wanted under any name by another detector', () => {
    const ids = (path: string): unknown => fixedRole(path, indexPatterns([lists, all]))?.detectors.map(({ id }) => id);
    expect([ids('info/a.list'), ids('info/a')]).toEqual([['lists', 'all'], ['all']]);
  });
});

describe('symbolic links', () => {
  it.each<[string, readonly boolean[]]>([
    ['lib', [false, true, true]],
    ['usr/lib64', [false, false, true]],
    ['usr/share/x', [false, false, false]],
  ])('at %s are followed up to the wanted depth', (path, expected) => {
    const followed = [0, 1, 2].map((depth) => {
      const links: readonly PathPattern[] = depth === 0 ? [] : [{ kind: 'link', depth }];
      return isFollowedLink(path, indexPatterns([detector('links', ...links)]));
    });
    expect(followed).toEqual(expected);
  });
});

describe('ancestorsOf', () => {
  it.each([
    ['a/b/c', ['a/b', 'a']],
    ['a', []],
    ['', []],
  ])('of %j are %j', (path, ancestors) => {
    expect(ancestorsOf(path)).toEqual(ancestors);
  });
});
