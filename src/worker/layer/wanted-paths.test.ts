import { describe, expect, it } from 'vitest';

import type { Detector } from '../detectors/detector.ts';
import { ancestorsOf, indexWantedPaths, roleOfPath } from './wanted-paths.ts';

function detector(id: string, ...paths: string[]): Detector {
  return { id, kind: 'packages', version: 1, paths, read: () => ({ problems: [] }) };
}

describe('roleOfPath', () => {
  const exact = detector('exact', 'a/b/c', 'a/b');
  const directory = detector('directory', 'a/d/*', '*');
  const both = detector('both', 'a/d/e', 'a/d/*');
  const wanted = indexWantedPaths([exact, directory, both]);

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
    expect(roleOfPath(path, wanted)).toEqual(role);
  });
});

describe('ancestorsOf', () => {
  it.each([
    ['a/b/c', ['a/b', 'a']],
    ['a', []],
    ['', []],
  ])('%j are %j', (path, ancestors) => {
    expect(ancestorsOf(path)).toEqual(ancestors);
  });
});
