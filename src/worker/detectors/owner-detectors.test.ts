import { describe, expect, it } from 'vitest';
import type { Detector } from './detector.ts';
import { DETECTORS } from './index.ts';
import { withOwners } from './owner-detectors.ts';
import type { PathPattern } from './path-pattern.ts';

function features(id: string, ...wants: readonly PathPattern[]): Detector {
  return { id, kind: 'features', version: 1, wants, read: () => ({ diagnostics: [] }) };
}

const JARS = features('jars', { kind: 'suffix', suffix: '.jar' });
const GEMS = features('gems', { kind: 'suffix', suffix: '.gem' });
const LIST = Buffer.from('/a.jar\n/a.gem\n/a.txt\n');
const RECORD = Buffer.from('P:a\nV:1-r0\nF:\nR:a.jar\nR:a.gem\nR:a.txt\n');

function pathsOf(detectors: readonly Detector[], id: string, path: string, bytes: Uint8Array): readonly string[] {
  const found = detectors.find((each) => each.id === id)?.read(path, bytes);
  return found?.ownedPaths?.flatMap(({ paths }) => paths) ?? [];
}

describe('a list of detectors', () => {
  it('without a features detector stays unchanged and reads no file lists', () => {
    const systems = DETECTORS.filter(({ kind }) => kind !== 'features');
    expect(withOwners(systems)).toBe(systems);
    expect(systems.find(({ id }) => id === 'dpkg-file-lists')?.wants).toEqual([]);
    expect(pathsOf(systems, 'apk', 'lib/apk/db/installed', RECORD)).toEqual([]);
  });

  it('reads the owners of the files that its features detectors read', () => {
    const one = withOwners([...DETECTORS, JARS]);
    expect(pathsOf(one, 'dpkg-file-lists', 'var/lib/dpkg/info/a.list', LIST)).toContain('a.jar');
    expect(pathsOf(one, 'dpkg-file-lists', 'var/lib/dpkg/info/a.list', LIST)).not.toContain('a.txt');
    expect(pathsOf(one, 'apk', 'lib/apk/db/installed', RECORD)).toContain('a.jar');
    expect(one.find(({ id }) => id === 'dpkg-file-lists')?.wants).toContainEqual({
      kind: 'children',
      directory: 'var/lib/dpkg/info',
      suffix: '.list',
    });
  });

  it('accepts further features detectors and reads owners for all of them', () => {
    const two = withOwners([...withOwners([...DETECTORS, JARS]), GEMS]);
    expect(two).toHaveLength(DETECTORS.length + 2);
    expect(pathsOf(two, 'dpkg-file-lists', 'var/lib/dpkg/info/a.list', LIST)).toEqual(['a.jar', 'a.gem']);
    expect(pathsOf(two, 'apk', 'lib/apk/db/installed', RECORD)).toEqual(['a.jar', 'a.gem']);
  });

  it('keeps directory links for one detector only', () => {
    const wanting = (detectors: readonly Detector[]): readonly string[] =>
      detectors.flatMap(({ id, wants }) => wants.filter(({ kind }) => kind === 'link').map(() => id));
    expect(wanting(DETECTORS)).toEqual([]);
    expect(wanting(withOwners(withOwners([...DETECTORS, JARS])))).toEqual(['directory-links']);
  });
});
